"""Reading links that people paste. A link is only ever taken apart: which host is asked is never decided by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from backend.connectors.faults import LinkUnknown

LONGEST = 500


def read_link(reference: str, hosts: Sequence[str], title: str) -> SplitResult | None:
    """The parts of a link to one of `hosts` (or below it); None where it is no link at all.

    Raises LinkUnknown for a link to anywhere else.
    """
    text = reference.strip()
    if not text or len(text) > LONGEST or re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise LinkUnknown(f"This is no link to a post on {title}: copy the link of the post itself.")
    if not re.match(r"(?i)https?://", text):
        # People also paste what an address bar shows, without the scheme.
        if not _is_of(text.partition("/")[0].lower(), hosts):
            return None
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, login = (parts.hostname or "").lower(), parts.username
    except ValueError:
        raise LinkUnknown(f"This is no link: copy the link of the post itself on {title}.") from None
    if login is not None or not _is_of(host, hosts):
        raise LinkUnknown(f"{host[:100] or 'This'} is not {title}: copy the link of the post itself.")
    return parts


def _is_of(host: str, hosts: Sequence[str]) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def found(pattern: str, text: str) -> str | None:
    """The first group of a pattern that fits the whole text."""
    match = re.fullmatch(pattern, text)
    return None if match is None else match.group(1)


def no_post(title: str, example: str) -> LinkUnknown:
    """For a link of the right platform that names no post."""
    return LinkUnknown(f"This link names no post on {title}. It looks like {example}.")
