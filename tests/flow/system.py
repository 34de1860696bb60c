"""The whole system, started by the same command as `make run`, on a state folder and ports of its own."""

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from web3 import HTTPProvider, Web3
from web3.contract import Contract

from tests.support.processes import ROOT, Process
from tools.ports import free_port


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
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).is_success
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        """Ctrl-C; the exit code. Fails when it takes much longer than the five seconds it promises."""
        assert self._process is not None
        self._process.signal(signal.SIGINT)
        return self._process.wait(timeout=8)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.exit_code is None

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
