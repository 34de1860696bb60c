"""What set-up does, in which order."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Sequence

from tools.setup.interpreter import Interpreter, choose, probe
from tools.setup.steps import ROOT, Command, Step

VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
NPM_PROGRAMS = ROOT / "node_modules" / ".bin"
STAMPS = ".venv/.stamps"


def environment_python(wanted: str | None) -> Interpreter:
    """The Python of .venv where it still suits, otherwise the one to build .venv with."""
    existing = probe(PYTHON) if (VENV / "pyvenv.cfg").exists() else None
    if existing is not None and existing.suits and _is_what_was_asked_for(existing, wanted):
        return existing
    return choose(wanted)


def _is_what_was_asked_for(existing: Interpreter, wanted: str | None) -> bool:
    asked = probe(wanted) if wanted is not None else None
    return wanted is None or (asked is not None and asked.version == existing.version)


def python_steps(interpreter: Interpreter) -> list[Step]:
    """Create .venv and install into it exactly what requirements/dev.txt locks."""
    version = interpreter.short_version
    in_venv = Path(interpreter.path).parent == VENV / "bin"

    def create() -> Sequence[Command]:
        if in_venv:
            return []
        shutil.rmtree(VENV, ignore_errors=True)
        return [[interpreter.path, "-m", "venv", str(VENV)]]

    pip = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"]
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "-q", "--python", PYTHON]
    return [
        Step(f"environment (Python {version})", create, [], [PYTHON], STAMPS + "/venv", key=version),
        Step(
            "installer (uv)",
            lambda: [[*pip, "-r", "requirements/uv.txt"]],
            ["requirements/uv.txt"],
            [".venv/bin/uv"],
            STAMPS + "/uv",
        ),
        Step(
            "Python packages",
            lambda: [[*uv, "--require-hashes", "-r", "requirements/dev.txt"]],
            ["requirements/dev.txt"],
            [".venv/bin/ape"],
            STAMPS + "/packages",
        ),
        Step(
            "ape plugin for npm's solc",
            lambda: [[*uv, "--no-deps", "--no-build-isolation", "-e", "tools/ape-npm-solc"]],
            ["tools/ape-npm-solc/pyproject.toml", "tools/ape-npm-solc/ape_npm_solc"],
            [],
            STAMPS + "/plugin",
            key=str(ROOT),
        ),
    ]


def node_steps(node: str) -> list[Step]:
    """Install both npm trees exactly as their lock files say."""
    ci = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    return [
        Step(
            "Solidity tools (npm)",
            lambda: [ci],
            ["package.json", "package-lock.json", ".npmrc"],
            ["node_modules/solc/soljson.js"],
            "node_modules/.tombola-stamp",
            key=node,
        ),
        Step(
            "front-end packages (npm)",
            lambda: [ci],
            ["frontend/package.json", "frontend/package-lock.json"],
            ["frontend/node_modules/.bin/vite"],
            "frontend/node_modules/.tombola-stamp",
            key=node,
            folder="frontend",
        ),
    ]


def contract_steps() -> list[Step]:
    """Compile the contracts and write their interfaces for the services and the web app."""
    return [
        Step(
            "contracts (ape compile)",
            # All of them: ape would compile only files that changed, not the contracts that use a changed library.
            lambda: [
                [str(VENV / "bin" / "ape"), "compile", "--force"],
                [PYTHON, "-m", "tools.export_abi"],
            ],
            ["contracts", "ape-config.yaml", "package-lock.json", "tools/solcx", "tools/export_abi.py"],
            [".build/__local__.json", ".build/abi"],
            ".build/.stamps/contracts",
            env={"PYTHONWARNINGS": "ignore"},
        ),
        Step(
            "Chainlink's VRF coordinator (solc 0.8.19)",
            lambda: [[PYTHON, "-m", "tools.chainlink"]],
            ["tools/chainlink", "package-lock.json"],
            [".build/chainlink/VRFCoordinatorV2_5.json"],
            ".build/.stamps/chainlink",
        ),
    ]


def web_steps() -> list[Step]:
    """Build the web app; the interfaces that it knows are committed."""
    return [
        Step(
            "web app",
            lambda: [["npm", "run", "build"]],
            ["frontend"],
            ["frontend/dist/index.html"],
            ".build/.stamps/frontend",
            folder="frontend",
        ),
    ]
