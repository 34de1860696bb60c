"""Puts a release into service behind nginx, and takes it back, on a machine that runs deploy/compose.

    python3 deploy/bluegreen.py ghcr.io/OWNER/tombola:v1.2.3    # the whole way, in the order of docs/upgrading.md
    python3 deploy/bluegreen.py --back                          # people go to the colour of before again
    python3 deploy/bluegreen.py --status

One of two sets of API processes, blue and green, is live: the one that nginx' upstream names. The other one is started
with the new image, and people are sent to it only when all of it is ready. What fails before that changes nothing for
them. Python's own library is enough.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

COMPOSE = Path(__file__).resolve().parent / "compose"
OTHER = {"blue": "green", "green": "blue"}
READY_SECONDS = 180


class ReleaseError(Exception):
    """A step failed; what it says is for the operator."""


@dataclass
class Release:
    """One run. `drain` is how many seconds the colour of before may finish what it has begun."""

    folder: Path
    drain: float
    told: dict[str, str] = field(default_factory=dict)

    @property
    def upstream(self) -> Path:
        return self.folder / "nginx" / "live" / "upstream.conf"

    @property
    def live(self) -> str:
        """The colour that people are sent to."""
        found = re.search(r"server api-(blue|green):8000\b", self.upstream.read_text())
        if found is None:
            raise ReleaseError(f"{self.upstream} names no colour: put `server api-blue:8000 …;` there.")
        return found[1]

    def forward(self, image: str) -> None:
        """The new image everywhere; raises ReleaseError, and people stay where they are, when it does not get ready."""
        self.told = {"TOMBOLA_IMAGE": image, f"TOMBOLA_{OTHER[self.live].upper()}": image}
        self._up("listener")
        self._compose("run", "--rm", "--no-deps", "migrate")
        self._move()

    def back(self) -> None:
        """The colour of before, with the image it had, for all processes but the listener."""
        name = f"TOMBOLA_{OTHER[self.live].upper()}"
        image = self._remembered().get(name)
        if not image:
            raise ReleaseError(f"{self.folder / '.env'} does not say which image to go back to: {name}.")
        self.told = {"TOMBOLA_IMAGE": image}
        self._move()

    def _move(self) -> None:
        """People go to the other colour, then all else follows."""
        before, after = self.live, OTHER[self.live]
        self._begin(after)
        self._switch(after)
        others = self._remembered().get("COMPOSE_PROFILES", "").split(",")
        self.told["COMPOSE_PROFILES"] = ",".join([after, *(one for one in others if one not in {*OTHER, ""})])
        self._remember()
        for process in ("worker", "sender", "keeper"):
            self._up(process)
        time.sleep(self.drain)
        self._compose("stop", f"api-{before}")

    def _begin(self, colour: str) -> None:
        try:
            self._up(f"api-{colour}")
        except ReleaseError as error:
            self._compose("stop", f"api-{colour}")
            raise ReleaseError(
                f"{error}\n{colour} did not get ready and was stopped; {OTHER[colour]} is live."
            ) from None

    def _switch(self, colour: str) -> None:
        """Nginx finishes what it has begun with its old workers; nothing is refused meanwhile."""
        before = self.upstream.read_text()
        self._write(self.upstream, before.replace(f"api-{OTHER[colour]}:", f"api-{colour}:"))
        try:
            self._compose("exec", "-T", "nginx", "nginx", "-t")
            self._compose("exec", "-T", "nginx", "nginx", "-s", "reload")
        except ReleaseError as error:
            self._write(self.upstream, before)
            self._compose("stop", f"api-{colour}")
            raise ReleaseError(f"{error}\nnginx did not take {colour}; {OTHER[colour]} is live.") from None
        print(f"{colour} is live.", flush=True)

    def _up(self, service: str) -> None:
        self._compose("up", "--detach", "--no-deps", "--wait", "--wait-timeout", str(READY_SECONDS), service)

    def _compose(self, *arguments: str) -> None:
        command = [
            "docker",
            "compose",
            "--project-directory",
            str(self.folder),
            *("--profile", "blue", "--profile", "green"),
            *arguments,
        ]
        print(f"→ {' '.join(arguments)}", flush=True)
        done = subprocess.run(
            command, env={**os.environ, **self.told}, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise ReleaseError(f"{' '.join(arguments)} failed: {(done.stderr or done.stdout).strip()}")

    def _remembered(self) -> Mapping[str, str]:
        path = self.folder / ".env"
        lines = path.read_text().splitlines() if path.exists() else []
        return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))

    def _remember(self) -> None:
        """Write images and colour into .env, so that `docker compose up` starts the same."""
        path = self.folder / ".env"
        lines = path.read_text().splitlines() if path.exists() else []
        kept = [line for line in lines if line.split("=", 1)[0] not in self.told]
        self._write(
            path, "\n".join([*kept, *(f"{name}={value}" for name, value in self.told.items())]) + "\n"
        )

    @staticmethod
    def _write(path: Path, text: str) -> None:
        new = path.with_name(f".{path.name}.new")
        new.write_text(text)
        new.replace(path)


def main(arguments: list[str]) -> int:
    """Returns 0, or 1 with what went wrong on stderr."""
    parser = argparse.ArgumentParser(description="Put a release into service, or take it back.")
    parser.add_argument("image", nargs="?", help="the release, as REGISTRY/NAME:VERSION or with its digest")
    parser.add_argument("--back", action="store_true", help="the colour of before")
    parser.add_argument("--status", action="store_true", help="which colour is live")
    parser.add_argument(
        "--drain", type=float, default=30.0, metavar="SECONDS", help="for what has begun (30)"
    )
    parser.add_argument("--folder", type=Path, default=COMPOSE, help="of compose.yml (deploy/compose)")
    given = parser.parse_args(arguments)
    if sum([bool(given.image), given.back, given.status]) != 1:
        parser.error("give an image, or --back, or --status")
    release = Release(given.folder.resolve(), given.drain)
    try:
        if given.status:
            print(release.live)
        elif given.back:
            release.back()
        else:
            release.forward(given.image)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
