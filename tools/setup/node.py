"""Checking Node and npm."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tools.setup.errors import SetupError

OLDEST = 20
ADVICE = f"install Node {OLDEST} or newer with npm (https://nodejs.org) and run again."


def check_node() -> str:
    """Return Node's version, like `v20.20.2`. Raises SetupError when Node or npm is missing or too old."""
    node = shutil.which("node")
    if node is None:
        raise SetupError("Node is not on PATH; " + ADVICE)
    try:
        answer = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=30
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        answer = ""
    version = re.match(r"v(\d+)\.", answer)
    if version is None:
        raise SetupError(f"Node at {node} does not start; {ADVICE}")
    if int(version.group(1)) < OLDEST:
        raise SetupError(f"Node at {node} is {answer}, too old; {ADVICE}")
    if shutil.which("npm") is None:
        raise SetupError("npm is not on PATH; " + ADVICE)
    return answer


def check_anvil(npm_programs: Path) -> None:
    """Raises SetupError when neither npm nor PATH has the local chain's program."""
    if not (npm_programs / "anvil").exists() and shutil.which("anvil") is None:
        raise SetupError(
            "npm has no anvil for this system; install Foundry (https://getfoundry.sh), so that anvil is on "
            "PATH, and run again."
        )
