"""Editions: what two people, or two windows, could change over each other's head (RFC 9110, 13.1.1).

The read of such a thing tells its edition as `ETag`; a change that carries it as `If-Match` is refused when another
change came first. The tag names what can be edited and nothing else: what counts up by itself (participants, amounts
spent, blocks) would refuse changes that nobody is in the way of. So it answers no `If-None-Match`.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any

from fastapi import Header, Response

from backend.errors import AppError, InvalidInput

_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
_LIST = re.compile(rf"\s*{_TAG}(?:\s*,\s*{_TAG})*\s*")

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1000,
        description="The `ETag` of the read that this change is made on: refused if it is another by now",
        examples=['"0f343b0931126a20f133d67c2b018a3b"'],
    ),
]


class ChangedMeanwhile(AppError):
    """It was changed since you read it; read it again and decide anew"""

    status = 412


def edition(**values: Any) -> str:
    """The tag of what can be edited, as it is now."""
    canonical = json.dumps(values, sort_keys=True, default=str)
    return f'"{hashlib.sha256(canonical.encode()).hexdigest()[:32]}"'


def tell(response: Response, tag: str) -> None:
    """Say which edition is answered."""
    response.headers["ETag"] = tag


def require(if_match: str | None, tag: str) -> None:
    """Refuse a change made on another edition than `tag`, that of the row, which is locked.

    Raises ChangedMeanwhile, or InvalidInput for what is no list of tags.
    """
    if if_match is None or if_match.strip() == "*":
        return
    if not _LIST.fullmatch(if_match):
        raise InvalidInput("header.If-Match", 'is no ETag, such as "0f343b09", no list of them, and not *')
    # Strong comparison: what is marked weak is equal to nothing.
    if tag not in re.findall(_TAG, if_match):
        raise ChangedMeanwhile(
            f"This was changed since you read it: it is {tag} now. Read it again, see whether your change still"
            " holds, and send it with the ETag of that read.",
            headers={"ETag": tag},
        )
