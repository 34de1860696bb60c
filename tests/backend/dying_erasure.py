"""`python -m tests.backend.dying_erasure ERASURE MOMENT`: carries an erasure out and SIGKILLs itself at a moment.

`mid`: all is deleted, nothing committed. `before_commit`: the picture is gone too. `after_commit`: nobody was told.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any
from uuid import UUID

from backend.privacy import erase
from backend.services import open_services
from backend.settings import load_settings


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(erasure_id: UUID, moment: str) -> None:
    remove = erase.remove_avatar

    async def remove_and_die(*arguments: Any) -> None:
        if moment == "before_commit":
            await remove(*arguments)
        die()

    if moment != "after_commit":
        erase.remove_avatar = remove_and_die
    async with open_services(load_settings(), "tests") as services:
        await erase.carry_out(services, erasure_id)
        die()


if __name__ == "__main__":
    asyncio.run(main(UUID(sys.argv[1]), sys.argv[2]))
