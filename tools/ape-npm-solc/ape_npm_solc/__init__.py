"""Ape plugin: use the compiler and the node that package-lock.json pins.

Ape imports every installed distribution called `ape-*` before it does anything else, so this
covers `ape compile`, `ape test`, `ape run` and ape's Python interface without a setting by the user.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
COMPILERS = ROOT / "tools" / "solcx"
NPM_PROGRAMS = ROOT / "node_modules" / ".bin"


def _use_pinned_tools() -> None:
    os.environ.setdefault("SOLCX_BINARY_PATH", str(COMPILERS))
    path = os.environ.get("PATH", "").split(os.pathsep)
    if str(NPM_PROGRAMS) not in path:
        os.environ["PATH"] = os.pathsep.join([str(NPM_PROGRAMS), *path])


_use_pinned_tools()
