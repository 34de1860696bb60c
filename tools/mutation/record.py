"""A pytest plugin (`-p tools.mutation.record`): writes down which contracts the tests used, into $MUTATION_RECORD."""

import json
import os
from pathlib import Path

from tests.evm.build import Artifact, Build

_used: set[str] = set()
_ask = Build.__getitem__


def _noted(build: Build, name: str) -> Artifact:
    _used.add(name)
    return _ask(build, name)


def pytest_configure() -> None:
    Build.__getitem__ = _noted  # type: ignore[method-assign]


def pytest_sessionfinish() -> None:
    Path(os.environ["MUTATION_RECORD"]).write_text(json.dumps(sorted(_used)))
