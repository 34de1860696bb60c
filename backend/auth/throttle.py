"""Refusing whoever tries too often, and what one subscriber's attempts are counted by."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address

from backend.errors import AppError


class TooManyAttempts(AppError):
    """Too many attempts in a short time; Retry-After says when to try again."""

    status = 429


def network_of(host: str | None) -> str:
    """What one subscriber has: an IPv4 address, or the /64 of an IPv6 address."""
    if host is None:
        return "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((address.packed, 64), strict=False))
