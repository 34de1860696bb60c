"""Master keys in a file of mode 0600: one key of 64 hex digits a line, the last one seals, all of them open.

Keys are named by a fingerprint. The file is read again when it changed, so running processes know a new master
key the moment it is added. Lines are never removed by us: backups of the database need the old ones.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.wallets.kms.envelope import (
    DOES_NOT_OPEN,
    KEY,
    NONCE,
    DataKey,
    EnvelopeKms,
    KmsError,
    Wrapped,
    associated,
)

Stamp = tuple[int, int, int]


class FileKms(EnvelopeKms):
    """A KMS whose master keys are lines of a file."""

    def __init__(self, path: Path) -> None:
        """Raises KmsError when the file is missing, open to others, or holds no keys."""
        self._path = path
        self._stamp: Stamp | None = None
        self._masters: dict[str, AESGCM] = {}
        self._refresh()

    @classmethod
    def load(cls, path: Path, create: bool) -> FileKms:
        """Read the master keys; `create` makes a missing file (local only). Refuses a file others can read."""
        if create and not path.exists():
            _create(path)
        return cls(path)

    async def newest(self) -> str:
        """Fingerprint of the last line."""
        return self._newest()

    async def close(self) -> None:
        """There is nothing to give back."""

    async def _new_data_key(self, context: Mapping[str, str]) -> DataKey:
        plain = secrets.token_bytes(KEY)
        return DataKey(self._wrap(plain, context), plain)

    async def _unwrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> bytes:
        self._refresh()
        if wrapped.master and wrapped.master not in self._masters:
            raise KmsError(
                f"KMS_FILE {str(self._path)!r} does not hold master key {wrapped.master}: add its line again."
            )
        tried = [wrapped.master] if wrapped.master else list(self._masters)
        for name in tried:
            try:
                return self._masters[name].decrypt(
                    wrapped.key[:NONCE], wrapped.key[NONCE:], associated(context)
                )
            except (InvalidTag, ValueError):
                continue
        raise KmsError(DOES_NOT_OPEN)

    async def _rewrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> Wrapped:
        return self._wrap(await self._unwrap(wrapped, context), context)

    def _wrap(self, plain: bytes, context: Mapping[str, str]) -> Wrapped:
        name, nonce = self._newest(), secrets.token_bytes(NONCE)
        return Wrapped(name, nonce + self._masters[name].encrypt(nonce, plain, associated(context)))

    def _newest(self) -> str:
        self._refresh()
        return list(self._masters)[-1]

    def _refresh(self) -> None:
        """Read the file if it changed. A file that went away leaves what is known."""
        try:
            found = self._path.stat()
        except OSError as error:
            if self._masters:
                return
            raise KmsError(f"KMS_FILE {str(self._path)!r} cannot be read: {error.strerror}.") from None
        stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
        if stamp != self._stamp:
            self._masters = {fingerprint(key): AESGCM(key) for key in read_master_keys(self._path)}
            self._stamp = stamp


def read_master_keys(path: Path) -> list[bytes]:
    """The keys of the file, oldest first. Raises KmsError."""
    try:
        mode = path.stat().st_mode
        lines = path.read_text().split()
    except OSError as error:
        raise KmsError(f"KMS_FILE {str(path)!r} cannot be read: {error.strerror}.") from None
    if mode & 0o077:
        raise KmsError(f"KMS_FILE {str(path)!r} can be read by others: `chmod 600` it.")
    keys = [line.removeprefix("0x") for line in lines]
    if not keys or not all(re.fullmatch(r"[0-9a-fA-F]{64}", key) for key in keys):
        raise KmsError(f"KMS_FILE {str(path)!r} must hold 64 hex digits (a 32-byte key), one key a line.")
    return [bytes.fromhex(key) for key in keys]


def add_master_key(path: Path) -> str:
    """Add a new key as the last line; returns its fingerprint. The file is whole at every moment.

    Raises KmsError.
    """
    with _alone_in(path.parent):
        keys = [*read_master_keys(path), secrets.token_bytes(KEY)]
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)  # of a rotation that was killed here
        _write(fresh, "".join(f"{key.hex()}\n" for key in keys))
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return fingerprint(keys[-1])


def fingerprint(key: bytes) -> str:
    """The name of a master key: 8 bytes of a hash, which say nothing about 32 random ones."""
    return hashlib.sha256(b"tombola master key" + key).hexdigest()[:16]


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(path.parent):
        if not path.exists():
            fresh = path.with_name(f"{path.name}.new")
            fresh.unlink(missing_ok=True)
            _write(fresh, secrets.token_hex(KEY) + "\n")
            fresh.replace(path)


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One writer at a time; the lock ends with the process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
