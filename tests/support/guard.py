"""Ends what a killed test run would leave behind: the processes it started.

Run as a program this reads `+id` and `-id`, one a line. Its input ends when whoever writes it is gone, however it
ended; then the process groups that were named and not taken back are killed.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from functools import cache


class Guard:
    """A guard of the processes that this one starts."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-E", __file__], stdin=subprocess.PIPE, bufsize=0, start_new_session=True
        )

    def watch(self, group: int) -> None:
        """Have this process group killed when this process is gone."""
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """It has ended: its id may soon be another's."""
        self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(line.encode())


@cache
def guard() -> Guard:
    """The guard of this process, started when it is first needed."""
    return Guard()


def left_over(lines: Iterable[str]) -> set[int]:
    """The ids that were named and not taken back."""
    groups: set[int] = set()
    for line in lines:
        sign, group = line[0], int(line[1:])
        if sign == "+":
            groups.add(group)
        else:
            groups.discard(group)
    return groups


if __name__ == "__main__":
    for group in left_over(sys.stdin):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
