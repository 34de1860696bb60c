"""The envelope: a secret under a data key of its own, and that key under a master key elsewhere.

Layout of version 2: 0x02, length (1 byte) and name of the master key, length (2 bytes) and wrapped data key,
nonce (12 bytes), AES-256-GCM of the secret. Version 1, which only files have: 0x01, wrapped data key (60 bytes),
nonce, secret. The name of the master key is there to find it; who changes it finds a key that does not open.
"""

from __future__ import annotations

import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
KEY = 32
TAG = 16
_FIRST, _CURRENT = 1, 2
_FIRST_WRAPPED = NONCE + KEY + TAG
DOES_NOT_OPEN = "The sealed key does not open: wrong master key, or sealed for another owner."
UNKNOWN_FORM = "The sealed key has an unknown form."


class KmsError(Exception):
    """The key service refused or failed; the message never holds key material."""


class KmsUnavailable(KmsError):
    """The key service is throttled, slow or down: the same may succeed later."""


class Kms(Protocol):
    """Seals secrets and opens them; errors are KmsError."""

    async def seal(self, secret: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt a secret for a context."""
        ...

    async def open(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt; raises KmsError when the context or the bytes are not those sealed."""
        ...

    async def newest(self) -> str:
        """Name of the master key that seals now."""
        ...

    async def rewrap(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """The same secret under the newest master key; it is not decrypted for that."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


@dataclass(frozen=True)
class Wrapped:
    """A data key under a master key; `master` is empty in envelopes of version 1."""

    master: str
    key: bytes


@dataclass(frozen=True)
class DataKey:
    """A new data key, in the clear and wrapped. It is never printed."""

    wrapped: Wrapped
    plain: bytes

    def __repr__(self) -> str:
        return f"DataKey(wrapped={self.wrapped!r})"


class EnvelopeKms(ABC):
    """What every backend shares: the envelope. A backend makes, unwraps and re-wraps data keys."""

    async def seal(self, secret: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt a secret for a context. Raises KmsError."""
        made = await self._new_data_key(context)
        nonce = secrets.token_bytes(NONCE)
        return pack(made.wrapped, nonce + AESGCM(made.plain).encrypt(nonce, secret, associated(context)))

    async def open(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """Unwrap the data key, then the secret. Raises KmsError."""
        wrapped, body = unpack(sealed)
        plain = await self._unwrap(wrapped, context)
        try:
            return AESGCM(plain).decrypt(body[:NONCE], body[NONCE:], associated(context))
        except (InvalidTag, ValueError):
            raise KmsError(DOES_NOT_OPEN) from None

    async def rewrap(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """Put the data key under the newest master key; the secret's own bytes stay. Raises KmsError."""
        wrapped, body = unpack(sealed)
        return pack(await self._rewrap(wrapped, context), body)

    @abstractmethod
    async def newest(self) -> str:
        """Name of the master key that seals now. Raises KmsError."""

    @abstractmethod
    async def close(self) -> None:
        """Give back connections."""

    @abstractmethod
    async def _new_data_key(self, context: Mapping[str, str]) -> DataKey: ...

    @abstractmethod
    async def _unwrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> bytes: ...

    @abstractmethod
    async def _rewrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> Wrapped: ...


def associated(context: Mapping[str, str]) -> bytes:
    """A context as the bytes that encryption is bound to."""
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":")).encode()


def master_prefix(master: str) -> bytes:
    """With what every envelope under this master key begins."""
    name = master.encode()
    return bytes([_CURRENT, len(name)]) + name


def pack(wrapped: Wrapped, body: bytes) -> bytes:
    """The envelope's bytes."""
    return master_prefix(wrapped.master) + len(wrapped.key).to_bytes(2, "big") + wrapped.key + body


def unpack(sealed: bytes) -> tuple[Wrapped, bytes]:
    """(wrapped data key, nonce and secret); raises KmsError for what is no envelope."""
    if sealed[:1] == bytes([_FIRST]):
        wrapped = Wrapped("", sealed[1 : 1 + _FIRST_WRAPPED])
        body = sealed[1 + _FIRST_WRAPPED :]
    elif sealed[:1] == bytes([_CURRENT]) and len(sealed) > 2:
        end = 2 + sealed[1]
        start, size = end + 2, int.from_bytes(sealed[end : end + 2], "big")
        try:
            wrapped = Wrapped(sealed[2:end].decode("ascii"), sealed[start : start + size])
        except UnicodeDecodeError:
            raise KmsError(UNKNOWN_FORM) from None
        body = sealed[start + size :]
    else:
        raise KmsError(UNKNOWN_FORM)
    if len(body) < NONCE + TAG:
        raise KmsError(UNKNOWN_FORM)
    return wrapped, body
