"""The sender as the fork server runs it: imported once, its pauses shortened, told where to die."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from eth_account import Account

# Pauses of the providers' pool, shortened: a seed has dozens of faults. What happens meanwhile stays the same.
PAUSES = {
    "_FIRST_PAUSE": 0.02,
    "_LONGEST_PAUSE": 0.3,
    "_FIRST_REST": 0.05,
    "_LONGEST_REST": 0.3,
    "BACKOFF": 0.2,
}


def prepare() -> None:
    """Import and call once what a sender needs."""
    for name in ("backend.sender.process", "backend.logs", "encodings.idna"):
        importlib.import_module(name)
    Account.from_key(b"\1" * 32)  # first calls import modules
    _shorten_pauses()


def sender_arguments(settings: dict[str, Any], death: dict[str, Any] | None = None) -> list[str]:
    """For `become`; `death` says which file to make once at work, and where to die."""
    return [json.dumps(settings), json.dumps(death)]


def become(arguments: list[str]) -> int:
    """Be `python -m backend sender` with these settings, and die where the second argument says, if it does."""
    settings, death = map(json.loads, arguments)
    from backend.logs import configure
    from backend.sender.process import run
    from backend.settings import Settings

    if death is not None:
        _tell_of_work(Path(death.pop("at_work")))
    if death:
        _die_at(**death)
    configure("sender", "info")
    asyncio.run(run(Settings(**settings)))
    return 0


def _tell_of_work(file: Path) -> None:
    """Make a file when the first lane got wallets."""
    process = importlib.import_module("backend.sender.process")
    claim = process.claim

    async def claiming(*arguments: Any) -> Any:
        lane = await claim(*arguments)
        if lane.wallets:
            file.touch()  # noqa: ASYNC240 - once in a life
        return lane

    setattr(process, "claim", claiming)  # noqa: B010 - mypy knows no such name of a module


def _die_at(place: str, when: str, crossing: int) -> None:
    """Have this process kill itself at the nth crossing of a boundary."""
    left = [crossing]

    def cross(now: str) -> None:
        if now == when:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    if place == "send":
        from backend.sender.rpc import ChainView

        send = ChainView.send_raw

        async def sending(self: ChainView, *arguments: Any, **options: Any) -> Any:
            cross("before")
            answers = await send(self, *arguments, **options)
            cross("after")
            return answers

        ChainView.send_raw = sending  # type: ignore[method-assign]
        return
    module = importlib.import_module(f"backend.sender.{place}")
    fenced = module.fenced

    @asynccontextmanager
    async def crossing_over(*arguments: Any, **options: Any) -> AsyncIterator[Any]:
        async with fenced(*arguments, **options) as db:
            yield db
            cross("before")  # everything is written, nothing is committed
        cross("after")

    setattr(module, "fenced", crossing_over)  # noqa: B010 - mypy knows no such name of a module


def _shorten_pauses() -> None:
    for name in ("listener.chain.rpc", "listener.chain.provider", "backend.sender.process"):
        module = importlib.import_module(name)
        for constant, seconds in PAUSES.items():
            if hasattr(module, constant):
                setattr(module, constant, seconds)
