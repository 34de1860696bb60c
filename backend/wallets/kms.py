"""Envelope encryption behind one interface: a master key we never store wraps a data key per secret.

`seal` and `open` bind the secret to a context (user, wallet, version): a row copied elsewhere does not open.
`FileKms` keeps the master key in a file of mode 0600. Other backends implement `Kms` alone.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE = 12
_KEY = 32
_WRAPPED = _NONCE + _KEY + 16


class KmsError(Exception):
    """The key service refused or failed; the message never holds key material."""


class Kms(Protocol):
    """Wraps and unwraps data keys."""

    async def seal(self, secret: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt a secret for a context."""
        ...

    async def open(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt; raises KmsError when the context or the bytes are not those sealed."""
        ...


class FileKms:
    """A KMS whose master key is a file: 64 hex digits."""

    def __init__(self, master_key: bytes) -> None:
        self._master = AESGCM(master_key)

    @classmethod
    def load(cls, path: Path, create: bool) -> FileKms:
        """Read the master key; `create` makes a missing one (local only). Refuses a file others can read."""
        if create and not path.exists():
            _create(path)
        try:
            mode = path.stat().st_mode
            text = path.read_text().strip().removeprefix("0x")
        except OSError as error:
            raise KmsError(f"KMS_FILE {str(path)!r} cannot be read: {error.strerror}.") from None
        if mode & 0o077:
            raise KmsError(f"KMS_FILE {str(path)!r} can be read by others: `chmod 600` it.")
        if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
            raise KmsError(f"KMS_FILE {str(path)!r} must hold 64 hex digits (a 32-byte key).")
        return cls(bytes.fromhex(text))

    async def seal(self, secret: bytes, context: Mapping[str, str]) -> bytes:
        """Version byte, wrapped data key, encrypted secret."""
        bound = _associated(context)
        data_key = secrets.token_bytes(_KEY)
        wrap_nonce, nonce = secrets.token_bytes(_NONCE), secrets.token_bytes(_NONCE)
        wrapped = wrap_nonce + self._master.encrypt(wrap_nonce, data_key, bound)
        return _VERSION + wrapped + nonce + AESGCM(data_key).encrypt(nonce, secret, bound)

    async def open(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """Unwrap the data key, then the secret."""
        bound = _associated(context)
        wrapped, rest = sealed[1 : 1 + _WRAPPED], sealed[1 + _WRAPPED :]
        if sealed[:1] != _VERSION or len(rest) < _NONCE:
            raise KmsError("The sealed key has an unknown form.")
        try:
            data_key = self._master.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], bound)
            return AESGCM(data_key).decrypt(rest[:_NONCE], rest[_NONCE:], bound)
        except InvalidTag:
            raise KmsError(
                "The sealed key does not open: wrong master key, or sealed for another owner."
            ) from None


def _associated(context: Mapping[str, str]) -> bytes:
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":")).encode()


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(_KEY) + "\n")
