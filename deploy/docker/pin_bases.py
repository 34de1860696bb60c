"""Adds digests to images that are pinned by tag: `python3 deploy/docker/pin_bases.py`; `--check` only tells which have none.

A tag can be moved to another image, a digest cannot. The registry is asked through `docker`, so this runs where images
are built; it changes the Dockerfile and the compose file, to be committed. Python's own library is enough.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ("deploy/docker/Dockerfile", "deploy/compose/compose.yml")
IMAGE = re.compile(
    r"^(?P<start>FROM |\s+image: )(?P<image>[\w./-]+:[\w.-]+)(?P<digest>@sha256:[0-9a-f]{64})?(?=\s|$)", re.M
)


def digest_of(image: str) -> str:
    """`sha256:…` of an image that the registry has. Raises SystemExit with docker's words."""
    for command in (
        ["docker", "pull", "--quiet", image],
        ["docker", "inspect", "--format", "{{index .RepoDigests 0}}", image],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{image}: {done.stderr.strip()}")
    found = re.search(r"@(sha256:[0-9a-f]{64})\s*$", done.stdout)
    if found is None:
        raise SystemExit(f"{image}: docker tells no digest: {done.stdout.strip()!r}")
    return found[1]


def _pinned(text: str, digests: dict[str, str]) -> str:
    return IMAGE.sub(lambda one: one[0] if one["digest"] else f"{one[0]}@{digests[one['image']]}", text)


def main(arguments: list[str]) -> int:
    """Pin, or tell what is not pinned (exit code 1)."""
    lacking: list[str] = []
    for name in FILES:
        path = ROOT / name
        text = path.read_text()
        open_ones = [match["image"] for match in IMAGE.finditer(text) if match["digest"] is None]
        lacking += [f"{name}: {image} has no digest" for image in open_ones]
        if "--check" not in arguments:
            path.write_text(_pinned(text, {image: digest_of(image) for image in open_ones}))
    if "--check" in arguments:
        print("\n".join(lacking) or "Every image has its digest.")
    return 1 if lacking and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
