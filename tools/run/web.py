"""Reading the local system's HTTP faces."""

import json
import urllib.error
import urllib.request
from typing import Any


def answers_ok(url: str, timeout: float = 2.0) -> bool:
    """Whether a GET answers 200."""
    return get_json(url, timeout) is not None


def get_json(url: str, timeout: float = 2.0) -> Any:
    """The JSON of a GET that answers 200; None otherwise."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:  # noqa: S310 - our own local addresses
            return json.load(response) if response.status == 200 else None
    except (OSError, ValueError):
        return None
