"""Committing a list: salts, leaves and root are fixed together with the intent that opens the contest."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.current_user import SignedIn
from backend.contests.entries import FixedList, fix_entries, write_entries
from backend.contests.tables import Contest, ContestLeaves, ContestProof
from backend.contracts import Contracts
from backend.hexes import address_bytes, to_hex
from backend.intents.service import Call, create_intent
from backend.intents.tables import Intent
from backend.participants.tables import ContestImport
from backend.prices.charging import hold_for
from backend.services import Services
from listener.chain.draw.exclusions import exclusion_leaves, exclusion_root
from listener.chain.draw.merkle import Tree, contest_key, list_leaves
from listener.chain.draw.sums import SumTree
from listener.chain.draw.terms import ContestDetails, ContestTerms, text_hash

KIND = "open_contest"


@dataclass(frozen=True)
class Leaves:
    """A salted list and its exclusions: leaves joined, and roots."""

    joined: bytes
    root: bytes
    exclusions: bytes
    exclusion_root: bytes


async def commit(db: AsyncSession, services: Services, user: SignedIn, contest: Contest) -> Intent:
    """Fix the list and record the intent `open_contest` of the organiser's wallet, in one transaction.

    `contest` is from `to_fill`; one whose intent failed is committed anew, with new salts. Raises what
    `fix_entries`, `create_intent` and `hold_for` raise.
    """
    contracts = services.contracts
    contract, chain_id = contracts.address("Contest"), contracts.chain_id
    fixed = await fix_entries(db, contest)
    key_salt, secret = _rising_salt(), secrets.token_bytes(32)
    key = contest_key(user.wallet_address, text_hash(contest.post_reference), key_salt)
    hashing = asyncio.to_thread(_leaves, chain_id, contract, key, secret, fixed)
    leaves, _ = await asyncio.gather(hashing, write_entries(db, contest, fixed))
    details = ContestDetails(
        rules_hash=text_hash(contest.rules),
        list_sha256=fixed.sha256,
        exclusion_root=leaves.exclusion_root,
        post_hash=text_hash(contest.post_reference),
    )
    config = (
        key_salt,
        leaves.root,
        contest.entry_count,
        contest.winners,
        contest.alternates,
        details.rules_hash,
        details.list_sha256,
        details.exclusion_root,
        details.post_hash,
    )
    intent = await create_intent(
        db,
        user,
        KIND,
        {"contest_id": str(contest.id), "contest_key": to_hex(key), "root": to_hex(leaves.root)},
        [Call(contract, _opening(contracts, config, contest.total_weight))],
    )
    await hold_for(db, services.settings, contest, intent)
    sources = await _sources(db, contest.id)
    contest.committed_at = datetime.now(UTC)
    contest.sources = sources
    contest.intent_id = intent.id
    contest.chain_id = chain_id
    contest.contract = address_bytes(contract)
    contest.contest_key = key
    contest.key_salt = key_salt
    contest.sealed_secret = await services.kms.seal(secret, secret_context(contest.id, key))
    contest.root = leaves.root
    contest.exclusion_root = leaves.exclusion_root
    terms = ContestTerms(
        organiser=user.wallet_address,
        contest_key=key,
        root=leaves.root,
        entries=contest.entry_count,
        winners=contest.winners,
        alternates=contest.alternates,
        details_hash=details.hash(),
        total_weight=contest.total_weight or 0,
    )
    contest.commitment = terms.hash()
    await _store_leaves(db, contest.id, leaves)
    return intent


async def _sources(db: AsyncSession, contest_id: UUID) -> list[str]:
    """Where its participants came from."""
    brought = (ContestImport.contest_id == contest_id, ContestImport.accepted > 0)
    found = select(ContestImport.source).where(*brought).distinct().order_by(ContestImport.source)
    return list(await db.scalars(found))


def _rising_salt() -> bytes:
    """A key salt above every earlier one, as the contract asks for: nanoseconds first, then chance."""
    return time.time_ns().to_bytes(8) + secrets.token_bytes(24)


def secret_context(contest_id: UUID, key: bytes) -> dict[str, str]:
    """What the sealed secret of a contest is bound to."""
    return {"contest": str(contest_id), "key": to_hex(key)}


def _opening(contracts: Contracts, config: tuple[Any, ...], total_weight: int | None) -> bytes:
    """The call that opens the contest; weights are one of the extras, prizes are none."""
    if total_weight is None:
        return contracts.encode("Contest", "open", [config])
    return contracts.encode("Contest", "openWith", [config, (total_weight, 0, [])])


def _leaves(chain_id: int, contract: str, key: bytes, secret: bytes, fixed: FixedList) -> Leaves:
    place: dict[str, Any] = {
        "chain_id": chain_id,
        "contract": contract,
        "contest_key": key,
        "secret": secret,
    }
    leaves = list_leaves(**place, account_keys=fixed.account_keys, weights=fixed.weights)
    root = SumTree(leaves, fixed.weights).root if fixed.weights else Tree(leaves).root
    excluded = exclusion_leaves(**place, excluded=fixed.excluded)
    return Leaves(b"".join(leaves), root, b"".join(excluded), exclusion_root(excluded))


async def _store_leaves(db: AsyncSession, contest_id: UUID, leaves: Leaves) -> None:
    await db.execute(delete(ContestProof).where(ContestProof.contest_id == contest_id))
    values = {"leaves": leaves.joined, "exclusions": leaves.exclusions}
    await db.execute(
        insert(ContestLeaves)
        .values(contest_id=contest_id, **values)
        .on_conflict_do_update(index_elements=["contest_id"], set_=values)
    )
