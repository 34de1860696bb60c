"""Live part of the listener's benchmark: block mined to rows visible, polled and announced, and what idling costs.

Visible is when another connection's LISTEN tells of the commit. A notice over WebSocket is delayed by the provider's
latency like any answer.
"""

import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
_IDLE = 10.0  # seconds
_WARM_UP = 3  # blocks mined while the listener starts


@dataclass(frozen=True)
class Live:
    """Seconds from mined to visible, sorted; requests per block; and per idle minute requests and CPU-seconds."""

    seconds: list[float]
    requests: float
    idle_requests: float
    idle_cpu: float

    def shown(self) -> str:
        """One line of the table."""
        at = [self.seconds[int(len(self.seconds) * share)] * 1000 for share in (0.5, 0.95)]
        return (
            f"p50 {at[0]:.0f} ms, p95 {at[1]:.0f} ms; {self.requests:.1f} requests a block;"
            f" idle {self.idle_requests:.0f} requests and {self.idle_cpu:.2f} CPU-s a minute"
        )


def follow(url: str, database_url: str, registry: Path, blocks: int, *, push: bool) -> Live:
    """Run the real program at the head of a benchmark chain: `blocks` one by one, then none for a while."""
    rng, seconds = random.Random(9), []
    with _running(url, database_url, registry, push) as process, _listening(database_url) as db:
        for number in range(blocks + _WARM_UP):
            if number == _WARM_UP:
                before = _asked(url)
            mined = _post(f"{url}/mine")
            seconds.append(_visible_at(db, mined["number"]) - mined["at"])
            time.sleep(rng.uniform(0.2, 0.5))
        requests = _asked(url) - before
        asked, used = _asked(url), _cpu_seconds(process.pid)
        time.sleep(_IDLE)
        asked, used = _asked(url) - asked, _cpu_seconds(process.pid) - used
    return Live(sorted(seconds[_WARM_UP:]), requests / blocks, asked * 60 / _IDLE, used * 60 / _IDLE)


@contextmanager
def _running(url: str, database_url: str, registry: Path, push: bool) -> Iterator[subprocess.Popen[bytes]]:
    urls = [url, url.replace("http", "ws")] if push else [url]
    command = [sys.executable, "-m", "listener", "run", "--registry", str(registry)]
    settings = {"RPC_URLS": ",".join(urls), "DATABASE_URL": database_url, "LOG_LEVEL": "warning"}
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings})
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _listening(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as db:
        db.execute("LISTEN mirror")
        yield db


def _visible_at(db: psycopg.Connection[Any], block: int) -> float:
    for notice in db.notifies(timeout=30):
        if json.loads(notice.payload)["last_block"] >= block:
            return time.monotonic()
    raise RuntimeError(f"block {block} was not mirrored within 30 s")


def _asked(url: str) -> int:
    return int(_post(f"{url}/asked")["requests"])


def _post(url: str) -> dict[str, Any]:
    request = urllib.request.Request(url, method="POST")  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as response:  # noqa: S310
        found: dict[str, Any] = json.load(response)
        return found


def _cpu_seconds(pid: int) -> float:
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")
