"""`python -m tests.listener.differential --seed 123`: repeat seeds."""

import argparse
import asyncio
import sys
import time

from tests.listener.differential.lab import LANES, run_seeds
from tests.support.postgres import temporary_postgres


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.listener.differential", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=1, help="how many seeds from there")
    parser.add_argument(
        "--times", type=int, default=1, help="run each so often: moments differ from run to run"
    )
    parser.add_argument("--lanes", type=int, default=LANES, help="seeds at once")
    options = parser.parse_args()
    seeds = [seed for seed in range(options.seed, options.seed + options.count) for _ in range(options.times)]

    def show(seed: int, problem: str) -> None:
        if problem:
            print(f"seed {seed}: {problem}\n", flush=True)

    start = time.monotonic()
    with temporary_postgres() as postgres:
        failed = asyncio.run(run_seeds(seeds, postgres, options.lanes, show))
    print(f"{len(seeds)} seeds in {time.monotonic() - start:.1f} s, {len(failed)} failed: {sorted(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
