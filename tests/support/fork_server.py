"""A process that has imported a program once and forks it: a real process in milliseconds.

`ForkServer(module)` is the client, used from one asyncio loop; run as a program this module is the server. The module
has `prepare()`, called once before the first fork, and `become(arguments)`, what a forked process does until it ends
with the exit code this returns.

Over a socket the server takes `{"start": n, "arguments": [...], "log": path}` and `{"signal": n, "number": 9}`, and
answers `{"ended": n, "code": c}` (negative when a signal ended it). It ends, and everything it started, when the
socket closes.
"""

import asyncio
import faulthandler
import gc
import importlib
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from tests.support.processes import ROOT


class Child:
    """One forked process."""

    def __init__(self, server: "ForkServer", number: int) -> None:
        self._server, self.number = server, number
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def is_alive(self) -> bool:
        return not self.ended.done()

    async def wait(self) -> int:
        """Wait for its end; the exit code."""
        return await asyncio.shield(self.ended)

    def signal(self, number: int) -> None:
        """Send a signal; nothing happens when it has ended."""
        self._server.send({"signal": self.number, "number": number})

    def kill(self) -> None:
        """SIGKILL: it does not run another instruction."""
        self.signal(signal.SIGKILL)


class ForkServer:
    """Forks processes of a program, the name of a module. An asynchronous context manager."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._children: dict[int, Child] = {}
        self._numbers = count(1)

    async def __aenter__(self) -> Self:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - once, before anything else runs
                [sys.executable, "-m", __name__, self._program, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                start_new_session=True,
            )
        self._reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        if not await self._reader.readline():
            raise RuntimeError("the fork server did not start; what it wrote on stderr says why")
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.cancel()
        self._writer.close()
        await asyncio.get_running_loop().run_in_executor(None, self._process.wait, 10)

    def start(self, arguments: Iterable[str], log: Path) -> Child:
        """Start a process with these arguments, what it writes appended to `log`."""
        child = Child(self, next(self._numbers))
        self._children[child.number] = child
        self.send({"start": child.number, "arguments": list(arguments), "log": str(log)})
        return child

    def send(self, message: dict[str, Any]) -> None:
        self._writer.write(msgspec.json.encode(message) + b"\n")

    async def _listen(self) -> None:
        while line := await self._reader.readline():
            message = msgspec.json.decode(line)
            self._children.pop(message["ended"]).ended.set_result(message["code"])


class _Server:
    def __init__(self, channel: socket.socket, become: Callable[[list[str]], int]) -> None:
        self.channel, self.become = channel, become
        self.pids: dict[int, int] = {}  # number of a child → its process id, until it is reaped
        self.woken, self.wake = socket.socketpair()
        for end in (self.woken, self.wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self.wake.fileno())
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def run(self) -> None:
        """Serve until the client is gone."""
        waiting, rest = selectors.DefaultSelector(), b""
        waiting.register(self.channel, selectors.EVENT_READ)
        waiting.register(self.woken, selectors.EVENT_READ)
        self.channel.sendall(b"{}\n")
        while True:
            ready = {key.fileobj for key, _ in waiting.select()}
            if self.woken in ready:
                self.woken.recv(4096)
                self.reap()
            if self.channel in ready:
                received = self.channel.recv(65536)
                if not received:
                    return
                *lines, rest = (rest + received).split(b"\n")
                for line in lines:
                    self.obey(msgspec.json.decode(line))

    def obey(self, message: dict[str, Any]) -> None:
        if "start" in message:
            self.pids[message["start"]] = self.fork(message["arguments"], message["log"])
        elif (pid := self.pids.get(message["signal"])) is not None:
            os.kill(pid, message["number"])  # not reaped, so the id is still its own

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
            signal.signal(signal.SIGUSR1, _say_tasks)
            faulthandler.register(signal.SIGUSR1, chain=True)
            code = self.become(arguments)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def reap(self) -> None:
        for number, pid in list(self.pids.items()):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                del self.pids[number]
                ended = {"ended": number, "code": os.waitstatus_to_exitcode(status)}
                self.channel.sendall(msgspec.json.encode(ended) + b"\n")


def _say_tasks(*_: Any) -> None:
    """Where every task waits, for the report of a seed that hangs."""
    for task in asyncio.all_tasks():
        place: Any = task.get_coro()
        frames = []
        while (frame := getattr(place, "cr_frame", None)) is not None:
            frames.append(f"{frame.f_code.co_name}:{frame.f_lineno}")
            place = place.cr_await
        print("task", " > ".join(frames), place, flush=True)


def serve(program: str, descriptor: int) -> None:
    """Be the server."""
    module = importlib.import_module(program)
    module.prepare()
    gc.collect()
    gc.freeze()  # collections of the children do not touch, and so do not copy, what is shared
    server = _Server(socket.socket(fileno=descriptor), module.become)
    try:
        server.run()
    finally:
        for pid in server.pids.values():
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
