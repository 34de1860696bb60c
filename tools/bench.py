"""`make bench`: run the benchmarks one after the other, and say which failed."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = (
    "gas",
    "sizes",
    "listener",
    "reads",
    "reads_served",
    "analytics",
    "ledger",
    "access",
    "graphql",
    "custody",
    "imports",
    "filters",
    "connectors",
    "stream",
    "web",
    "verify",
)


def benchmarks(names: Sequence[str]) -> list[str]:
    """The benchmarks whose name contains one of `names`, or all. Raises ValueError when none does."""
    found = [each for each in BENCHMARKS if not names or any(name in each for name in names)]
    if not found:
        raise ValueError(f"no benchmark is called {', '.join(names)}; there are {', '.join(BENCHMARKS)}")
    return found


def main(names: Sequence[str]) -> int:
    failed = []
    for name in benchmarks(names):
        print(f"── {name}", flush=True)
        started = time.monotonic()
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, check=False)
        if done.returncode != 0:
            failed.append(name)
        print(f"   {time.monotonic() - started:.0f} s\n", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
