"""Which URLs a webhook may have. What their names lead to is checked when the connection is made."""

from __future__ import annotations

import re

from yarl import URL

PORTS = (443, 8443)
LONGEST = 2000
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))+")
_INTERNAL = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "onion")


def problem(text: str, allow_private: bool) -> str | None:
    """Why a webhook may not have this URL; None when it may. `allow_private`: local use, any host and port."""
    if len(text) > LONGEST or not text.isascii() or re.search(r"[\x00-\x20\x7f\\]", text):
        return f"must be at most {LONGEST} plain ASCII characters without spaces or backslashes"
    try:
        url = URL(text)
        host, port = url.raw_host, url.port
    except ValueError:
        return "is not a URL"
    if url.scheme not in ("http", "https") or not host:
        return "must begin with https:// and a host name"
    if url.user is not None or url.password is not None or "@" in text.split("/")[2]:
        return "must not hold a user or a password"
    if url.fragment or "#" in text:
        return "must not have a fragment (#)"
    return None if allow_private else _problem_in_production(url, host, port)


def _problem_in_production(url: URL, host: str, port: int | None) -> str | None:
    if url.scheme != "https":
        return "must begin with https://"
    if port not in PORTS:
        return f"must use port {' or '.join(map(str, PORTS))}"
    labels = host.lower().rstrip(".").split(".")
    # An address in any notation ends in something numeric; a name does not (WHATWG URL, 3.5).
    if ":" in host or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        return "must name its host: an address has no certificate"
    if not _NAME.fullmatch(".".join(labels)) or labels[-1] in _INTERNAL:
        return "must name a host of the public internet"
    return None
