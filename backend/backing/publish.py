"""A day's statements: what is owed is taken, summed up in trees, kept, and handed to the sender, all or nothing."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.chain import chain
from backend.backing import topics
from backend.backing.snapshot import Owed, Taken, take
from backend.backing.tables import BackingLeaf, BackingSnapshot, BackingStatement
from backend.backing.tree import Place, Seed, Tree, build
from backend.chain import view
from backend.hexes import address_bytes, checksum
from backend.intents.service import Call, create_platform_intent
from backend.services import Services
from backend.wallets.tables import Wallet
from listener.chain.draw.hashing import ZERO32, keccak

log = structlog.get_logger(__name__)
CONTRACT = "Attestations"
KIND = "keeper_attest"
KEPT_DAYS = 400
DAY_SECONDS = 86_400 - 300  # the job looks every ten minutes: without these five it would slip by ten a day
_LEAVES = 5_000

_STATED_TODAY = text("""
    SELECT EXISTS (SELECT FROM app.backing_snapshot s JOIN app.intent i ON i.id = s.intent_id
        WHERE s.taken_at > now() - make_interval(secs => :seconds)
            AND i.state NOT IN ('rejected', 'reverted', 'cancelled'))
""")
_FORGET = (
    text("""
        DELETE FROM app.backing_leaf l USING app.backing_snapshot s
        WHERE s.block_number = l.block_number AND s.taken_at < now() - make_interval(days => :days)
    """),
    text("""
        UPDATE app.backing_statement t SET holders = NULL FROM app.backing_snapshot s
        WHERE s.block_number = t.block_number AND t.holders IS NOT NULL
            AND s.taken_at < now() - make_interval(days => :days)
    """),
)


@dataclass(frozen=True)
class Stated:
    """One asset with its tree."""

    owed: Owed
    seed: Seed
    tree: Tree
    document: bytes
    """Hash of the list of addresses that hold it."""
    holders: bytes | None


async def publish(services: Services) -> int | None:
    """State what is owed at the newest final block; its number, or None when there is nothing to state or nobody to.

    Raises LaterError, RpcError, ChainUnavailable, MirrorNotReady.
    """
    keeper = await _publisher(services)
    if keeper is None:
        return None
    await chain(services.engine)  # so that the audit's head is the newest
    async with AsyncSession(services.engine) as db:
        last = await db.scalar(select(func.max(BackingSnapshot.block_number)))
    taken = await take(services, -1 if last is None else last)
    if taken is None or (last is None and not any(one.amounts for one in taken.assets)):
        return None
    stated = await asyncio.to_thread(_state, services, taken)
    async with AsyncSession(services.engine) as db, db.begin():
        for forget in _FORGET:
            await db.execute(forget, {"days": KEPT_DAYS})
        params = {"snapshot_block": str(taken.block)}
        intent = await create_platform_intent(
            db, keeper.id, KIND, params, _calls(services, taken, stated), KIND
        )
        if intent is None:
            log.warning("attestation_still_open", block=taken.block)
            return None
        await _keep(db, services, taken, stated, intent.id)
    for one in stated:
        _tell(taken.block, one)
    return taken.block


async def is_due(services: Services) -> bool:
    """Whether a day has passed since the last statements that were not refused."""
    if CONTRACT not in services.contracts.registry.contracts:
        return False
    async with services.engine.connect() as db:
        return not await db.scalar(_STATED_TODAY, {"seconds": DAY_SECONDS})


async def _publisher(services: Services) -> Wallet | None:
    """The keeper's wallet, if it may publish."""
    if CONTRACT not in services.contracts.registry.contracts:
        return None
    async with AsyncSession(services.engine) as db:
        keeper = await db.scalar(select(Wallet).where(Wallet.role == "keeper"))
    named = str(await view(services.rpc, services.contracts, CONTRACT, "publisher", []))
    if keeper is not None and address_bytes(checksum(named)) == keeper.address:
        return keeper
    ours = None if keeper is None else checksum(keeper.address)
    log.warning("not_the_publisher", publisher=checksum(named), keeper=ours)
    return None


def _state(services: Services, taken: Taken) -> list[Stated]:
    contract = address_bytes(services.contracts.address(CONTRACT))
    found = []
    for owed in taken.assets:
        seed = Seed(secrets.token_bytes(32))
        place = Place(services.contracts.chain_id, contract, owed.topic, taken.block)
        holders = None if owed.reserve is None else b"".join(sorted(owed.amounts))
        document = ZERO32 if holders is None else keccak(holders)
        found.append(Stated(owed, seed, build(place, seed, owed.amounts), document, holders))
    return found


def _calls(services: Services, taken: Taken, stated: list[Stated]) -> list[Call]:
    said: list[tuple[Any, ...]] = [
        (one.owed.topic, taken.block, one.tree.root, one.tree.total, one.document) for one in stated
    ]
    if taken.head is not None:
        position, head = taken.head
        said.append((topics.AUDIT, taken.block, head, position, ZERO32))
    contracts = services.contracts
    to = contracts.address(CONTRACT)
    return [Call(to, contracts.encode(CONTRACT, "publish", one)) for one in said]


async def _keep(
    db: AsyncSession, services: Services, taken: Taken, stated: list[Stated], intent_id: Any
) -> None:
    contract = address_bytes(services.contracts.address(CONTRACT))
    snapshot = {"block_number": taken.block, "block_time": taken.time, "contract": contract}
    await db.execute(insert(BackingSnapshot).values(**snapshot, intent_id=intent_id))
    wallets = {row.address: row.id for row in await db.execute(select(Wallet.address, Wallet.id))}
    for one in stated:
        tree, owed = one.tree, one.owed
        values = {
            "block_number": taken.block,
            "topic": owed.topic,
            "symbol": owed.symbol,
            "decimals": owed.decimals,
            "root": tree.root,
            "total": Decimal(tree.total),
            "size": tree.size,
            "document": one.document,
            "holders": one.holders,
            "reserve": None if owed.reserve is None else Decimal(owed.reserve),
            "seed": one.seed.value,
            "block_hashes": b"".join(node for node, _ in tree.blocks),
            "block_sums": [Decimal(amount) for _, amount in tree.blocks],
        }
        await db.execute(insert(BackingStatement).values(**values))
        rows = [
            {
                "block_number": taken.block,
                "topic": owed.topic,
                "index": tree.indexes[account],
                "wallet_id": wallets[account],
                "amount": Decimal(amount),
            }
            for account, amount in owed.amounts.items()
        ]
        for at in range(0, len(rows), _LEAVES):
            await db.execute(insert(BackingLeaf), rows[at : at + _LEAVES])


def _tell(block: int, stated: Stated) -> None:
    owed, total = stated.owed, stated.tree.total
    log.info("backing_stated", block=block, asset=owed.symbol, total=str(total), reserve=str(owed.reserve))
    if owed.reserve is not None and owed.reserve < total:
        # It is stated all the same: a proof that is withheld when it fails proves nothing.
        log.error("backing_short", asset=owed.symbol, total=str(total), reserve=str(owed.reserve))
