"""What the API answers instead of the thing asked for (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx


class TombolaProblem(Exception):
    """A refusal. `code` is stable and for programs, the sentence is for people.

    `said` is the whole answer: many refusals name their values beside the sentence (`limit_bytes`, `missing`).
    """

    def __init__(self, status: int, said: Mapping[str, Any]) -> None:
        self.status = status
        self.said = dict(said)
        self.code = str(said.get("code") or f"http_{status}")
        self.title = str(said.get("title") or "")
        self.detail = str(said.get("detail") or "")
        super().__init__(f"{self.code}: {self.detail or f'the server answered {status} without saying why'}")

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Of malformed input: `field` and `reason` of each thing that is wrong."""
        return list(self.said.get("errors") or [])

    @property
    def retry_after(self) -> int | None:
        """Seconds after which the same request may be answered."""
        seconds = self.said.get("retry_after")
        return seconds if isinstance(seconds, int) else None


def problem_of(answer: httpx.Response) -> TombolaProblem:
    """What an answer says that was read; a proxy in between says it in a page of its own."""
    try:
        said = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        said = {}
    return TombolaProblem(answer.status_code, said if isinstance(said, dict) else {})
