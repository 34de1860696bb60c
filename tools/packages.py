"""Programs that tests need and no package registry brings: found, or taken from the system where it lets us.

`python -m tools.packages` prints where they are. Order: a variable, PATH, where systems keep them, the system's package
(as root on Debian or Ubuntu).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDERS = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"
"""Programs of administrators, which are not on everybody's PATH."""


class MissingError(Exception):
    """A program is not here, and could not be installed; says what to do."""


@dataclass(frozen=True)
class Program:
    """A program of a package of the same name; `variable` may name another one."""

    name: str
    variable: str
    least: str

    def find(self) -> Path | None:
        """One that is already here. Raises MissingError when the variable names no program."""
        named = os.environ.get(self.variable)
        found = shutil.which(named or self.name)
        if named and found is None:
            raise MissingError(f"{self.variable}={named} is no program; correct or unset it.")
        found = found or shutil.which(self.name, path=FOLDERS)
        return Path(found) if found else None

    def ensure(self, install: Callable[[str], bool] | None = None) -> Path:
        """Find it or install it. Raises MissingError when neither works."""
        found = self.find()
        if found is None and (install or install_package)(self.name):
            found = self.find()
        if found is None:
            raise MissingError(
                f"The tests of several processes need {self.name} {self.least} or newer, and installing it did not work; "
                f"install it (apt install {self.name}, or with brew), or set {self.variable}=/path/to/it, and run again."
            )
        return found


NGINX = Program("nginx", "NGINX", "1.22")
REDIS = Program("redis-server", "REDIS_SERVER", "6.2")


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


def main(ensure: Callable[[Program], Path] = Program.ensure) -> int:
    try:
        for program in (NGINX, REDIS):
            print(f"{program.name}: {ensure(program)}")
    except MissingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
