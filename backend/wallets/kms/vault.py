"""Vault's transit engine (API v1): datakey/plaintext, decrypt and rewrap, bound by `context`.

The key must be made with `derived=true`: Vault then derives a key from the context, and ignores the context
otherwise. `associated_data` is no alternative, since neither datakey nor rewrap takes it. The token's policy needs
update on <mount>/datakey/plaintext/<key>, <mount>/decrypt/<key>, <mount>/rewrap/<key>, and read on
<mount>/keys/<key>.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from backend.wallets.kms.envelope import (
    DOES_NOT_OPEN,
    DataKey,
    EnvelopeKms,
    KmsError,
    KmsUnavailable,
    Wrapped,
    associated,
)
from backend.wallets.kms.patience import Patience

_TRANSIENT = frozenset({412, 429, 472, 473, 500, 502, 503, 504})
_FOREIGN = ("message authentication failed", "invalid ciphertext")


class VaultKms(EnvelopeKms):
    """Master keys that never leave Vault. `timeout` is seconds per attempt.

    The token is read from its file at each request: an agent may renew it.
    """

    def __init__(
        self,
        url: str,
        mount: str,
        key: str,
        token_file: Path,
        timeout: float = 2.0,
        patience: Patience | None = None,
    ) -> None:
        self._base = f"{url.rstrip('/')}/v1/{mount}"
        self._key = key
        self._token_file = token_file
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._patience = patience or Patience()
        self._session: aiohttp.ClientSession | None = None

    async def newest(self) -> str:
        """The key's latest version. Raises KmsError for a key that does not bind to a context."""
        found = await self._ask("GET", f"keys/{self._key}")
        if not found.get("derived"):
            raise KmsError(
                f"Vault's key {self._key!r} is not bound to contexts: make another one with derived=true."
            )
        return self._name(int(found["latest_version"]))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _new_data_key(self, context: Mapping[str, str]) -> DataKey:
        body = {"context": _encoded(associated(context)), "bits": 256}
        made = await self._ask("POST", f"datakey/plaintext/{self._key}", body)
        return DataKey(self._wrapped(made), _decoded(made["plaintext"]))

    async def _unwrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> bytes:
        body = {"context": _encoded(associated(context)), "ciphertext": self._ciphertext(wrapped)}
        return _decoded((await self._ask("POST", f"decrypt/{self._key}", body))["plaintext"])

    async def _rewrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> Wrapped:
        body = {"context": _encoded(associated(context)), "ciphertext": self._ciphertext(wrapped)}
        return self._wrapped(await self._ask("POST", f"rewrap/{self._key}", body))

    def _name(self, version: int) -> str:
        return f"{self._key}:v{version}"

    def _wrapped(self, answer: Mapping[str, Any]) -> Wrapped:
        """`vault:v3:<base64>` in two parts: which version, and the bytes."""
        _, version, text = str(answer["ciphertext"]).split(":", 2)
        return Wrapped(self._name(int(version.removeprefix("v"))), _decoded(text))

    def _ciphertext(self, wrapped: Wrapped) -> str:
        key, _, version = wrapped.master.rpartition(":")
        if key != self._key:
            raise KmsError(f"The sealed key is under {wrapped.master!r}, and KMS_URL names {self._key!r}.")
        return f"vault:{version}:{_encoded(wrapped.key)}"

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        return await self._patience.ask(lambda: self._once(method, path, body))

    async def _once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
        try:
            async with self._session.request(
                method, f"{self._base}/{path}", json=body, headers=headers
            ) as answer:
                document = await _json(answer)
                if answer.status == 200:
                    data: Mapping[str, Any] = document["data"]
                    return data
                raise _refusal(answer.status, document)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise KmsUnavailable(f"Vault cannot be reached: {type(error).__name__}.") from None
        except (KeyError, TypeError):
            raise KmsError("Vault answers what transit does not: check KMS_URL.") from None

    def _token(self) -> str:
        try:
            return self._token_file.read_text().strip()
        except OSError as error:
            raise KmsError(
                f"VAULT_TOKEN_FILE {str(self._token_file)!r} cannot be read: {error.strerror}."
            ) from None


async def _json(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """The answer's document; empty where a proxy answered something else."""
    try:
        found = await answer.json(content_type=None)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _refusal(status: int, document: Mapping[str, Any]) -> KmsError:
    said = "; ".join(str(one) for one in document.get("errors") or [])[:200]
    if status in _TRANSIENT:
        return KmsUnavailable(f"Vault answers {status}: {said or 'nothing more'}.")
    if any(words in said for words in _FOREIGN):
        return KmsError(DOES_NOT_OPEN)
    return KmsError(
        f"Vault refuses with {status}: {said or 'nothing more'}. Check KMS_URL and the token's policy."
    )


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise KmsError("Vault answers what transit does not: check KMS_URL.") from None
