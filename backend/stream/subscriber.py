"""One open stream: what it listens to, and what waits to be sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from backend.auth.tokens import Access
from backend.stream import codes
from backend.stream.messages import Told
from backend.stream.topics import ME


@dataclass(eq=False)
class Subscriber:
    """`access` is None for somebody who has not signed in. `end` is set to the code to close the stream with."""

    access: Access | None
    backlog: asyncio.Queue[Told]
    topics: dict[str, None] = field(default_factory=dict)
    end: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def public(self) -> list[str]:
        """Its topics of the chain."""
        return [topic for topic in self.topics if topic != ME]

    def offer(self, told: Told) -> None:
        """Queue a message; a reader that is too far behind is let go, and may resume."""
        try:
            self.backlog.put_nowait(told)
        except asyncio.QueueFull:
            self.close(codes.TOO_SLOW)

    def close(self, code: int) -> None:
        """End the stream; the first code counts."""
        if not self.end.done():
            self.end.set_result(code)
