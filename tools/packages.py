"""Programs that tests need and no package registry brings: taken from the system where it lets us."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence


def install_package(name: str) -> bool:
    """As root on Debian or Ubuntu; False elsewhere, and where it did not work, which is said."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"Installing {name} (apt-get) …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return succeeds(["apt-get", "update", "-qq"], environment) and succeeds(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", name], environment
    )


def succeeds(command: Sequence[str], environment: dict[str, str]) -> bool:
    """Run it; where it fails say how."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"  {command[0]} failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
    return done.returncode == 0
