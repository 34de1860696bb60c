"""Processes that a supervisor left behind because it was killed itself: found by id and start time."""

import json
from collections.abc import Iterable
from pathlib import Path

import psutil

from tools.run.service import Service


def record(path: Path, services: Iterable[Service]) -> None:
    """Write down which processes run, for a next supervisor."""
    entries = []
    for service in services:
        if service.process is None or not service.is_running:
            continue
        try:
            entries.append(
                [service.name, service.process.pid, psutil.Process(service.process.pid).create_time()]
            )
        except psutil.NoSuchProcess:
            continue
    path.write_text(json.dumps(entries) + "\n")


def end_recorded(path: Path, patience: float = 5.0) -> list[str]:
    """End what is recorded and still the same process; returns the names."""
    try:
        entries = json.loads(path.read_text())
    except (OSError, ValueError):
        return []
    alive: list[tuple[str, psutil.Process]] = []
    for name, pid, created in entries:
        try:
            process = psutil.Process(pid)
            if process.create_time() == created:
                process.terminate()
                alive.append((name, process))
        except psutil.NoSuchProcess:
            continue
    _, stubborn = psutil.wait_procs([process for _, process in alive], timeout=patience)
    for process in stubborn:
        process.kill()
    path.unlink()
    return [name for name, _ in alive]
