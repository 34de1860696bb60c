"""Which network addresses a webhook may reach: public ones, and none that leads back to us in disguise.

Sources: the IANA special-purpose address registries (RFC 6890 and its updates), RFC 4291, 6052 and 8215 for
IPv4 inside IPv6; addresses at which clouds answer a machine about itself.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_PUBLIC_V6 = IPv6Network("2000::/3")
# Everything outside 2000::/3 is refused already: loopback, link-local, ULA, multicast, v4-mapped, NAT64.
_SPECIAL_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: an IPv4 address in disguise
            "3fff::/20",  # documentation
        ),
    )
)
_SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT; also a cloud's metadata
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's host, at a public address
            "169.254.0.0/16",  # link-local; most clouds' metadata
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)


def is_public(text: str) -> bool:
    """Whether a numeric address, as a socket takes it, is somebody else's on the public internet.

    What is no canonical address (`2130706433`, `0x7f.1`, a zone) is not.
    """
    try:
        address: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    if address.scope_id is not None or address not in _PUBLIC_V6:
        return False
    return not any(address in network for network in _SPECIAL_V6)
