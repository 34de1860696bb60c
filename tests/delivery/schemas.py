"""Checking files against schemas that check-jsonschema brings with it; nothing is loaded."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


def refused(schema: str, files: Iterable[Path]) -> str:
    """What check-jsonschema says of the files by `vendor.<schema>`; empty where all are in order."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
