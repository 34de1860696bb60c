"""Secrets that are made once per state folder, in a file that only its owner reads."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def load_or_create(path: Path, fresh: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The file's JSON object; two processes that start at once get the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(fresh()) + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process's secret holds
        finally:
            draft.unlink()
    found: dict[str, Any] = json.loads(path.read_text())
    return found
