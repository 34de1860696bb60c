"""`python -m tools.chainlink`: compile the coordinator where that is due."""

import sys

from tools.chainlink.artifact import ARTIFACT, ROOT, ChainlinkBuildError, coordinator


def main() -> int:
    try:
        found = coordinator()
    except ChainlinkBuildError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{found.name}: {len(found.bytecode)} bytes in {ARTIFACT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
