"""`python -m backend backing`: state what is owed now, whether or not it was stated today."""

from __future__ import annotations

from backend.backing.publish import publish
from backend.services import open_services
from backend.settings import Settings


async def run(settings: Settings) -> int:
    """0 when statements were handed to the sender, 1 when there was nothing to state or nobody who may."""
    async with open_services(settings, "tombola backing") as services:
        block = await publish(services)
    if block is None:
        print(
            "Nothing was stated: no newer final block or nobody is owed anything, Attestations is not deployed, the "
            "keeper is not its publisher, or the statements before are still on their way."
        )
        return 1
    print(
        f"What is owed at block {block} is on its way to the chain; `GET /backing` shows it once it is there."
    )
    return 0
