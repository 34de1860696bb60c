"""Starting real processes in tests, waiting for what they do, and ending them by their own id."""

import os
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.support.guard import guard
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
Code = TypeVar("Code", int, int | None)


class Process:
    """A child process whose output is kept in a file; a context manager that ends it.

    It does not outlive the process that started it, even where that one is killed.

    with Process([sys.executable, "-m", "listener", "run"], env={"RPC_URLS": url}) as listener:
        listener.wait_for_output("following the head")
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        output: Path | None = None,
    ) -> None:
        """Start `command` with `env` added to this process's environment, output kept in `output`."""
        if output is None:
            handle, name = tempfile.mkstemp(prefix="tombola-process-", suffix=".log")
            os.close(handle)
            output = Path(name)
            weakref.finalize(self, output.unlink, missing_ok=True)
        self.output = output
        with output.open("ab") as sink:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                env={**os.environ, **(env or {})},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        guard().watch(self.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._noted(self._process.poll())

    @property
    def text(self) -> str:
        """Everything it has written so far."""
        return self.output.read_text(errors="replace")

    def wait(self, timeout: float = 60.0) -> int:
        """Wait for its end and return the exit code."""
        try:
            return self._noted(self._process.wait(timeout))
        except subprocess.TimeoutExpired:
            raise TimeoutError(
                f"{self._process.args!r} still runs after {timeout:g} s:\n{self.text}"
            ) from None

    def wait_until(self, condition: Callable[[], object], timeout: float = 60.0, what: str = "") -> None:
        """Wait for `condition`; fail at once, with its output, when the process ends before."""

        def met_or_ended() -> bool:
            return bool(condition()) or self.exit_code is not None

        try:
            wait_until(met_or_ended, timeout, what=what)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; the process wrote:\n{self.text}") from None
        if not condition():
            raise RuntimeError(f"the process ended with {self.exit_code}; it wrote:\n{self.text}")

    def wait_for_output(self, words: str, timeout: float = 60.0) -> None:
        """Wait until it has written `words`."""
        self.wait_until(lambda: words in self.text, timeout, what=f"the output {words!r}")

    def wait_for_http(self, url: str, timeout: float = 60.0) -> None:
        """Wait until `url` answers 200."""
        self.wait_until(lambda: http_status(url) == 200, timeout, what=f"200 from {url}")

    def signal(self, number: signal.Signals) -> None:
        if self.exit_code is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would: SIGKILL, no clean-up."""
        self.signal(signal.SIGKILL)
        self._noted(self._process.wait())

    def terminate(self, timeout: float = 60.0) -> int:
        """Ask it to end (SIGTERM), insist after `timeout` seconds, and return the exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self._noted(self._process.wait(timeout))
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def _noted(self, code: Code) -> Code:
        """The exit code; where there is one, there is nothing left to guard."""
        if code is not None:
            guard().forget(self.pid)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.terminate()


def http_status(url: str, timeout: float = 2.0) -> int | None:
    """The status of a GET, or None when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:  # noqa: S310 - tests name their own URLs
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
