"""`python3 -m tools.setup [--python PYTHON]`: see the package's docstring."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Sequence

from tools.setup.errors import SetupError
from tools.setup.node import check_anvil, check_node
from tools.setup.plan import (
    NPM_PROGRAMS,
    contract_steps,
    environment_python,
    node_steps,
    python_steps,
    web_steps,
)
from tools.setup.steps import Step


def run_in_order(steps: Sequence[Step]) -> None:
    for step in steps:
        step.run()


def side_by_side(*lanes: Sequence[Step]) -> None:
    """Run lanes of steps at the same time. Raises SetupError."""
    with ThreadPoolExecutor() as pool:
        for lane in [pool.submit(run_in_order, steps) for steps in lanes]:
            lane.result()


def set_up(wanted: str | None) -> None:
    """Do what is due. Raises SetupError."""
    started = time.monotonic()
    node = check_node()
    interpreter = environment_python(wanted)
    side_by_side(python_steps(interpreter), node_steps(node))
    check_anvil(NPM_PROGRAMS)
    side_by_side(contract_steps(), web_steps())
    print(f"Set-up is complete ({time.monotonic() - started:.1f} s).", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tools.setup", description="Install and build Tombola.")
    parser.add_argument("--python", help="the Python to use, and no other (make setup PY=...)")
    try:
        set_up(parser.parse_args().python)
    except SetupError as problem:
        print(f"Set-up stopped: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Set-up was interrupted; run it again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
