"""What another attempt of a slot offers: at least 12.5 % more in both fees, never above the cap or the money."""

from __future__ import annotations

import structlog

from backend.sender.model import Fees, OpenSlot

log = structlog.get_logger(__name__)


def better_offer(
    slot: OpenSlot, market: Fees | None, cap: int, funds: int, gas: int, value: int
) -> Fees | None:
    """Fees of the next attempt, which uses `gas` and sends `value` wei; None when it must wait.

    `funds` is what the wallet has beside its other open slots, wei. geth wants 10 % more, others 12.5 %.
    """
    affordable = max(0, funds - value) // gas
    least = Fees(_raised(slot.fees.max_fee), _raised(slot.fees.priority_fee))
    if least.max_fee > cap:
        log.error(
            "fee_cap_reached",
            slot=slot.id,
            intent=str(slot.intent_id),
            request_id=slot.request_id,
            nonce=slot.nonce,
            offered=slot.fees.max_fee,
            cap=cap,
        )
        return None
    if least.max_fee > affordable:
        log.error(
            "bump_not_affordable",
            slot=slot.id,
            intent=str(slot.intent_id),
            request_id=slot.request_id,
            nonce=slot.nonce,
            affordable=affordable,
        )
        return None
    market = market or least
    max_fee = min(max(market.max_fee, least.max_fee), cap, affordable)
    return Fees(max_fee, min(max(market.priority_fee, least.priority_fee), max_fee))


def _raised(fee: int) -> int:
    """12.5 % more, rounded up."""
    return fee + -(-fee // 8)
