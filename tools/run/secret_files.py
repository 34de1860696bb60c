"""Secrets of the local system: made at random on the first run, in files that only their owner reads."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from eth_account import Account


@dataclass(frozen=True)
class SecretFiles:
    """Files below the secrets folder, each existing after `create`."""

    folder: Path

    @property
    def jwt(self) -> Path:
        return self.folder / "jwt_secret"

    @property
    def kms(self) -> Path:
        return self.folder / "kms.key"

    @property
    def keeper(self) -> Path:
        return self.folder / "keeper.key"

    @property
    def treasury(self) -> Path:
        return self.folder / "treasury.key"

    @property
    def oracle(self) -> Path:
        return self.folder / "oracle.key"

    @property
    def stripe(self) -> Path:
        return self.folder / "stripe.key"

    @property
    def accounts(self) -> tuple[Path, ...]:
        """Key files of chain accounts, which need POL."""
        return (self.keeper, self.treasury, self.oracle)

    def create(self) -> None:
        """Make the files that are missing: 32 random bytes in hex each."""
        for path in (self.jwt, self.kms, self.stripe, *self.accounts):
            if not path.exists():
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w") as file:
                    file.write(secrets.token_hex(32) + "\n")


def address_of(key_file: Path) -> str:
    """The checksummed address of a key file."""
    return str(Account.from_key(key_file.read_text().strip()).address)
