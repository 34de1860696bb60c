"""Access tokens (signed, short) and refresh tokens (random, stored as a hash, usable once)."""

from __future__ import annotations

import hashlib
import secrets
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
    """Issues and reads access tokens; one secret, one algorithm, nothing in a token can change either."""

    def __init__(self, secret: str, lifetime_seconds: int) -> None:
        self._secret = secret
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
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def read(self, token: str) -> Access | None:
        """What a valid token says; None for anything else."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": _CLAIMS},
            )
            return Access(UUID(claims["sub"]), UUID(claims["sid"]))
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
            return None


def new_refresh_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def refresh_hash(token: str) -> bytes:
    """What the database keeps of a refresh token; random input needs no salt."""
    return hashlib.sha256(token.encode()).digest()
