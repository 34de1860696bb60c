"""Access tokens (signed, short) and refresh tokens (random, stored as a hash, usable once)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

ALGORITHM = "HS256"
ISSUER = "tombola"
AUDIENCE = "tombola-api"
MOST_REMEMBERED = 10_000
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
        self._secret, self._kid = secrets_newest_first[0], key_id(secrets_newest_first[0])
        # Under the header of its tokens, always the same: no other header is ours, whatever it says. A key that is
        # prepared once is not looked at again for each token.
        self._keys = {_header(secret): _prepared(secret) for secret in secrets_newest_first}
        self._known: dict[str, tuple[Access, int]] = {}
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
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM, headers={"kid": self._kid})

    def read(self, token: str) -> Access | None:
        """What a valid token says; None for anything else.

        A token that was found right stays right until it expires: it is remembered, since it comes many times.
        """
        known = self._known.get(token)
        if known is None:
            known = self._verify(token)
            if known is None:
                return None
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[token] = known
        access, expires = known
        return access if time.time() < expires else None

    def _verify(self, token: str) -> tuple[Access, int] | None:
        """What it says, and when it expires, in seconds since 1970."""
        try:
            claims = jwt.decode(
                token,
                self._keys[token.partition(".")[0]],
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": _CLAIMS},
            )
            return Access(UUID(claims["sub"]), UUID(claims["sid"])), int(claims["exp"])
        except (jwt.InvalidTokenError, LookupError, ValueError, TypeError, AttributeError):
            return None


def _header(secret: str) -> str:
    """The first part of every token that a secret signs."""
    return jwt.encode({}, secret, algorithm=ALGORITHM, headers={"kid": key_id(secret)}).partition(".")[0]


def _prepared(secret: str) -> jwt.PyJWK:
    octets = base64.urlsafe_b64encode(secret.encode()).decode()
    return jwt.PyJWK({"kty": "oct", "k": octets}, algorithm=ALGORITHM)


def key_id(secret: str) -> str:
    """What tokens call a signing secret by; it says nothing about the secret."""
    return hmac.new(secret.encode(), b"tombola key id", hashlib.sha256).hexdigest()[:16]


def new_refresh_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def refresh_hash(token: str) -> bytes:
    """What the database keeps of a refresh token; random input needs no salt."""
    return hashlib.sha256(token.encode()).digest()
