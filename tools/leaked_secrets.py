"""Secrets that stand in files: `python -m tools.leaked_secrets`, with `--history` in everything that was ever committed.

It knows what secrets of the services used here look like, and reads whatever git knows. What only looks like one carries
the word `example`, or stands in `KNOWN` with its reason. The exit code is 1 where something was found; it shows where,
never what.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 5_000_000
KINDS = {
    "private key": (
        rb" PRIVATE KEY",
        rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s*[A-Za-z0-9+/]{40}",
    ),
    "AWS access key": (rb"A[KS]IA", rb"\bA[KS]IA[0-9A-Z]{16}\b"),
    "GitHub token": (rb"gh[pousr]_|github_pat_", rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,})"),
    "Stripe key": (rb"k_live_", rb"\b[sr]k_live_[0-9A-Za-z]{16,}"),
    "Stripe webhook secret": (rb"whsec_", rb"\bwhsec_[0-9A-Za-z]{32,}"),
    "Slack token": (rb"xox[abprs]-", rb"\bxox[abprs]-[0-9A-Za-z-]{20,}"),
    "Google API key": (rb"AIza", rb"\bAIza[0-9A-Za-z_-]{35}\b"),
    "npm token": (rb"npm_", rb"\bnpm_[0-9A-Za-z]{36}\b"),
    "PyPI token": (rb"pypi-", rb"\bpypi-[0-9A-Za-z_-]{60,}"),
    "Vault token": (rb"hvs\.", rb"\bhvs\.[0-9A-Za-z_-]{24,}"),
    "signed token": (rb"\.eyJ", rb"\beyJ[0-9A-Za-z_-]{12,}\.eyJ[0-9A-Za-z_-]{12,}\.[0-9A-Za-z_-]{20,}"),
    "password in a URL": (
        rb"://",
        rb"://[\w.%-]+:(?!\$|\{|PASSWORD|password@|secret@|wrong@)[^\s:/@'\"`<>{}|]{6,}@[\w.-]+",
    ),
}
"""What each kind begins or is marked with, which is found fast, and what it looks like as a whole."""
KNOWN = {"tests/backend/test_jobs.py: password in a URL": "made up: logs must leave it out"}
"""`path: kind` → why it is no secret."""


@dataclass(frozen=True)
class Finding:
    """Where something stands that looks like a secret."""

    where: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.where}:{self.line}: looks like a {self.kind}"


def find(where: str, content: bytes) -> Iterator[Finding]:
    """All findings in one file that are not known to be harmless."""
    for kind, match in _matches(content):
        start, end = content.rfind(b"\n", 0, match.start()) + 1, content.find(b"\n", match.end())
        is_example = b"example" in content[start : end if end > 0 else None].lower()
        if not is_example and f"{where.partition('@')[0]}: {kind}" not in KNOWN:
            yield Finding(where, content.count(b"\n", 0, match.start()) + 1, kind)


def _matches(content: bytes) -> Iterator[tuple[str, re.Match[bytes]]]:
    for kind, (mark, whole) in KINDS.items():
        if re.search(mark, content):
            yield from ((kind, match) for match in re.finditer(whole, content))


def in_files(names: Iterable[str]) -> Iterator[Finding]:
    """Findings in files as they are."""
    for name in names:
        path = ROOT / name
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST:
            yield from find(name, path.read_bytes())


def in_history() -> Iterator[Finding]:
    """Findings in every version of every file that some commit has."""
    objects = _git("rev-list", "--objects", "--all").decode().splitlines()
    named = dict(line.split(" ", 1) for line in objects if " " in line)
    wanted = "\n".join(named).encode()
    told = _git("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", given=wanted).decode()
    small = [
        one
        for one, kind, size in map(str.split, told.splitlines())
        if kind == "blob" and int(size) <= LARGEST
    ]
    for name in small:
        yield from find(f"{named[name]}@{name[:12]}", _git("cat-file", "blob", name))


def _git(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, input=given, capture_output=True, check=True).stdout


def main(arguments: list[str]) -> int:
    """Print the findings."""
    names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
    found = [*in_files(filter(None, names)), *(in_history() if "--history" in arguments else ())]
    print("\n".join(map(str, found)) or "Nothing looks like a secret.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
