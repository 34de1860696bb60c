"""The whole system, started by the same command as `make run`, on a state folder and ports of its own."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import psycopg
from web3 import HTTPProvider, Web3
from web3.contract import Contract

from tests.support.processes import ROOT, Process
from tools.ports import free_port
from tools.rpc import Rpc


@dataclass(frozen=True)
class Verdict:
    """How verify_draw ended: exit code, all it wrote, and the word before the colon of its last line."""

    exit_code: int
    text: str
    verdict: str


class System:
    """A running `python -m tools.run`."""

    def __init__(self, state: Path, port: int | None = None) -> None:
        self.state = state
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: Process | None = None

    @classmethod
    def attach(cls, state: Path) -> "System":
        """The one that somebody else runs on the state folder."""
        holder = (state / "supervisor.lock").read_text()
        return cls(state, port=int(holder.strip().rpartition(":")[2]))

    def start(self, timeout: float = 300) -> None:
        """Start it and wait until the story is told and the pages are served."""
        command = [sys.executable, "-m", "tools.run", "--state", str(self.state), "--port", str(self.port)]
        self._process = Process(command, output=self.state.with_suffix(".log"))
        self._process.wait_until(self._ready, timeout, what="the system to be up with its story told")

    def _ready(self) -> bool:
        if not (self.state / "story.json").exists():
            return False
        if "raffle refunded" not in json.loads((self.state / "story.json").read_text()).get("done", []):
            return False
        return self.is_ready

    @property
    def is_ready(self) -> bool:
        """Whether the API answers and has all it needs."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).is_success
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self._process is not None
        self._process.signal(signal.SIGINT)
        return self._process.wait()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.exit_code is None

    # What goes wrong

    @contextmanager
    def without(self, service: str) -> Iterator[None]:
        """Inside, that process is dead and nobody starts it again; afterwards the supervisor does."""
        supervisor = int((self.state / "supervisor.lock").read_text().split()[1].rstrip(","))
        os.kill(supervisor, signal.SIGSTOP)
        try:
            os.kill(self._pid(service), signal.SIGKILL)
            yield
        finally:
            os.kill(supervisor, signal.SIGCONT)

    @contextmanager
    def paused(self, service: str) -> Iterator[None]:
        """Inside, that process stands still, as on a machine that is stuck."""
        pid = self._pid(service)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def _pid(self, service: str) -> int:
        return self.processes[service]

    @property
    def processes(self) -> dict[str, int]:
        """Name and process id of each that runs now."""
        running = json.loads((self.state / "processes.json").read_text())
        return {name: int(pid) for name, pid, _ in running}

    @contextmanager
    def slow_blocks(self, seconds: int) -> Iterator[None]:
        """Inside, a block takes that long: what waits for some of them waits for so many times as long."""
        self.rpc.call("evm_setIntervalMining", seconds)
        try:
            yield
        finally:
            self.rpc.call("evm_setIntervalMining", 1)

    @contextmanager
    def no_new_blocks(self) -> Iterator[Rpc]:
        """Inside, only what the test mines (`evm_mine`) is mined."""
        rpc = self.rpc
        rpc.call("evm_setIntervalMining", 0)
        try:
            yield rpc
        finally:
            rpc.call("evm_setIntervalMining", 1)

    @property
    def rpc(self) -> Rpc:
        return Rpc(self.rpc_url)

    def mirrored(self, block: int) -> bool:
        """Whether the mirror has the block."""
        return int(self.get("/status")["listener"]["cursor_block"]) >= block

    def mail(self, to: str, kind: str) -> list[str]:
        """The texts of the mails of that kind that somebody has got."""
        found = []
        for file in sorted((self.state / "mail").glob(f"*-{kind}-*.eml")):
            message = message_from_bytes(file.read_bytes(), policy=default)
            body = message.get_body(("plain",))
            if message["to"] == to and body is not None:
                found.append(str(body.get_content()))
        return found

    def freezes(self) -> dict[int, str]:
        """The reason of every freeze in force, by its number."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as database:
            return dict(
                database.execute("SELECT id, reason FROM app.freeze WHERE lifted_at IS NULL").fetchall()
            )

    @property
    def environment(self) -> dict[str, str]:
        """What the running API was started with."""
        lines = Path(f"/proc/{self._pid('api')}/environ").read_text().rstrip("\0").split("\0")
        return dict(line.split("=", 1) for line in lines)

    def give_role(self, email: str, role: str) -> None:
        """As an operator does."""
        command = [sys.executable, "-m", "backend", "role", email, role]
        given = Process(command, cwd=ROOT, env=self.environment)
        assert given.wait(timeout=60) == 0, given.text

    def contract(self, name: str) -> Contract:
        """A contract of this system's registry."""
        entry = json.loads((self.state / "deployments" / "31337.json").read_text())["contracts"][name]
        return self.w3.eth.contract(address=entry["address"], abi=entry["abi"])

    @property
    def story(self) -> dict[str, Any]:
        """What the story made, by name, and its first grant of either plan: `grant` is Ana's, under way."""
        told = dict(json.loads((self.state / "story.json").read_text()))
        under_way, before_cliff = (int(plan) for plan in told["plans"])
        return {
            **told,
            "grant": str(under_way << 64),
            "grant_before_cliff": str(before_cliff << 64),
        }

    @property
    def people(self) -> dict[str, dict[str, str]]:
        return dict(json.loads((self.state / "demo.json").read_text()))

    def get(self, path: str) -> Any:
        """A public read of the API."""
        answer = httpx.get(f"{self.url}/api/v1{path}", timeout=20)
        answer.raise_for_status()
        return answer.json()

    @property
    def rpc_url(self) -> str:
        return str(self.get("/config")["rpc_url"])

    @property
    def w3(self) -> Web3:
        return Web3(HTTPProvider(self.rpc_url))

    def verify_draw(self, *arguments: str) -> Verdict:
        """`ape run verify_draw …` as anyone would call it."""
        ape = Path(sys.executable).with_name("ape")
        registry = self.state / "deployments" / "31337.json"
        network = f"ethereum:local:{self.rpc_url}"
        command = [ape, "run", "verify_draw", "--network", network, *arguments, "--registry", str(registry)]
        process = Process(command, cwd=ROOT, env={"PATH": os.environ["PATH"]})
        code = process.wait(timeout=120)
        return Verdict(code, process.text, process.text.strip().splitlines()[-1].partition(":")[0])
