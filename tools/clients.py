"""Builds the clients of the API: `make clients`.

Both are generated from the description that the backend gives now, with what is written by hand in `clients/`
beside it, and land in `.build/clients` as the packages that integrators install: a wheel and an npm package.
`--check`: also type-checks the examples of docs/clients.md with them; nothing is run.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tools.generated import API_TYPES, FRONTEND, GenerateError

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "clients"
BUILT = ROOT / ".build" / "clients"
GUIDE = ROOT / "docs" / "clients.md"
NPM_PROGRAMS = FRONTEND / "node_modules" / ".bin"
GENERATED = ("api", "models", "types.py")


def description() -> dict[str, Any]:
    """What `GET /api/v1/openapi.json` answers."""
    return dict(json.loads(_run([sys.executable, "-m", "backend", "openapi"], ROOT)))


def without_refusals(document: Mapping[str, Any]) -> dict[str, Any]:
    """The description with good answers only: the clients raise everything else in one place."""
    paths = {
        path: {
            method: {
                **operation,
                "responses": {s: a for s, a in operation["responses"].items() if s[0] == "2" or s == "303"},
            }
            for method, operation in methods.items()
        }
        for path, methods in document["paths"].items()
    }
    return {**document, "paths": paths}


def python_client(document: Mapping[str, Any], into: Path) -> Path:
    """Generate the Python client and pack it; returns the wheel. Raises GenerateError."""
    source, folder = SOURCES / "python", into / "python"
    _copy(source, folder)
    _same_version(
        tomllib.loads((source / "pyproject.toml").read_text())["project"]["version"], document, source
    )
    described, generated = folder / "openapi.json", folder / "generated"
    described.write_text(json.dumps(without_refusals(document)))
    command = [
        sys.executable,
        "-m",
        "openapi_python_client",
        "generate",
        "--meta",
        "none",
        "--fail-on-warning",
    ]
    command += ["--path", str(described), "--output-path", str(generated)]
    command += [
        "--config",
        str(source / "generator.yaml"),
        "--custom-template-path",
        str(source / "templates"),
    ]
    _run(command, folder)
    ruff = str(Path(sys.executable).with_name("ruff"))
    _run([ruff, "check", "--quiet", "--isolated", "--select", "F401,I001", "--fix", str(generated)], folder)
    _run([ruff, "format", "--quiet", "--isolated", "--line-length", "110", str(generated)], folder)
    for name in GENERATED:
        shutil.move(generated / name, folder / "tombola_client" / name)
    pack = f"from setuptools import build_meta; print(build_meta.build_wheel({str(into)!r}))"
    return into / _run([sys.executable, "-c", pack], folder).splitlines()[-1]


def typescript_client(document: Mapping[str, Any], into: Path) -> Path:
    """Compile the TypeScript client and pack it; returns the npm package. Raises GenerateError."""
    source, folder = SOURCES / "typescript", into / "typescript"
    _copy(source, folder)
    _same_version(json.loads((source / "package.json").read_text())["version"], document, source)
    shutil.copy(API_TYPES, folder / "src" / "schema.d.ts")
    (folder / "node_modules").symlink_to(FRONTEND / "node_modules")
    _run([str(NPM_PROGRAMS / "tsc"), "--project", "."], folder)
    shutil.copy(API_TYPES, folder / "dist" / "schema.d.ts")
    packed = json.loads(_run(["npm", "pack", "--json", "--pack-destination", str(into)], folder))
    return into / str(packed[0]["filename"])


def examples(language: str) -> str:
    """The program that the guide's code blocks of that language are together."""
    return "\n".join(
        re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text(), flags=re.MULTILINE | re.DOTALL)
    )


def check_examples(into: Path) -> None:
    """Type-check the guide's programs with the clients built there. Raises GenerateError."""
    python = into / "python"
    (python / "guide.py").write_text(examples("python"))
    mypy = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--cache-dir",
        str(ROOT / ".mypy_cache" / "clients"),
    ]
    _run([*mypy, "guide.py", "tombola_client"], python)
    typescript = into / "typescript"
    (typescript / "guide.ts").write_text(examples("ts"))
    _run([str(NPM_PROGRAMS / "tsc"), "--project", "tsconfig.guide.json"], typescript)


def build(into: Path = BUILT, described: Mapping[str, Any] | None = None) -> tuple[Path, Path]:
    """Both packages, in a folder that is made anew: the wheel and the npm package. Raises GenerateError.

    `described`: by a running API; without it the backend here is asked.
    """
    if not (NPM_PROGRAMS / "tsc").exists():
        raise GenerateError("TypeScript is not installed: run `make setup`.")
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    document = described or description()
    with ThreadPoolExecutor() as pool:
        typescript = pool.submit(typescript_client, document, into)
        return python_client(document, into), typescript.result()


def _same_version(version: str, document: Mapping[str, Any], source: Path) -> None:
    if version != document["info"]["version"]:
        raise GenerateError(
            f"{source.relative_to(ROOT)} has version {version}, the API {document['info']['version']}: "
            "write the API's there."
        )


def _copy(source: Path, folder: Path) -> None:
    shutil.copytree(
        source, folder, ignore=shutil.ignore_patterns("__pycache__", "templates", "generator.yaml")
    )


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise GenerateError(f"{' '.join(command)} failed:\n{done.stdout.strip()}\n{done.stderr.strip()}")
    return done.stdout


def main() -> int:
    """Build, and say where the packages are; 1 when something is wrong with them."""
    parser = argparse.ArgumentParser(prog="python -m tools.clients", description="Build the API's clients.")
    parser.add_argument(
        "--check", action="store_true", help="also type-check the examples of docs/clients.md"
    )
    arguments = parser.parse_args()
    try:
        packages = build()
        if arguments.check:
            check_examples(BUILT)
    except GenerateError as error:
        print(error)
        return 1
    print("\n".join(str(package.relative_to(ROOT)) for package in packages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
