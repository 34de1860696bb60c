"""`python -m tests.backend.files.dying_writer FOLDER KEY MOMENT`: writes a file and SIGKILLs itself at a moment.

`mid`: half of it is written. `synced`: all of it is on the disk, its name is not there yet.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from backend.files.folder import FolderStore
from backend.files.links import FileLinks


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(folder: Path, key: str, moment: str) -> None:
    if moment == "synced":
        os.replace = die

    async def chunks() -> AsyncIterator[bytes]:
        yield b"new" * 1_000_000
        if moment == "mid":
            die()

    await FolderStore(folder, FileLinks([], "")).write(key, chunks())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
