"""Access tokens (signed, short) and refresh tokens (random, stored as a hash, usable once)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

ALGORITHM = "HS256"
ISSUER = "tombola"
AUDIENCE = "tombola-api"
_CLAIMS = ["exp", "iat", "sub", "sid", "iss", "aud"]


@dataclass(frozen=True)
class Access:
    """What an access token says: who, in which session."""

    user_id: UUID
    session_id: UUID


class AccessTokens:
    """Issues and reads access tokens; one algorithm, and a token's `kid` only chooses among our own secrets.

    The first secret signs. The others are of before a rotation and still read, until their tokens expire.
    """

    def __init__(self, secrets_newest_first: Sequence[str], lifetime_seconds: int) -> None:
        self._keys = {key_id(secret): secret for secret in secrets_newest_first}
        self._newest = key_id(secrets_newest_first[0])
        self.lifetime_seconds = lifetime_seconds

    def issue(self, access: Access) -> str:
        """Sign a token valid from now for the lifetime."""
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(access.user_id),
            "sid": str(access.session_id),
            "iat": now,
            "exp": now + timedelta(seconds=self.lifetime_seconds),
        }
        return jwt.encode(
            claims, self._keys[self._newest], algorithm=ALGORITHM, headers={"kid": self._newest}
        )

    def read(self, token: str) -> Access | None:
        """What a valid token says; None for anything else."""
        try:
            claims = jwt.decode(
                token,
                self._keys[jwt.get_unverified_header(token)["kid"]],
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": _CLAIMS},
            )
            return Access(UUID(claims["sub"]), UUID(claims["sid"]))
        except (jwt.InvalidTokenError, LookupError, ValueError, TypeError, AttributeError):
            return None


def key_id(secret: str) -> str:
    """What tokens call a signing secret by; it says nothing about the secret."""
    return hmac.new(secret.encode(), b"tombola key id", hashlib.sha256).hexdigest()[:16]


def new_refresh_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def refresh_hash(token: str) -> bytes:
    """What the database keeps of a refresh token; random input needs no salt."""
    return hashlib.sha256(token.encode()).digest()
