"""A pytest plugin (`-p tools.mutation.record`): writes the sources of the contracts that tests used to $MUTATION_RECORD."""

import json
import os
from pathlib import Path

from tests.evm.build import Artifact, Build

_used: set[str] = set()
_ask = Build.__getitem__


def _noted(build: Build, name: str) -> Artifact:
    artifact = _ask(build, name)
    _used.add(artifact["source"])
    return artifact


def pytest_configure() -> None:
    Build.__getitem__ = _noted  # type: ignore[method-assign]


def pytest_sessionfinish() -> None:
    Path(os.environ["MUTATION_RECORD"]).write_text(json.dumps(sorted(_used)))
