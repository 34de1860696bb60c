"""An error as one line that may be stored, and shown to admins: what looks like a secret is left out."""

from __future__ import annotations

import re

from backend.process import first_line
from listener.redaction import HIDDEN, clean

LONGEST = 300
_SECRETS = (  # besides what no log line may hold
    re.compile(r"(?i)\b[\w-]*code['\"]?\s*[=:]\s*['\"]?[^\s&'\",;]+"),
    re.compile(r"\b(?:0x)?[0-9a-fA-F]{40,}\b"),
    re.compile(r"(?<![\w-])[\w-]{32,}(?![\w-])"),  # random text as we make it
)


def clean_line(error: BaseException) -> str:
    """The kind of the error and the first line of what it says, at most 300 characters."""
    said = first_line(error)
    kind = type(error).__name__
    return redacted(said if said == kind else f"{kind}: {said}")


def redacted(text: str) -> str:
    """The text without what looks like a secret, without control characters, shortened."""
    text = clean(text)
    for pattern in _SECRETS:
        text = pattern.sub(HIDDEN, text)
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)[:LONGEST]
