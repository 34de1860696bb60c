"""Who this site is to authenticators and wallets: never taken from a request."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from backend.settings import Settings

NAME = "Tombola"


@dataclass(frozen=True)
class RelyingParty:
    """`id` is the host a passkey belongs to; `origin` scheme, host and port of our pages; `domain` without scheme."""

    id: str
    origin: str
    domain: str


def relying_party(settings: Settings) -> RelyingParty:
    """From PUBLIC_URL; a developer's machine without it is `localhost`, as passkeys work on no bare address."""
    parts = urlsplit(settings.site)
    return RelyingParty(parts.hostname or "", f"{parts.scheme}://{parts.netloc}", parts.netloc)
