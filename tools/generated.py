"""Compares generated files with what their programs write now: `python -m tools.generated api|abi|graphql`.

`api`: the API's description as TypeScript, `frontend/src/api/schema.d.ts`. `abi`: the compiled contracts'
interfaces, `frontend/src/abi/index.ts`; compile the contracts before (`make setup`). `graphql`: the GraphQL schema,
`docs/schema.graphql`. Nothing is changed; the exit code is 1 and the first differences are printed when a file is
stale.
"""

import difflib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from tools.export_abi import COMPILED, ROOT, TYPESCRIPT, compiled_abis, typescript

FRONTEND = ROOT / "frontend"
API_TYPES = FRONTEND / "src" / "api" / "schema.d.ts"
GRAPHQL = ROOT / "docs" / "schema.graphql"
_SHOWN = 20  # lines of the difference


class GenerateError(Exception):
    """The program that writes the file cannot run; the message says why and what to do."""


def api_types() -> str:
    """What `npm run api` would write."""
    program = FRONTEND / "node_modules" / ".bin" / "openapi-typescript"
    if not program.exists():
        raise GenerateError("openapi-typescript is not installed: run `make setup`.")
    with tempfile.TemporaryDirectory() as folder:
        description, written = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        description.write_text(_output([sys.executable, "-m", "backend", "openapi"], ROOT))
        _output([str(program), str(description), "-o", str(written)], FRONTEND)
        return written.read_text()


def abi_types() -> str:
    """What `make abi` would write."""
    if not COMPILED.exists():
        raise GenerateError("The contracts are not compiled: run `make setup`.")
    return typescript(compiled_abis())


def graphql_schema() -> str:
    """What `make graphql` would write."""
    return _output([sys.executable, "-m", "backend", "graphql"], ROOT)


def difference(path: Path, fresh: str) -> list[str]:
    """The first lines in which the committed file differs from `fresh`; empty when it is up to date."""
    committed = path.read_text() if path.exists() else ""
    name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
    lines = difflib.unified_diff(
        committed.splitlines(), fresh.splitlines(), name, "generated now", n=1, lineterm=""
    )
    shown = list(islice(lines, _SHOWN))
    return shown if shown or committed == fresh else [f"{name} differs in its line ends"]


def _output(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise GenerateError(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return done.stdout


FILES: dict[str, tuple[Path, Callable[[], str]]] = {
    "api": (API_TYPES, api_types),
    "abi": (TYPESCRIPT, abi_types),
    "graphql": (GRAPHQL, graphql_schema),
}


def main(names: Sequence[str]) -> int:
    """Compare the files with these names, or all; 1 when one is stale or cannot be generated."""
    stale = False
    for name in names or FILES:
        path, generate = FILES[name]
        try:
            lines = difference(path, generate())
        except GenerateError as error:
            lines = [str(error)]
        stale = stale or bool(lines)
        print("\n".join(lines or [f"{path.relative_to(ROOT)} is up to date"]))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
