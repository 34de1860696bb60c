"""Misbehaviour to order: each request meets the next fault, until there is none left (None: this one is
served)."""

import asyncio
from typing import Literal

Fault = int | Literal["lost", "late_500", "hang"]
"""A status that is answered without doing anything (429, 500, 503); `lost`: it is done and the line drops before
the answer; `late_500`: it is done and answered with 500; `hang`: nothing is done and nothing answered."""


class Faults:
    """`hold`: while set, answers wait for it; `waiting` says that one does. `requests` counts all of them."""

    def __init__(self) -> None:
        self.next: list[Fault | None] = []
        self.hold: asyncio.Event | None = None
        self.waiting = asyncio.Event()
        self.requests = 0

    def take(self) -> Fault | None:
        return self.next.pop(0) if self.next else None
