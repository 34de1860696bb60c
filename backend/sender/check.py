"""Step 1: does the call go through, and can the wallet pay for it? A refusal costs no nonce."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import structlog

from backend.chain import refusal
from backend.hexes import checksum
from backend.sender import store
from backend.sender.context import Context
from backend.sender.lease import Lane, fenced
from backend.sender.model import Fees, Funds, OpenIntent, OpenSlot, ReadyIntent, Rejection
from backend.sender.top_ups import on_their_way, top_up
from backend.tracing import spans
from backend.tracing.traceparent import Traceparent, following
from listener.chain.faults import PermanentError, RpcError
from listener.chain.rpc import Call

log = structlog.get_logger(__name__)
_MARGIN = (5, 4)  # gas limits are estimates times 5/4: state may change until the block
_GROUP_MARGIN = (3, 2)  # simulated gas used is no limit: refunds and the 63/64 rule come on top
_TRANSFER_GAS = 21_000
_NO_METHOD = -32601
CHECK_BROKE = "a check of this wallet's requests broke, see the sender's log"
_UNSIMULATED_GAS = 400_000


async def check(context: Context, lane: Lane, slots: Sequence[OpenSlot], fees: Fees) -> list[ReadyIntent]:
    """Simulate new intents; reject what a contract refuses or the wallet cannot pay.

    Undecided ones stay as they are.
    """
    async with context.engine.connect() as db:
        intents = await store.new_intents(db, lane.ids, context.settings.sender_batch)
    if not intents:
        return []
    broken: set[UUID] = set()
    with spans.together("check", ((one.traceparent, {"tombola.intent": str(one.id)}) for one in intents)):
        verdicts = await _simulate(context, lane, intents, broken)
    passed = [one for one in verdicts if isinstance(one, ReadyIntent) and one.intent.wallet_id not in broken]
    rejected = [one for one in verdicts if isinstance(one, Rejection)]
    ready, poor = await _afford(context, lane, passed, slots, fees)
    if rejected or poor or broken:
        async with fenced(context.engine, lane) as db:
            await store.reject(db, rejected + poor)
            await store.pause(db, list(broken), context.settings.wallet_pause_seconds, CHECK_BROKE)
        requests = {one.id: one.request_id for one in intents}
        for one in rejected + poor:
            request_id = requests[one.intent_id]
            log.info("intent_rejected", intent=str(one.intent_id), request_id=request_id, code=one.code)
    return [one for one in ready if one.intent.wallet_id in lane.wallets]


async def _simulate(
    context: Context, lane: Lane, intents: Sequence[OpenIntent], broken: set[UUID]
) -> list[ReadyIntent | Rejection | None]:
    """One verdict for each intent; None where the node gave no decision.

    A wallet whose verdict fails in a way nobody thought of goes to `broken`; the others go on.
    """
    calls = [_question(intent, checksum(lane.wallets[intent.wallet_id].address)) for intent in intents]
    answers = await context.chain.ask_each(calls)
    verdicts: list[ReadyIntent | Rejection | None] = []
    for intent, answer in zip(intents, answers, strict=True):
        verdict = None
        try:
            verdict = await _verdict(context, lane, intent, answer)
        except RpcError:
            raise
        except Exception:
            log.exception(
                "check_broken",
                intent=str(intent.id),
                request_id=intent.request_id,
                wallet=str(intent.wallet_id),
            )
            broken.add(intent.wallet_id)
        verdicts.append(verdict)
    return verdicts


def _question(intent: OpenIntent, sender: str) -> Call:
    """A single call is estimated; several are simulated one after another in one block."""
    if len(intent.calls) == 1:
        return Call("eth_estimateGas", [intent.calls[0].rpc(sender)])
    block = {"calls": [call.rpc(sender) for call in intent.calls]}
    return Call("eth_simulateV1", [{"blockStateCalls": [block], "validation": False}, "latest"])


async def _verdict(
    context: Context, lane: Lane, intent: OpenIntent, answer: Any
) -> ReadyIntent | Rejection | None:
    if isinstance(answer, str) and len(intent.calls) == 1:
        estimate = int(answer, 16)
        return ReadyIntent(intent, (_with_margin(estimate, _MARGIN),))
    if isinstance(answer, PermanentError):
        return await _refused(context, lane, intent, answer)
    if isinstance(answer, list) and answer:
        results = _results(answer)
        if len(results) == len(intent.calls):
            return _simulated(context, intent, results)
    log.warning(
        "check_undecided", intent=str(intent.id), request_id=intent.request_id, answer=str(answer)[:200]
    )
    return None


async def _refused(
    context: Context, lane: Lane, intent: OpenIntent, error: PermanentError
) -> ReadyIntent | Rejection | None:
    words = error.message.lower()
    if error.code == _NO_METHOD and len(intent.calls) > 1:
        return await _estimate_first(context, lane, intent)
    if "insufficient funds" in words or "insufficient balance" in words:
        return Rejection(
            intent.id, "balance_too_low", "The wallet cannot pay this and its gas. Fund it and try again."
        )
    if error.code == 3 or error.data or "revert" in words:
        return Rejection(intent.id, *refusal(context.contracts, error))
    if "gas required exceeds" in words or "out of gas" in words:
        return Rejection(
            intent.id, "gas_too_high", "The call needs more gas than a block or the wallet allows."
        )
    log.error(
        "check_refused_by_node",
        intent=str(intent.id),
        request_id=intent.request_id,
        error=error.message[:200],
    )
    return None


def _results(answer: list[Any]) -> list[Any]:
    """Results of the calls of a simulated block; nothing where the provider's answer has another form."""
    block = answer[0]
    results = block.get("calls") if isinstance(block, dict) else None
    if not isinstance(results, list) or not all(_is_result(one) for one in results):
        return []
    return results


def _is_result(one: Any) -> bool:
    try:
        return int(one["status"], 16) in (0, 1) and int(one["gasUsed"], 16) >= 0
    except (TypeError, ValueError, KeyError):
        return False


def _simulated(
    context: Context, intent: OpenIntent, results: Sequence[dict[str, Any]]
) -> ReadyIntent | Rejection:
    limits = []
    for result in results:
        if int(result["status"], 16) != 1:
            error = result.get("error")
            words = error.get("message") if isinstance(error, dict) else None
            fault = PermanentError(str(words or "reverted"), None, result.get("returnData"))
            return Rejection(intent.id, *refusal(context.contracts, fault))
        limits.append(_with_margin(int(result["gasUsed"], 16), _GROUP_MARGIN))
    return ReadyIntent(intent, tuple(limits))


async def _estimate_first(context: Context, lane: Lane, intent: OpenIntent) -> ReadyIntent | Rejection | None:
    """Where the node cannot simulate several calls: the first is estimated, the others get a large limit."""
    alone = OpenIntent(intent.id, intent.wallet_id, intent.calls[:1])
    (answer,) = await context.chain.ask_each(
        [_question(alone, checksum(lane.wallets[intent.wallet_id].address))]
    )
    verdict = await _verdict(context, lane, alone, answer)
    if not isinstance(verdict, ReadyIntent):
        return verdict
    others = (_UNSIMULATED_GAS,) * (len(intent.calls) - 1)
    return ReadyIntent(intent, verdict.gas_limits + others)


async def _afford(
    context: Context, lane: Lane, passed: Sequence[ReadyIntent], slots: Sequence[OpenSlot], fees: Fees
) -> tuple[list[ReadyIntent], list[Rejection]]:
    """Those the wallet can pay beside everything it has in flight, in order.

    With nothing in flight, and no gas on its way, too poor is final.
    """
    if not passed:
        return [], []
    in_flight: dict[UUID, list[OpenSlot]] = defaultdict(list)
    for slot in slots:
        in_flight[slot.wallet_id].append(slot)
    groups = [
        (wallet_id, list(ones)) for wallet_id, ones in groupby(passed, lambda one: one.intent.wallet_id)
    ]
    addresses = [checksum(lane.wallets[wallet_id].address) for wallet_id, _ in groups]
    # Before the balances: what has arrived by then is in them.
    awaited = await on_their_way(context, [wallet_id for wallet_id, _ in groups])
    ready: list[ReadyIntent] = []
    poor: list[Rejection] = []
    for (wallet_id, ones), funds in zip(groups, await context.chain.funds(addresses), strict=True):
        if funds is None:
            log.warning("balance_unknown", wallet=str(wallet_id))
            continue
        unpaid = [slot for slot in in_flight[wallet_id] if _is_unpaid(slot, funds)]
        committed = sum(slot.cost for slot in unpaid)
        values = sum(0 if slot.is_void else slot.call.value for slot in unpaid)  # what of it is not gas
        for one in ones:
            cost, value = one.cost(fees), sum(call.value for call in one.intent.calls)
            lacking = committed + cost - funds.balance
            if lacking <= 0:
                committed += cost
                values += value
                ready.append(one)
                continue
            only_gas = values + value <= funds.balance
            with following(Traceparent.read(one.intent.traceparent) or Traceparent.new()):
                if only_gas and await top_up(context, lane.wallets[wallet_id], lacking) is None:
                    break  # the next ones wait with it
            if committed > 0 or wallet_id in awaited:
                break
            poor.append(_too_poor(one, cost, funds.balance))
    return ready, poor


def _is_unpaid(slot: OpenSlot, funds: Funds) -> bool:
    """Whether the balance may still have to pay it: what we saw mined, a fork may have undone, or this node lacks."""
    return slot.state != "mined" or slot.nonce >= funds.transactions


def _too_poor(one: ReadyIntent, cost: int, balance: int) -> Rejection:
    message = f"This needs up to {cost} wei with gas, and the wallet has {balance}. Fund it and try again."
    return Rejection(one.intent.id, "balance_too_low", message)


def _with_margin(gas: int, margin: tuple[int, int]) -> int:
    """A plain transfer needs exactly what was estimated; code may need more than it did a moment ago."""
    return gas if gas == _TRANSFER_GAS else gas * margin[0] // margin[1]
