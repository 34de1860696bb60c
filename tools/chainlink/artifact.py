"""The compiled coordinator and the file that keeps it."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("compile.js")
ARTIFACT = ROOT / ".build" / "chainlink" / "VRFCoordinatorV2_5.json"
PACKAGE = ROOT / "node_modules" / "@chainlink" / "contracts" / "package.json"
PATIENCE_SECONDS = 120


class ChainlinkBuildError(Exception):
    """The coordinator cannot be compiled; the message says why."""


@dataclass(frozen=True)
class Artifact:
    """A contract ready to be deployed; `bytecode` without its constructor's arguments."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes


@cache
def coordinator() -> Artifact:
    """Chainlink's coordinator. Raises ChainlinkBuildError."""
    key = _key()
    document = _read(key)
    if document is None:
        document = {**_compiled(), "key": key}
        _write(document)
    return Artifact(document["name"], document["abi"], bytes.fromhex(document["bytecode"]))


def _key() -> str:
    """What the artifact depends on: the settings and the versions of package and compiler."""
    try:
        parts = [SCRIPT.read_bytes(), PACKAGE.read_bytes()]
    except OSError as error:
        raise ChainlinkBuildError(f"{error.filename} cannot be read; run `make setup`.") from error
    return sha256(b"\0".join(parts)).hexdigest()


def _read(key: str) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads(ARTIFACT.read_text())
    except (OSError, ValueError):
        return None
    return document if document.get("key") == key else None


def _compiled() -> dict[str, Any]:
    node = shutil.which("node")
    if node is None:
        raise ChainlinkBuildError("Node is not on PATH; install it and run `make setup`.")
    try:
        done = subprocess.run(
            [node, str(SCRIPT)], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise ChainlinkBuildError(f"solc 0.8.19 took longer than {PATIENCE_SECONDS} s.") from error
    if done.returncode != 0:
        raise ChainlinkBuildError(f"solc 0.8.19 refused Chainlink's coordinator:\n{done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _write(document: dict[str, Any]) -> None:
    """At once, so that two processes that start together read whole files."""
    ARTIFACT.parent.mkdir(parents=True, exist_ok=True)
    draft = ARTIFACT.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(document) + "\n")
    draft.replace(ARTIFACT)
