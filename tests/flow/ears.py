"""What a page is told over its WebSocket, and what it asks for."""

import json
import re
from typing import Any

from playwright.sync_api import Page, Request, WebSocket

from tests.support.waiting import wait_until

PATIENCE = 30


class Ears:
    """Both in one order, from before the page is opened: `GET <path>`, or the name of an event or message."""

    def __init__(self, page: Page) -> None:
        self.order: list[str] = []
        self.messages: list[dict[str, Any]] = []
        self.addresses: list[str] = []
        self._page = page
        page.on("websocket", self._opened)
        page.on("request", self._asked)

    def _opened(self, socket: WebSocket) -> None:
        self.addresses.append(socket.url)
        socket.on("framereceived", self._told)

    def _told(self, frame: str | bytes) -> None:
        message = json.loads(frame)
        self.messages.append(message)
        self.order.append(message.get("event", message["type"]))

    def _asked(self, request: Request) -> None:
        if request.method == "GET" and "/api/v1/" in request.url:
            self.order.append("GET " + request.url.partition("/api/v1")[2])

    def count(self, pattern: str) -> int:
        """How often something was told or asked."""
        return sum(re.fullmatch(pattern, one) is not None for one in self.order)

    def wait(self, pattern: str, least: int = 1) -> None:
        """Until that was told or asked so often; the browser's news come while Playwright works."""

        def enough() -> bool:
            self._page.evaluate("1")
            return self.count(pattern) >= least

        wait_until(enough, PATIENCE, what=f"{least} × {pattern}, among {self.order}")

    def has(self, topic: str) -> None:
        """Wait until the stream carries the topic."""

        def carried() -> bool:
            self._page.evaluate("1")
            return any(topic in one["topics"] for one in self.messages if one["type"] in ("ready", "topics"))

        wait_until(carried, PATIENCE, what=f"{topic}, among {self.messages}")
