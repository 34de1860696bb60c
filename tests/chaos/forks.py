"""A process that has imported the sender once and forks it: a real sender in milliseconds, told where to die.

The client is the differential test's; the server forks `python -m backend sender` in place of the listener.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from tests.listener.differential.fork_server import ROOT, Child, ForkServer, _Server

# Pauses of the providers' pool, shortened: a seed has dozens of faults. What happens meanwhile stays the same.
PAUSES = {
    "_FIRST_PAUSE": 0.02,
    "_LONGEST_PAUSE": 0.3,
    "_FIRST_REST": 0.05,
    "_LONGEST_REST": 0.3,
    "BACKOFF": 0.2,
}


class SenderForks(ForkServer):
    """Starts senders. An asynchronous context manager."""

    async def __aenter__(self) -> Self:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - once, before anything else runs
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                start_new_session=True,
            )
        self._reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        if not await self._reader.readline():
            raise RuntimeError("the fork server did not start; what it wrote on stderr says why")
        self._listening = asyncio.create_task(self._listen())
        return self

    def sender(self, settings: dict[str, Any], log: Path, death: dict[str, Any] | None = None) -> Child:
        """Start a sender; `death` says which file to make once at work, and where to die."""
        return self.start([json.dumps(settings), json.dumps(death)], log)


class _Senders(_Server):
    def fork(self, arguments: list[str], log: str) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = 70
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.channel.close()
            sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(sink, 1)
            os.dup2(sink, 2)
            _become_sender(*map(json.loads, arguments))
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _become_sender(settings: dict[str, Any], death: dict[str, Any] | None) -> None:
    from backend.logs import configure
    from backend.sender.process import run
    from backend.settings import Settings

    if death is not None:
        _tell_of_work(Path(death.pop("at_work")))
    if death:
        _die_at(**death)
    configure("sender", "info")
    asyncio.run(run(Settings(**settings)))


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
    async def crossing_over(*arguments: Any) -> AsyncIterator[Any]:
        async with fenced(*arguments) as db:
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


def serve(descriptor: int) -> None:
    """Be the server."""
    for name in ("backend.sender.process", "backend.logs", "encodings.idna"):
        importlib.import_module(name)
    from eth_account import Account

    Account.from_key(b"\1" * 32)  # first calls import modules
    _shorten_pauses()
    gc.collect()
    gc.freeze()  # collections of the children do not touch, and so do not copy, what is shared
    server = _Senders(socket.socket(fileno=descriptor))
    try:
        server.run()
    finally:
        for pid in server.pids.values():
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
