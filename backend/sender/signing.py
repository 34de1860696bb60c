"""Step 2: reserve nonces and store signed bytes, in one transaction. Nothing has left this process yet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.hexes import checksum, to_hex
from backend.sender import store
from backend.sender.context import Context
from backend.sender.lease import HeldWallet, Lane, fenced
from backend.sender.model import Fees, ReadyIntent, SignedAttempt
from backend.sender.transactions import sign
from backend.tracing import spans
from backend.wallets.kms import KmsError
from listener.pulse import goes_on

log = structlog.get_logger(__name__)
Batch = list[tuple[ReadyIntent, list[SignedAttempt]]]


async def sign_ready(context: Context, lane: Lane, ready: Sequence[ReadyIntent], fees: Fees) -> int:
    """Give each intent its consecutive slots.

    The lease keeps others from the nonces; the fence proves it at commit.
    """
    if not ready:
        return 0
    async with context.engine.connect() as db:
        keys = await store.sealed_keys(db, lane.ids)
    signed: dict[UUID, tuple[int, Batch]] = {}
    failed: dict[UUID, str] = {}
    for wallet_id, ones in groupby(ready, lambda one: one.intent.wallet_id):
        wallet = lane.wallets[wallet_id]
        first = await _first_nonce(context, wallet)
        if first is None:
            continue
        try:
            signed[wallet_id] = (
                first,
                await _sign_wallet(context, wallet, *keys[wallet_id], first, list(ones), fees),
            )
        except KmsError as error:
            log.error("kms_failed", wallet=str(wallet_id), error=str(error))
            failed[wallet_id] = "the key service failed"
        except Exception:
            log.exception("signing_broken", wallet=str(wallet_id))
            failed[wallet_id] = "signing broke, see the sender's log"
    async with fenced(context.engine, lane) as db:
        for wallet_id, reason in failed.items():
            await store.pause(db, [wallet_id], context.settings.wallet_pause_seconds, reason)
        kept = await _store(lane, signed, db)
    for first, batch in kept.values():
        _tell(first, batch)
    return sum(len(attempts) for _, batch in kept.values() for _, attempts in batch)


def _tell(first: int, batch: Batch) -> None:
    """From here on a transaction is found by its hash."""
    nonce = first
    for one, attempts in batch:
        for attempt in attempts:
            log.info(
                "signed",
                intent=str(one.intent.id),
                request_id=one.intent.request_id,
                nonce=nonce,
                hash=to_hex(attempt.hash),
            )
            nonce += 1


async def _store(
    lane: Lane, signed: dict[UUID, tuple[int, Batch]], db: AsyncConnection
) -> dict[UUID, tuple[int, Batch]]:
    """One statement each for all wallets: what a lane signs together is stored together. Returns what was stored."""
    asked = [one.intent.id for _, batch in signed.values() for one, _ in batch]
    new = await store.are_new(db, asked)
    # A wallet of which one intent was cancelled meanwhile: the next pass signs the others with other nonces.
    whole = {
        wallet_id: (first, batch)
        for wallet_id, (first, batch) in signed.items()
        if wallet_id in lane.wallets and all(one.intent.id in new for one, _ in batch)
    }
    counts = {
        wallet_id: sum(len(attempts) for _, attempts in batch) for wallet_id, (_, batch) in whole.items()
    }
    reserved = await store.reserve(
        db, {wallet_id: (first, counts[wallet_id]) for wallet_id, (first, _) in whole.items()}
    )
    kept = {wallet_id: one for wallet_id, one in whole.items() if wallet_id in reserved}
    if not kept:
        return {}
    await store.add_slots(db, kept)
    await store.start(db, [one.intent.id for _, batch in kept.values() for one, _ in batch])
    for wallet_id, (first, _) in kept.items():
        lane.wallets[wallet_id].next_nonce = first + counts[wallet_id]
    return kept


async def _sign_wallet(
    context: Context,
    wallet: HeldWallet,
    version: int,
    sealed: bytes,
    first: int,
    ready: Sequence[ReadyIntent],
    fees: Fees,
) -> Batch:
    nonce, batch = first, Batch()
    for one in ready:
        attempts = []
        for call, gas_limit in zip(one.intent.calls, one.gas_limits, strict=True):
            goes_on()  # a key service that is slow is asked for each
            words: dict[str, str | int] = {"tombola.intent": str(one.intent.id), "tombola.nonce": nonce}
            with spans.together("sign", [(one.intent.traceparent, words)]):
                chain_id = context.contracts.chain_id
                attempts.append(
                    await sign(context.kms, wallet, sealed, version, chain_id, nonce, gas_limit, fees, call)
                )
            nonce += 1
        batch.append((one, attempts))
    return batch


async def _first_nonce(context: Context, wallet: HeldWallet) -> int | None:
    """The wallet's next nonce; of a platform account that was used elsewhere before, the chain's count."""
    if wallet.next_nonce is not None:
        return wallet.next_nonce
    return await context.chain.agreed_nonce(checksum(wallet.address))
