"""Events that belong together: a raffle, a purchase, a draw, a grant."""

from __future__ import annotations

from typing import Any

from tests.backend.reads.facts import GENESIS, Event, address, event, hash_of

ORGANISER = address(0xA1)
ZERO = address(0)
NATIVE, ERC20, ERC721 = range(3)


def raffle_created(raffle_id: int = 1, **changes: Any) -> Event:
    """A POL raffle with three prizes that closes at block 100."""
    terms: dict[str, Any] = {
        "raffleId": raffle_id,
        "organiser": ORGANISER,
        "paymentToken": ZERO,
        "ticketPrice": 10**17,
        "closesAt": GENESIS + 100,
        "minTickets": 2,
        "maxTickets": 1_000,
        "maxPerBuyer": 0,
        "feeBps": 250,
        "title": "Meadow raffle",
        "prizes": [
            (NATIVE, ZERO, 2 * 10**18, 0),
            (ERC20, address(0x70), 500, 0),
            (ERC721, address(0x71), 0, 7),
        ],
        "termsHash": hash_of("terms", raffle_id),
    }
    return event("Raffle", "RaffleCreated", **{**terms, **changes})


def options_fixed(raffle_id: int = 1, **changes: Any) -> Event:
    """A price in dollars, for people on a list."""
    options: dict[str, Any] = {
        "raffleId": raffle_id,
        "priceFeed": address(0xFE),
        "maxPriceAge": 3_600,
        "allowListRoot": hash_of("list"),
        "allowListSalt": hash_of("salt"),
    }
    return event("Raffle", "RaffleOptionsFixed", **{**options, **changes})


def tickets_bought(first: int, count: int, buyer: bytes, entry_index: int, raffle_id: int = 1) -> Event:
    """A purchase by the buyer's own money."""
    return event(
        "Raffle",
        "TicketsBought",
        raffleId=raffle_id,
        buyer=buyer,
        entryIndex=entry_index,
        firstTicket=first,
        count=count,
        paid=count * 10**17,
        payer=buyer,
    )


def draw_requested(n: int, k: int, draw_id: int = 1, contract: str = "Raffle", **changes: Any) -> Event:
    """A request whose round is published six seconds later."""
    values: dict[str, Any] = {
        "drawId": draw_id,
        "commitment": hash_of("terms", draw_id),
        "n": n,
        "k": k,
        "round": 77,
        "revealAt": GENESIS + 110,
        "vrfDeadline": GENESIS + 108,
        "coordinator": address(0xC0),
        "vrfRequestId": 5,
    }
    return event(contract, "DrawRequested", **{**values, **changes})


def word_accepted(word: int, draw_id: int = 1, contract: str = "Raffle") -> Event:
    """The VRF word in time."""
    return event(contract, "VrfWordAccepted", drawId=draw_id, vrfRequestId=5, word=word)


def draw_finalised(
    seed: bytes, n: int, k: int, draw_id: int = 1, contract: str = "Raffle", word: int = 0
) -> Event:
    """The seed is set."""
    return event(
        contract,
        "DrawFinalised",
        drawId=draw_id,
        seed=seed,
        n=n,
        k=k,
        commitment=hash_of("terms", draw_id),
        vrfWord=word,
        round=77,
        drandRandomness=hash_of("drand"),
        finaliser=address(0xF1),
    )


def prize_claimed(
    rank: int, winner: bytes, ticket: int, raffle_id: int = 1, to: bytes | None = None
) -> Event:
    """A prize paid."""
    return event(
        "Raffle",
        "PrizeClaimed",
        raffleId=raffle_id,
        rank=rank,
        winner=winner,
        to=to or winner,
        ticket=ticket,
        kind=NATIVE,
        token=ZERO,
        amount=2 * 10**18,
        tokenId=0,
    )


def token_created(token: bytes, symbol: str = "MEAD", **changes: Any) -> Event:
    """A token out of the factory."""
    values: dict[str, Any] = {
        "token": token,
        "creator": ORGANISER,
        "template": address(0x7E),
        "name": "Meadow",
        "symbol": symbol,
        "admin": ORGANISER,
        "recipient": ORGANISER,
        "cap": 10**25,
        "initialSupply": 10**24,
        "salt": hash_of("salt"),
        "templateId": 1,
        "features": 3,
    }
    return event("TokenFactory", "TokenCreated", **{**values, **changes})


def plan_created(plan_id: int, token: bytes, **changes: Any) -> Event:
    """A plan from block 0 on: 10 % at once, cliff at 50 s, all at 1,000 s, in steps of 10 s."""
    values: dict[str, Any] = {
        "planId": plan_id,
        "creator": ORGANISER,
        "token": token,
        "start": GENESIS,
        "cliff": 50,
        "duration": 1_000,
        "step": 10,
        "startUnlockBps": 1_000,
    }
    return event("Vesting", "PlanCreated", **{**values, **changes})


def granted(plan_id: int, index: int, beneficiary: bytes, amount: int) -> Event:
    """A grant on a plan; its id carries the plan's."""
    return event(
        "Vesting",
        "Granted",
        grantId=plan_id << 64 | index,
        planId=plan_id,
        beneficiary=beneficiary,
        amount=amount,
        funder=ORGANISER,
    )


def proposal_created(proposal_id: int, **changes: Any) -> Event:
    """A proposal of one call, voted on from second 10 to second 100."""
    values: dict[str, Any] = {
        "proposalId": proposal_id,
        "proposer": ORGANISER,
        "targets": [address(0x99)],
        "values": [0],
        "signatures": [""],
        "calldatas": [b"\x01\x02"],
        "voteStart": GENESIS + 10,
        "voteEnd": GENESIS + 100,
        "description": f"Proposal {proposal_id}",
    }
    return event("Governor", "ProposalCreated", **{**values, **changes})


def vote_cast(
    proposal_id: int, voter: bytes, support: int, weight: int, *, with_params: bool = False
) -> Event:
    """A vote: 0 against, 1 for, 2 abstain."""
    values = {
        "voter": voter,
        "proposalId": proposal_id,
        "support": support,
        "weight": weight,
        "reason": "why",
    }
    if with_params:
        return event("Governor", "VoteCastWithParams", **values, params=b"\x07")
    return event("Governor", "VoteCast", **values)
