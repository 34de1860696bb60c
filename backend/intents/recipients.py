"""Whom an intent gives something of worth, beside the wallet's own owner: that is what step-up and limits are for."""

from __future__ import annotations

from backend.intents.schemas import BuyTickets, ClaimPrize, IntentIn, OfferGrant, RefundEntry, Transfer


def recipients(body: IntentIn, own: str) -> tuple[str, ...]:
    """Addresses, other than the wallet's `own` (checksummed), that the intent names to be given something.

    Prizes and refunds that go to who won or paid by the contract's own rules have none; nor have votes.
    """
    match body:
        case Transfer() | ClaimPrize() | RefundEntry() | OfferGrant():
            named = body.to
        case BuyTickets():
            named = body.buyer
        case _:
            named = None
    return () if named is None or named == own else (named,)
