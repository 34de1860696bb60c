"""nginx for the tests of many processes: found, or installed when the system lets us.

`python -m tools.nginx` prints its path. Order: NGINX, PATH, where systems keep it, the system's package (as root on
Debian or Ubuntu).
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tools.packages import install_package

FOLDERS = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"
"""Programs of administrators, which are not on everybody's PATH."""


class NginxError(Exception):
    """No nginx here, and none could be installed; says what to do."""


def find_nginx() -> Path | None:
    """An nginx that is already here. Raises NginxError when NGINX names no program."""
    named = os.environ.get("NGINX")
    found = shutil.which(named or "nginx") or (None if named else shutil.which("nginx", path=FOLDERS))
    if named and found is None:
        raise NginxError(f"NGINX={named} is no program; correct or unset it.")
    return Path(found) if found else None


def ensure_nginx(install: Callable[[str], bool] = install_package) -> Path:
    """Find nginx or install it. Raises NginxError when neither works."""
    found = find_nginx()
    if found is None and install("nginx"):
        found = find_nginx()
    if found is None:
        raise NginxError(
            "The tests of several processes need nginx 1.22 or newer, and installing it did not work; install it "
            "(apt install nginx, brew install nginx), or set NGINX=/path/to/it, and run again."
        )
    return found


def main(ensure: Callable[[], Path] = ensure_nginx) -> int:
    try:
        print(f"nginx: {ensure()}")
    except NginxError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
