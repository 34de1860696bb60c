"""Links at which a file of the folder can be downloaded: signed, for a while, by whoever has them.

The key that signs is derived from JWT_SECRET, so that no link passes for an access token and no token for a link.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import jwt

from backend.files.store import check_key, check_lifetime

ALGORITHM = "HS256"
AUDIENCE = "tombola-files"
_CLAIMS = ["exp", "aud", "key", "name", "type"]


@dataclass(frozen=True)
class FileLink:
    """What a link gives: a file, the name it is saved under, its media type."""

    key: str
    name: str
    media_type: str


class FileLinks:
    """Makes links with the first secret, and reads those of the ones before it too."""

    def __init__(self, secrets_newest_first: Sequence[str], site: str) -> None:
        self._keys = [_derived(secret) for secret in secrets_newest_first]
        self._site = site

    def make(self, key: str, name: str, media_type: str, lifetime: timedelta) -> str:
        """A URL of this site; raises ValueError for a lifetime beyond what links have."""
        expires = datetime.now(UTC) + timedelta(seconds=check_lifetime(lifetime))
        claims = {"aud": AUDIENCE, "key": key, "name": name, "type": media_type, "exp": expires}
        return f"{self._site}/api/v1/files/{jwt.encode(claims, self._keys[0], algorithm=ALGORITHM)}"

    def read(self, token: str) -> FileLink | None:
        """What a link gives; None for one that has run out or is not ours. The library compares in constant time."""
        for key in self._keys:
            try:
                claims = jwt.decode(
                    token, key, algorithms=[ALGORITHM], audience=AUDIENCE, options={"require": _CLAIMS}
                )
                return FileLink(check_key(claims["key"]), claims["name"], claims["type"])
            except jwt.InvalidTokenError:
                continue
        return None


def as_attachment(name: str) -> str:
    """The Content-Disposition (RFC 6266) of a file that is saved under `name`, not shown."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _derived(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"tombola file links", hashlib.sha256).digest()
