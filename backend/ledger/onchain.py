"""Custodial wallets against the chain: nonces at the final block, and token balances as the mirror has them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from backend.contracts import ERC20
from backend.hexes import checksum, to_hex
from backend.ledger.comparison import Found
from backend.mirror import MirrorNotReady, open_snapshot
from backend.services import Services
from listener.chain.encode import encode_call
from listener.chain.faults import PermanentError, RpcError
from listener.chain.rpc import Call
from listener.chain.settings import chain_settings
from listener.mirror.reads import holders

PAGE = 100
MOST_TOKENS = 500
PATIENCE = 10.0

_WALLETS = text("SELECT id, address FROM app.wallet WHERE id > :after ORDER BY id LIMIT :page")
_FIRST = UUID(int=0)
_SLOTS = text("""
    SELECT w.address, w.first_nonce + count(s.id) FILTER (WHERE s.block_number <= :final) AS expected
    FROM app.wallet w LEFT JOIN app.slot s ON s.wallet_id = w.id
    WHERE w.address = ANY (:addresses) AND w.first_nonce IS NOT NULL
    GROUP BY w.id
""")


class NotComparedError(Exception):
    """The chain or the mirror could not be asked; says why."""


Comparison = Callable[[Services, Sequence[bytes]], Awaitable[list[Found]]]


@dataclass(frozen=True)
class Again:
    """What differs is asked again: sender and listener see a block a moment after the node has it."""

    times: int = 4
    pause: float = 2.0


async def compare_nonces(services: Services, addresses: Sequence[bytes]) -> list[Found]:
    """Transactions of each wallet in final blocks against slots in final blocks."""
    final = await _final_block(services)
    if final < 0:
        return []
    calls = [Call("eth_getTransactionCount", [checksum(one), hex(final)]) for one in addresses]
    on_chain = dict(zip(addresses, await _numbers(services, calls), strict=True))
    async with services.engine.connect() as db:
        rows = (await db.execute(_SLOTS, {"addresses": list(addresses), "final": final})).all()
    return [
        Found(
            "wallet_nonce", f"wallet:{checksum(row.address)}", str(row.expected), str(on_chain[row.address])
        )
        for row in rows
        if row.expected != on_chain[row.address]
    ]


async def compare_tokens(services: Services, addresses: Sequence[bytes]) -> list[Found]:
    """What the mirror says that wallets have of tokens against the tokens themselves, at the mirror's block."""
    try:
        async with open_snapshot(services.engine) as mirror:
            block = hex(mirror.as_of.block)
            said = [
                (address, checksum(found.token), int(found.amount))
                for address in addresses
                for found in await holders.balances(mirror.db, mirror.as_of, address, limit=MOST_TOKENS)
            ]
    except MirrorNotReady as error:
        raise NotComparedError(error.detail) from None
    calls = []
    for one, token, _ in said:
        data = to_hex(encode_call(ERC20, "balanceOf", [checksum(one)]))
        calls.append(Call("eth_call", [{"to": token, "data": data}, block]))
    return [
        Found("token_balance", f"wallet:{checksum(one)} token:{token}", str(amount), str(has))
        for (one, token, amount), has in zip(said, await _numbers(services, calls), strict=True)
        if has != amount
    ]


async def compare_wallets(services: Services, comparison: Comparison, again: Again) -> list[Found]:
    """A comparison of all custodial wallets; what differs is compared again before it is believed.

    Raises NotComparedError.
    """
    found: list[Found] = []
    after = _FIRST
    while page := await _page(services, after):
        after = page[-1][0]
        addresses = [address for _, address in page]
        different = await comparison(services, addresses)
        for _ in range(again.times):
            if not different:
                break
            await asyncio.sleep(again.pause)
            different = await comparison(services, addresses)
        found += different
    return found


async def _page(services: Services, after: UUID) -> list[tuple[UUID, bytes]]:
    async with services.engine.connect() as db:
        return [(row.id, row.address) for row in await db.execute(_WALLETS, {"after": after, "page": PAGE})]


async def _numbers(services: Services, calls: Sequence[Call]) -> list[int]:
    """Answers that are numbers; raises NotComparedError about the first that is none."""
    try:
        answers = await services.rpc.batch(calls, patience=PATIENCE) if calls else []
        for answer in answers:
            if isinstance(answer, PermanentError):
                raise answer
        return [int(answer, 16) for answer in answers]
    except (RpcError, TypeError, ValueError) as error:
        raise NotComparedError(f"the chain could not be asked: {error}") from None


async def _final_block(services: Services) -> int:
    """Number of the newest final block: by the given depth, else by the tag, else by the chain's depth."""
    rpc, depth = services.rpc, services.settings.finality_depth
    try:
        if depth is None:
            try:
                block = await rpc.call("eth_getBlockByNumber", ["finalized", False], patience=PATIENCE)
                return int(block["number"], 16) if block else -1
            except PermanentError:
                depth = chain_settings(services.contracts.chain_id).finality_depth
        return int(await rpc.call("eth_blockNumber", [], result=str, patience=PATIENCE), 16) - depth
    except RpcError as error:
        raise NotComparedError(f"the chain could not be asked: {error}") from None
