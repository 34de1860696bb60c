"""`python -m tools.run`: run the local system until Ctrl-C.

Exit codes: 0 stopped, 1 could not run, 2 wrong usage.
"""

import sys

from tools.run.errors import RunError
from tools.run.options import parse
from tools.run.supervisor import Supervisor


def main() -> int:
    try:
        Supervisor(parse(sys.argv[1:])).run()
    except RunError as error:
        print(f"Tombola cannot run: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
