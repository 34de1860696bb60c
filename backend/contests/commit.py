"""Committing a list: salts, leaves and root are fixed together with the intent that opens the contest."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.current_user import SignedIn
from backend.contests.errors import ContestCommitted, ContestNotFound
from backend.contests.tables import Contest, ContestLeaves, ContestProof
from backend.contracts import Contracts
from backend.hexes import address_bytes, to_hex
from backend.intents.service import Call, create_intent
from backend.intents.tables import Intent
from backend.services import Services
from listener.chain.draw.hashing import ZERO32
from listener.chain.draw.merkle import Tree, contest_key, list_leaves
from listener.chain.draw.sums import SumTree
from listener.chain.draw.terms import ContestDetails, ContestTerms, text_hash

KIND = "open_contest"
_FETCH = 5_000
FAILED = ("reverted", "rejected", "cancelled")


@dataclass(frozen=True)
class Leaves:
    """A salted list: all leaves joined, and their root."""

    joined: bytes
    root: bytes


@dataclass
class People:
    """Account keys by entry number, and weights where the list has some."""

    account_keys: list[str] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)


async def commit(db: AsyncSession, services: Services, user: SignedIn, contest_id: UUID) -> Intent:
    """Fix the list and record the intent `open_contest` of the organiser's wallet, in one transaction.

    A contest whose intent failed is committed anew, with new salts. Raises ContestNotFound, ContestCommitted.
    """
    contest = await to_change(db, user, contest_id)
    contracts = services.contracts
    contract, chain_id = contracts.address("Contest"), contracts.chain_id
    key_salt, secret = _rising_salt(), secrets.token_bytes(32)
    key = contest_key(user.wallet_address, text_hash(contest.post_reference), key_salt)
    people = await _people(db, contest_id, contest.total_weight is not None)
    leaves = await asyncio.to_thread(_leaves, chain_id, contract, key, secret, people)
    fixed = ContestDetails(
        rules_hash=text_hash(contest.rules),
        list_sha256=contest.list_sha256,
        exclusion_root=ZERO32,
        post_hash=text_hash(contest.post_reference),
    )
    config = (
        key_salt,
        leaves.root,
        contest.entry_count,
        contest.winners,
        contest.alternates,
        fixed.rules_hash,
        fixed.list_sha256,
        fixed.exclusion_root,
        fixed.post_hash,
    )
    intent = await create_intent(
        db,
        user,
        KIND,
        {"contest_id": str(contest_id), "contest_key": to_hex(key), "root": to_hex(leaves.root)},
        [Call(contract, _opening(contracts, config, contest.total_weight))],
    )
    contest.committed_at = datetime.now(UTC)
    contest.intent_id = intent.id
    contest.chain_id = chain_id
    contest.contract = address_bytes(contract)
    contest.contest_key = key
    contest.key_salt = key_salt
    contest.sealed_secret = await services.kms.seal(secret, secret_context(contest_id, key))
    contest.root = leaves.root
    terms = ContestTerms(
        organiser=user.wallet_address,
        contest_key=key,
        root=leaves.root,
        entries=contest.entry_count,
        winners=contest.winners,
        alternates=contest.alternates,
        details_hash=fixed.hash(),
        total_weight=contest.total_weight or 0,
    )
    contest.commitment = terms.hash()
    await _store_leaves(db, contest_id, leaves.joined)
    return intent


def _rising_salt() -> bytes:
    """A key salt above every earlier one, as the contract asks for: nanoseconds first, then chance."""
    return time.time_ns().to_bytes(8) + secrets.token_bytes(24)


def secret_context(contest_id: UUID, key: bytes) -> dict[str, str]:
    """What the sealed secret of a contest is bound to."""
    return {"contest": str(contest_id), "key": to_hex(key)}


async def to_change(db: AsyncSession, user: SignedIn, contest_id: UUID) -> Contest:
    """The user's contest, locked, if it is a draft or its opening failed."""
    contest = await db.scalar(
        select(Contest).where(Contest.id == contest_id, Contest.owner_id == user.id).with_for_update()
    )
    if contest is None:
        raise ContestNotFound(f"You have no contest {contest_id}.")
    if contest.intent_id is not None:
        state = await db.scalar(select(Intent.state).where(Intent.id == contest.intent_id))
        if state not in FAILED:
            raise ContestCommitted(
                "This contest is committed already. Upload the list again for another draw."
            )
    return contest


def _opening(contracts: Contracts, config: tuple[Any, ...], total_weight: int | None) -> bytes:
    """The call that opens the contest; weights are one of the extras, prizes are none."""
    if total_weight is None:
        return contracts.encode("Contest", "open", [config])
    return contracts.encode("Contest", "openWith", [config, (total_weight, 0, [])])


async def _people(db: AsyncSession, contest_id: UUID, weighted: bool) -> People:
    """Everyone in the order of the draw's entry numbers."""
    connection = await (await db.connection()).get_raw_connection()
    driver: asyncpg.Connection = connection.driver_connection
    query = "SELECT account_key, weight FROM app.contest_entry WHERE contest_id = $1 ORDER BY index"
    people = People()
    async for account_key, weight in driver.cursor(query, contest_id, prefetch=_FETCH):
        people.account_keys.append(account_key)
        if weighted:
            people.weights.append(weight)
    return people


def _leaves(chain_id: int, contract: str, key: bytes, secret: bytes, people: People) -> Leaves:
    leaves = list_leaves(
        chain_id=chain_id,
        contract=contract,
        contest_key=key,
        secret=secret,
        account_keys=people.account_keys,
        weights=people.weights,
    )
    root = SumTree(leaves, people.weights).root if people.weights else Tree(leaves).root
    return Leaves(b"".join(leaves), root)


async def _store_leaves(db: AsyncSession, contest_id: UUID, joined: bytes) -> None:
    await db.execute(delete(ContestProof).where(ContestProof.contest_id == contest_id))
    await db.execute(
        insert(ContestLeaves)
        .values(contest_id=contest_id, leaves=joined)
        .on_conflict_do_update(index_elements=["contest_id"], set_={"leaves": joined})
    )
