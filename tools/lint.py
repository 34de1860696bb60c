"""`make lint`: every static check, each with its time; all of them run, the failures are shown at the end.

As many run at a time as there are processors: start first what takes longest.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
NPM = ROOT / "node_modules" / ".bin"
FRONTEND = ROOT / "frontend"
CODE = ("backend", "benchmarks", "clients", "deploy", "listener", "scripts", "tests", "tools")


@dataclass(frozen=True)
class Check:
    """A command that says by its exit code whether the code is in order; `fix` is what a person runs then."""

    title: str
    command: Sequence[str]
    folder: Path = ROOT
    fix: str = ""


def checks() -> list[Check]:
    python, npm = str(BIN), str(NPM)
    solidity = [
        str(path) for path in sorted((ROOT / "contracts").rglob("*.sol")) if ".cache" not in path.parts
    ]
    return [
        Check(
            "slither", slither(), fix="mend it, or explain it beside the line: // slither-disable-next-line"
        ),
        Check("mypy --strict", [f"{python}/mypy"]),
        Check("eslint (web app)", ["npx", "eslint", "."], FRONTEND),
        Check(
            "clients build, their guide",
            [sys.executable, "-m", "tools.clients", "--check"],
            fix="mend clients/ or the examples of docs/clients.md",
        ),
        *generated(),
        Check(
            "prettier (web app)",
            ["npx", "prettier", "--check", "."],
            FRONTEND,
            "cd frontend && npm run format",
        ),
        Check(
            "storage layouts",
            [sys.executable, "-m", "tools.storage_layout"],
            fix="read what it says: an upgrade must not misread what is stored",
        ),
        Check("budget (web app)", ["npm", "run", "budget"], FRONTEND),
        Check("solhint", [f"{npm}/solhint", "--noPoster", "--max-warnings", "0", *solidity]),
        Check(
            "prettier (Solidity)",
            [f"{npm}/prettier", "--check", *solidity],
            fix="node_modules/.bin/prettier --write 'contracts/**/*.sol'",
        ),
        Check("NatSpec", [sys.executable, "-m", "tools.natspec"], fix="write what is missing"),
        Check(
            "prettier (TypeScript client)",
            ["npx", "prettier", "--config", ".prettierrc.json", "--check", "../clients/typescript"],
            FRONTEND,
            "cd frontend && npx prettier --config .prettierrc.json --write ../clients/typescript",
        ),
        Check("ruff check", [f"{python}/ruff", "check", *CODE], fix="ruff check --fix ."),
        Check("ruff format", [f"{python}/ruff", "format", "--check", *CODE], fix="ruff format ."),
        Check("import layers", [f"{python}/lint-imports", "--no-cache"]),
    ]


def generated() -> list[Check]:
    """The committed files that a program writes: each is what that program writes now."""
    script = [sys.executable, "-m", "tools.generated"]
    return [
        Check(
            "API types up to date", [*script, "api"], fix="cd frontend && npm run api, and commit the result"
        ),
        Check("contract ABIs up to date", [*script, "abi"], fix="make abi, and commit the result"),
        Check("GraphQL schema up to date", [*script, "graphql"], fix="make graphql, and commit the result"),
    ]


def slither() -> list[str]:
    """Our contracts only: not the libraries, not what exists for the local chain or for tests."""
    return [
        *(f"{BIN}/slither", ".", "--exclude-dependencies", "--fail-medium"),
        *("--exclude-low", "--exclude-informational", "--exclude-optimization"),
        *("--filter-paths", "node_modules|contracts/local|contracts/test|tests/forge"),
    ]


def run(check: Check) -> str | None:
    """Run one check and print its line; its output when it fails."""
    started = time.monotonic()
    path = os.pathsep.join([str(BIN), str(NPM), os.environ.get("PATH", "")])
    done = subprocess.run(
        check.command,
        cwd=check.folder,
        env={**os.environ, "PATH": path, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    failed = done.returncode != 0
    print(f"{'✗' if failed else '✓'} {check.title:<28} {time.monotonic() - started:5.1f} s", flush=True)
    return done.stdout if failed else None


def main(names: Sequence[str]) -> int:
    """Run the checks whose title contains one of `names`, or all."""
    chosen = [check for check in checks() if not names or any(name in check.title for name in names)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outputs = pool.map(run, chosen)
        failures = [
            (check, output) for check, output in zip(chosen, outputs, strict=True) if output is not None
        ]
    for check, output in failures:
        print(f"\n── {check.title}\n{output.rstrip()}")
        if check.fix:
            print(f"→ {check.fix}")
    if failures:
        print(f"\n{len(failures)} of {len(chosen)} checks failed: {', '.join(c.title for c, _ in failures)}.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
