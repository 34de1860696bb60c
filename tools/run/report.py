"""What the person at the terminal sees: a line for each step, then a summary, then only what changes."""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


def say(line: str) -> None:
    print(line, flush=True)


def complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """One line when the step is done, with its seconds; nothing when it fails: the error says enough."""
    started = time.monotonic()
    yield
    say(f"✓ {title:<38} {time.monotonic() - started:5.1f} s")


def summary(
    urls: Sequence[tuple[str, str]], demo: Path, doing: Mapping[str, str], logs: Path, state: Path
) -> None:
    """Addresses, demo log-ins, what each process is doing, where to look."""
    say("")
    for name, url in urls:
        say(f"  {name:<16} {url}")
    people = demo_people(demo)
    if people:
        say("\n  Demo log-ins")
        for person in people.values():
            say(f"    {person['email']:<22} {person['password']:<14} {person.get('role', '')}")
    say("\n  Processes")
    for name, words in doing.items():
        say(f"    {name:<10} {words}")
    say(f"\n  Logs in {logs}, all state in {state}. Ctrl-C stops everything and keeps it.\n")


def demo_people(demo: Path) -> dict[str, dict[str, str]]:
    """The log-ins that the story wrote; none before it did."""
    try:
        return dict(json.loads(demo.read_text()))
    except (OSError, ValueError):
        return {}
