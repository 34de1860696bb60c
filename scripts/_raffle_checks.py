"""Checks of a drawn raffle: its terms, its entries, who won and what was paid."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from listener.chain.draw.terms import ZERO_ADDRESS, RaffleTerms
from listener.chain.draw.winners import winners
from scripts._draw_checks import check_draw
from scripts._evidence import Check, Log, RaffleEvidence

Holder = tuple[int, str]


def check_raffle(raffle: RaffleEvidence) -> Iterator[Check]:
    """Every check, in the order in which a raffle happens."""
    yield _terms(raffle)
    yield _entries(raffle)
    yield _sale(raffle)
    yield _numbers_of_draw(raffle)
    shared = list(check_draw(raffle.draw))
    yield from shared
    if shared[0].holds:
        yield _winners(raffle)
        yield _payouts(raffle)


def _terms(raffle: RaffleEvidence) -> Check:
    computed = raffle.terms.hash()
    told = {raffle.created.args["termsHash"], raffle.info["termsHash"], raffle.draw.stored["commitment"]}
    return Check(
        "terms", told == {computed}, f"hash 0x{computed.hex()} of the terms is what the draw commits to"
    )


def _entries(raffle: RaffleEvidence) -> Check:
    """Entry numbers and ticket numbers follow one another without gap."""
    expected_entry = expected_ticket = 0
    for purchase in raffle.purchases:
        args = purchase.args
        if (
            args["entryIndex"] != expected_entry
            or args["firstTicket"] != expected_ticket
            or not args["count"]
        ):
            detail = (
                f"entry {args['entryIndex']} starts at ticket {args['firstTicket']}, due: {expected_ticket}"
            )
            return Check("entries", False, detail)
        expected_entry += 1
        expected_ticket += args["count"]
    holds = expected_ticket == raffle.info["ticketsSold"] and expected_entry == raffle.info["entryCount"]
    return Check(
        "entries", holds, f"{expected_entry} entries hold tickets 0 to {expected_ticket - 1} without gap"
    )


def _sale(raffle: RaffleEvidence) -> Check:
    """Every purchase was paid in full, before the close, and before the draw was asked for.

    A price in US dollars was paid by the feed of that moment: the contract let nobody pay nothing.
    """
    terms = raffle.terms
    wrong = [
        purchase
        for purchase in raffle.purchases
        if not _paid_in_full(terms, purchase)
        or purchase.time >= terms.closes_at
        or any(purchase.place > request.place for request in raffle.draw.requests)
    ]
    if wrong:
        detail = f"entry {wrong[0].args['entryIndex']} was bought too late or not paid in full"
        return Check("sale", False, detail)
    in_order = all(one.place < other.place for one, other in pairwise(raffle.purchases))
    return Check(
        "sale", in_order, f"all paid, all before the close at {terms.closes_at} and before the request"
    )


def _paid_in_full(terms: RaffleTerms, purchase: Log) -> bool:
    paid = int(purchase.args["paid"])
    if terms.options is not None and terms.options.price_feed != ZERO_ADDRESS:
        return paid > 0
    return paid == int(purchase.args["count"]) * terms.ticket_price


def _numbers_of_draw(raffle: RaffleEvidence) -> Check:
    sold, prizes = sum(p.args["count"] for p in raffle.purchases), len(raffle.terms.prizes)
    n, k = raffle.draw.stored["n"], raffle.draw.stored["k"]
    return Check(
        "n and k", (n, k) == (sold, min(prizes, sold)), f"{n} tickets sold, {prizes} prizes, {k} ranks drawn"
    )


def _holder(purchases: Sequence[Log], ticket: int) -> Holder | None:
    """Entry and buyer of a ticket, from the purchases alone."""
    for purchase in purchases:
        if 0 <= ticket - purchase.args["firstTicket"] < purchase.args["count"]:
            return purchase.args["entryIndex"], purchase.args["buyer"]
    return None


def _winning(raffle: RaffleEvidence) -> list[tuple[int, Holder | None]]:
    final = raffle.draw.final.args
    drawn = winners(final["seed"], final["n"], final["k"])
    return [(ticket, _holder(raffle.purchases, ticket)) for ticket in drawn]


def _winners(raffle: RaffleEvidence) -> Check:
    own = [(ticket, *holder) if holder else None for ticket, holder in _winning(raffle)]
    for rank, (mine, theirs) in enumerate(zip(own, raffle.winners, strict=False)):
        if mine != theirs:
            return Check("winners", False, f"rank {rank}: recomputed {mine}, the contract says {theirs}")
    shown = "; ".join(f"rank {rank}: ticket {won[0]}, {won[2]}" for rank, won in enumerate(own[:5]) if won)
    return Check("winners", len(own) == len(raffle.winners), shown + (" …" if len(own) > 5 else ""))


def _payouts(raffle: RaffleEvidence) -> Check:
    """What was claimed went to the recomputed winner, once per rank, as the terms say."""
    winning, prizes = _winning(raffle), raffle.terms.prizes
    paid: set[int] = set()
    for claim in raffle.claims:
        args, rank = claim.args, claim.args["rank"]
        if rank in paid or rank >= len(winning):
            return Check("payouts", False, f"rank {rank} was paid twice or does not exist")
        paid.add(rank)
        ticket, holder = winning[rank]
        prize = prizes[rank]
        given = (args["ticket"], args["winner"], args["kind"], args["token"], args["amount"], args["tokenId"])
        due = (ticket, holder and holder[1], prize.kind, prize.token, prize.amount, prize.token_id)
        if given != due or claim.place < raffle.draw.final.place:
            return Check("payouts", False, f"rank {rank} was paid {given}, due {due}")
    wrong = [log.args["rank"] for log in raffle.returns if log.args["rank"] < len(winning)]
    if wrong:
        return Check(
            "payouts", False, f"the prize of rank {wrong[0]} went back to the organiser, though it was won"
        )
    return Check("payouts", True, f"{len(paid)} of {len(winning)} prizes claimed, each by its winner")
