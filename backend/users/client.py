"""From where somebody signed in: what the list of sessions shows."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from backend.auth.throttle import network_of

_DEVICE_CHARACTERS = 200


@dataclass(frozen=True)
class Client:
    """`device` is what the browser says of itself, `network` its address (an IPv6 one as its /64)."""

    device: str = ""
    network: str = ""


def client_of(request: Request) -> Client:
    """Of the one who sent the request."""
    told = request.headers.get("user-agent", "")
    device = "".join(character for character in told if character.isprintable())[:_DEVICE_CHARACTERS]
    return Client(device, network_of(request.client.host if request.client else None))
