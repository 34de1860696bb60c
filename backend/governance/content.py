"""What the governor asks for again at each step of a proposal: it keeps only the hash of it."""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils.crypto import keccak
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.errors import NotFound
from backend.hexes import from_hex
from backend.mirror import open_snapshot
from listener.mirror.reads.sql import fetch

_CONTENT = """
SELECT targets, values AS call_values, calldatas, description FROM mirror.governor_proposal_created
WHERE proposal_id = :proposal_id
"""


class ProposalNotFound(NotFound):
    """No proposal with this id was made up to this block"""


@dataclass(frozen=True)
class Content:
    """The calls of a proposal, and the hash of its description."""

    targets: list[str]
    values: list[int]
    calldatas: list[bytes]
    description_hash: bytes


async def content_of(engine: AsyncEngine, proposal_id: int) -> Content:
    """As the proposal was made. Raises ProposalNotFound, MirrorNotReady."""
    async with open_snapshot(engine) as mirror:
        rows = await fetch(mirror.db, _CONTENT, proposal_id=proposal_id)
        if not rows:
            raise not_found(proposal_id, mirror.as_of.block)
    row = rows[0]
    return Content(
        targets=[str(target) for target in row["targets"]],
        values=[int(value) for value in row["call_values"]],
        calldatas=[from_hex(data) for data in row["calldatas"]],
        description_hash=keccak(text=row["description"]),
    )


def not_found(proposal_id: int, block: int) -> ProposalNotFound:
    """In words."""
    return ProposalNotFound(
        f"No proposal {proposal_id} was made up to block {block}. A new one shows within seconds."
    )
