"""What a custodial wallet has on chain, asked of a node once for each block rather than for each look at it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from backend.chain import balances
from backend.services import Services

KEEP_SECONDS = 2.0
"""Where the mirror stands still although the chain goes on."""


async def kept_balances(
    services: Services, address: str, tokens: Sequence[str], holds: Mapping[bytes | None, int]
) -> list[int]:
    """As `backend.chain.balances`. `holds` are what open intents hold of the wallet.

    Kept until the mirror's head moves, or what is held changes: a hold that ends has been paid, maybe in a block that
    the mirror has not got yet. Raises ChainUnavailable.
    """
    held = sorted((token or b"", amount) for token, amount in holds.items())
    key = await services.cache.key_now(f"balances {address} {list(tokens)} {held}")

    async def ask() -> bytes:
        return json.dumps(await balances(services.rpc, address, tokens)).encode()

    found: list[int] = json.loads(await services.cache.get_for(KEEP_SECONDS, "balances", key, ask))
    return found
