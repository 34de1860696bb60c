"""`python -m tests.backend.privacy.dying_export EXPORT MOMENT`: makes a copy and SIGKILLs itself at a moment.

`mid`: half of the ZIP is in the store's draft. `written`: the file is there, no row names it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from backend.data_export import service
from backend.services import open_services
from backend.settings import load_settings


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(export_id: UUID, moment: str) -> None:
    pieces = service._pieces

    async def half(*arguments: Any) -> AsyncIterator[bytes]:
        async for piece in pieces(*arguments):
            yield piece[: len(piece) // 2]
            die()

    if moment == "mid":
        service._pieces = half
    else:
        service._keep = die  # type: ignore[assignment]
    async with open_services(load_settings(), "tests") as services:
        await service.make(services, export_id)


if __name__ == "__main__":
    asyncio.run(main(UUID(sys.argv[1]), sys.argv[2]))
