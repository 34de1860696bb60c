"""Routes of the proof of backing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BeforeValidator, WithJsonSchema

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.backing import store
from backend.backing.publish import CONTRACT
from backend.backing.schemas import BackingOut, HoldersOut, MyBackingOut, Statement
from backend.caching.reads import tagged
from backend.errors import NotFound, errors
from backend.hexes import address_bytes, checksum, to_hex
from backend.mirror import Mirror, MirrorNotReady
from backend.pages import DEFAULT_LIMIT, Cursor, Limit, Page, page
from backend.routing import Router
from backend.services import Services, ServicesDep

router = Router(prefix="/backing", tags=["backing"])
_LARGEST_BLOCK = 2**53


def _topic(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    digits = value.removeprefix("0x")
    if len(digits) != 64 or not all(sign in "0123456789abcdefABCDEF" for sign in digits):
        raise ValueError("must be 0x and 64 hex digits")
    return bytes.fromhex(digits)


_HEX = WithJsonSchema({"type": "string", "pattern": "^0x[0-9a-fA-F]{64}$"})
TopicPath = Annotated[bytes, BeforeValidator(_topic), _HEX, Path(description="As a statement names it")]
TopicFilter = Annotated[
    bytes | None, BeforeValidator(_topic), _HEX, Query(description="Only statements of this topic")
]
BlockPath = Annotated[int, Path(ge=0, le=_LARGEST_BLOCK, description="A statement's snapshot block")]
BlockFilter = Annotated[
    int | None, Query(ge=0, le=_LARGEST_BLOCK, description="Of another snapshot than the newest")
]


class NothingPublished(NotFound):
    """No proof of backing is published that this asks for, or it is no longer kept"""


@router.get(
    "", summary="What is owed to custodial people, and what backs it", responses=errors(MirrorNotReady)
)
@tagged
async def read_backing(mirror: Mirror, services: ServicesDep) -> BackingOut:
    """The newest statement of each asset, and of the audit's head."""
    found = await store.newest(mirror.db) if _is_deployed(services) else []
    return BackingOut(
        chain_id=services.contracts.chain_id,
        contract=services.contracts.address(CONTRACT) if _is_deployed(services) else None,
        statements=found,
        as_of_block=mirror.as_of.block,
        final=mirror.as_of.is_final(found),
    )


@router.get("/statements", summary="All statements, newest first", responses=errors(MirrorNotReady))
@tagged
async def list_statements(
    mirror: Mirror,
    services: ServicesDep,
    topic: TopicFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Statement]:
    """As they were published. None can be changed or taken back."""
    found = []
    if _is_deployed(services):
        found = await store.history(mirror.db, topic=topic, before=cursor, limit=limit + 1)
    return page(mirror, found, limit, lambda one: one.position)


@router.get(
    "/mine",
    summary="Proofs that I am counted",
    responses=errors(NotSignedIn, NothingPublished, MirrorNotReady),
)
async def my_proofs(
    user: CurrentUser, mirror: Mirror, services: ServicesDep, snapshot_block: BlockFilter = None
) -> MyBackingOut:
    """One's own leaves with their salts and the way to the roots on chain. An asset without a leaf is named too."""
    if not _is_deployed(services):
        raise NothingPublished("No proof of backing is published here.")
    snapshot = await store.last_taken(mirror.db) if snapshot_block is None else snapshot_block
    rows = [] if snapshot is None else await store.trees(mirror.db, snapshot, user.wallet_id)
    if snapshot is None or not rows:
        raise NothingPublished(
            "No proof of backing is published yet."
            if snapshot is None
            else f"No proof of backing of block {snapshot} is published."
        )
    chain_id, account = services.contracts.chain_id, address_bytes(user.wallet_address)
    return MyBackingOut(
        format="TOMBOLA-BACKING-1",
        chain_id=chain_id,
        contract=checksum(rows[0]["contract"]),
        snapshot_block=snapshot,
        snapshot_at=rows[0]["snapshot_at"],
        account=user.wallet_address,
        proofs=[
            await store.proof(mirror.db, chain_id, snapshot, account, row)
            for row in rows
            if row["index"] is not None
        ],
        nothing_owed=[store.nothing_owed(row) for row in rows if row["index"] is None],
    )


@router.get(
    "/statements/{snapshot_block}/{topic}/holders",
    summary="The wallets that back a statement",
    responses=errors(NothingPublished, MirrorNotReady),
)
@tagged
async def read_holders(
    snapshot_block: BlockPath, topic: TopicPath, mirror: Mirror, services: ServicesDep
) -> HoldersOut:
    """Addresses alone, in their order: whose they are is not told. What they have, the chain says."""
    found = await store.holders(mirror.db, snapshot_block, topic) if _is_deployed(services) else None
    if found is None:
        raise NothingPublished(
            f"No addresses are kept for {to_hex(topic)} at block {snapshot_block}: it was not published, is of "
            "credits, which are not on chain, or is older than 400 days."
        )
    addresses, document = found
    return HoldersOut(
        topic=to_hex(topic),
        snapshot_block=snapshot_block,
        document=to_hex(document),
        addresses=[checksum(one) for one in addresses],
    )


def _is_deployed(services: Services) -> bool:
    return CONTRACT in services.contracts.registry.contracts
