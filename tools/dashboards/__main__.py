"""`python -m tools.dashboards run`: `make run` with metrics (ports 9464 to 9468) and a Prometheus on 9090.
`python -m tools.dashboards check`: does every panel have data there? `--picture FILE` draws one dashboard as PNG.

Grafana is not needed; Prometheus is (Debian: `apt install prometheus`, or `--prometheus PATH`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Exit code 1: a panel has no data, or nothing could run."""
    parser = argparse.ArgumentParser(prog="python -m tools.dashboards", description=__doc__)
    parser.add_argument("command", choices=("run", "check"))
    parser.add_argument("--prometheus", default="prometheus", help="the program")
    parser.add_argument("--prometheus-port", type=int, default=9090)
    parser.add_argument("--picture", type=Path, help="where `check` draws what Prometheus answers")
    parser.add_argument("--dashboard", default="tombola-overview", help="which one it draws")
    given, rest = parser.parse_known_args()
    if given.command == "run":
        from tools.dashboards.system import run
        from tools.run.errors import RunError

        try:
            run(rest, given.prometheus, given.prometheus_port)
        except (RunError, OSError) as error:
            print(f"It cannot run: {error}", file=sys.stderr)
            return 1
        return 0
    from tools.dashboards.panels import check
    from tools.dashboards.picture import draw

    url = f"http://127.0.0.1:{given.prometheus_port}"
    if given.picture:
        draw(url, given.dashboard, given.picture)
    return check(url)


if __name__ == "__main__":
    sys.exit(main())
