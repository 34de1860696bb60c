"""`make fuzz-api`: every operation, every phase, as nobody, a user and an administrator, one after the other.

Ends with 0 when nothing was found; what was found is printed with the request that shows it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from backend.migrate import migrate
from tests.conformance.live import live_api
from tests.conformance.run import start
from tests.support.anvil import Anvil
from tests.support.postgres import temporary_postgres

PEOPLE = ("anonymous", "user", "admin")


def main() -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make fuzz-api", description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="random requests for each operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--as", dest="person", choices=PEOPLE, help="only as this one")
    given = parser.parse_args()
    options = ["--max-examples", str(given.examples), "--seed", str(given.seed)]
    found = False
    with (
        temporary_postgres() as server,
        Anvil(block_time=0.5) as chain,
        tempfile.TemporaryDirectory(prefix="tombola-api-") as name,
    ):
        folder = Path(name)
        database = server.create_database()
        migrate(database.backend)
        with live_api(database, chain, folder) as api:
            for role in (given.person,) if given.person else PEOPLE:
                someone = api.anonymous() if role == "anonymous" else api.person(chain, role)
                with start(api, someone, folder, *options) as running:
                    code = running.wait(24 * 3600)
                    print(f"=== {role}: exit code {code}\n{running.text}", flush=True)
                found = found or code != 0
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
