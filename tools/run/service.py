"""One process of the local system: started with its log file, watched, ended."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LARGEST_LOG = 10_000_000
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
SETTLED_SECONDS = 30.0


@dataclass
class Service:
    """`ready` tells whether it does its work; `grace` is how many seconds it may take to end."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    ready: Callable[["Service"], bool] = lambda service: True
    grace: float = 2.5
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float | None = None
    pause: float = FIRST_PAUSE
    is_back: bool = True
    """False from a restart until it is ready."""
    _log_start: int = field(default=0, repr=False)

    def start(self) -> None:
        """Start it, appending to its log. Signals of the terminal do not reach it: the supervisor ends it."""
        self._keep_log_small()
        with self.log.open("ab") as sink:
            self._log_start = sink.tell()
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started_at = time.monotonic()
        self.restart_at = None

    @property
    def exit_code(self) -> int | None:
        return None if self.process is None else self.process.poll()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_ready(self) -> bool:
        return self.is_running and self.ready(self)

    def wrote(self, words: str) -> bool:
        """Whether its log has `words` since this start."""
        return words in self.output()

    def output(self) -> str:
        """What it has written since this start."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def last_line(self) -> str:
        """The last line it wrote, shortened: usually the reason of an end."""
        lines = [line.strip() for line in self.output().splitlines() if line.strip()]
        return lines[-1][-300:] if lines else "it wrote nothing"

    def plan_restart(self) -> float:
        """Set the time of the next start and return the pause, which doubles while starts keep failing."""
        now = time.monotonic()
        if now - self.started_at >= SETTLED_SECONDS:
            self.pause = FIRST_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        self.restart_at = now + pause
        return pause

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def insist(self, deadline: float) -> bool:
        """Wait for the end until `deadline` (monotonic), then kill its group. True if it ended itself."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(deadline - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            return False
        return True

    def _keep_log_small(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.old"))


def end_all(services: Sequence[Service]) -> list[str]:
    """Ask all to end at once, wait for each within its grace; names of those that had to be killed."""
    asked_at = time.monotonic()
    for service in services:
        service.ask_to_end()
    return [service.name for service in services if not service.insist(asked_at + service.grace)]
