"""Chain → evidence: everything the checks of one raffle or contest need."""

from collections.abc import Sequence
from typing import Any

from listener.chain.draw.call_data import find_signature
from listener.chain.draw.drand import swap_key
from listener.chain.registry import RegisteredContract, Registry
from scripts._chain import ChainReader
from scripts._evidence import (
    BeaconFacts,
    CannotTellError,
    ContestEvidence,
    DrawEvidence,
    Log,
    RaffleEvidence,
    contest_terms,
)
from scripts._networks import LOCAL_CHAIN_ID, QUICKNET
from scripts._read_vrf import read_vrf

RAFFLE_STATES = ("None", "Open", "Closed", "Drawing", "Drawn", "Refunding")
DRAWN_RAFFLE, DRAWN_CONTEST = 4, 2
MOST_NUMBERS = 2_000
"""Winning numbers asked of the contract; the rest follows from the same seed."""


def read_raffle(chain: ChainReader, registry: Registry, raffle_id: int) -> RaffleEvidence:
    """A drawn raffle. Raises CannotTellError for an unknown one and for one without a draw."""
    contract = registry.contract("Raffle")
    if not 1 <= raffle_id <= chain.view(contract, "raffleCount"):
        raise CannotTellError(f"There is no raffle {raffle_id} at {contract.address}.")
    state = chain.view(contract, "stateOf", raffle_id)
    if state != DRAWN_RAFFLE:
        raise CannotTellError(
            f"Raffle {raffle_id} is in state {RAFFLE_STATES[state]}: there is no draw to verify."
        )
    logs = chain.logs(contract, [None, _word(raffle_id)])
    created = _named(logs, "RaffleCreated", "raffleId")
    options = _named(logs, "RaffleOptionsFixed", "raffleId")
    draw = _draw(chain, registry, contract, raffle_id, logs)
    return RaffleEvidence(
        options=options[0] if options else None,
        draw=draw,
        created=_only(created, f"raffle {raffle_id}"),
        info=chain.view(contract, "infoOf", raffle_id),
        purchases=_named(logs, "TicketsBought", "raffleId"),
        winners=[chain.view(contract, "winnerOf", raffle_id, rank) for rank in range(draw.stored["k"])],
        claims=_named(logs, "PrizeClaimed", "raffleId"),
        returns=_named(logs, "PrizeReturned", "raffleId"),
    )


def read_contest(chain: ChainReader, registry: Registry, contest_id: int) -> ContestEvidence:
    """A drawn contest. Raises CannotTellError for an unknown one and for one without a seed."""
    contract = registry.contract("Contest")
    if not 1 <= contest_id <= chain.view(contract, "contestCount"):
        raise CannotTellError(f"There is no contest {contest_id} at {contract.address}.")
    if chain.view(contract, "stateOf", contest_id) != DRAWN_CONTEST:
        raise CannotTellError(f"Contest {contest_id} waits for its seed: there is no draw to verify yet.")
    logs = chain.logs(contract, [None, _word(contest_id)])
    opened = _only(_named(logs, "ContestOpened", "contestId"), f"contest {contest_id}")
    opens = "0x" + next(event.topic0 for event in contract.events if event.name == "ContestOpened").hex()
    organiser = "0x" + bytes.fromhex(opened.args["organiser"][2:]).rjust(32, b"\0").hex()
    same_post = chain.logs(contract, [opens, None, organiser, "0x" + opened.args["postHash"].hex()])
    weighted = _named(logs, "WeightsCommitted", "contestId")
    escrowed = _named(logs, "PrizesEscrowed", "contestId")
    terms = contest_terms(opened, weighted, escrowed)
    return ContestEvidence(
        draw=_draw(chain, registry, contract, contest_id, logs),
        opened=opened,
        weighted=weighted,
        escrowed=escrowed,
        same_post=same_post,
        disqualified=_named(logs, "RankDisqualified", "contestId"),
        repeated=_named(logs, "RankRepeated", "contestId"),
        claims=_named(logs, "PrizeClaimed", "contestId"),
        standing=chain.view(contract, "standingWinners", contest_id, terms.words()),
    )


def _draw(
    chain: ChainReader, registry: Registry, contract: RegisteredContract, draw_id: int, logs: Sequence[Log]
) -> DrawEvidence:
    stored = chain.view(contract, "drawOf", draw_id)
    requests = _named(logs, "DrawRequested", "drawId")
    words = _named(logs, "VrfWordAccepted", "drawId")
    finals = _named(logs, "DrawFinalised", "drawId")
    return DrawEvidence(
        chain_id=chain.chain_id,
        contract=contract.address,
        draw_id=draw_id,
        stored=stored,
        requests=requests,
        words=words,
        finals=finals,
        reveal_delay=chain.view(contract, "revealDelay"),
        vrf_margin=chain.view(contract, "vrfMargin"),
        beacon=_beacon(chain, registry, contract),
        signature=find_signature(chain.call_of(finals[0].transaction)[1], draw_id) if finals else None,
        numbers=chain.view(contract, "winningNumbers", draw_id, 0, min(stored["k"], MOST_NUMBERS)),
        vrf=read_vrf(chain, registry, requests[0], words[0]) if requests and words else None,
    )


def _beacon(chain: ChainReader, registry: Registry, contract: RegisteredContract) -> BeaconFacts:
    """The verifier that the contract itself names. A live chain's must hold quicknet's key."""
    address = chain.view(contract, "beacon")
    abi = registry.contract("DrandBeacon")
    if chain.chain_id != LOCAL_CHAIN_ID:
        key: str | None = QUICKNET.public_key
        source = "drand quicknet"
    else:
        key = (registry.extra.get("drand") or {}).get("public_key")
        source = "the local beacon in the registry" if key else "the registry names no beacon"
    return BeaconFacts(
        address=address,
        public_key=chain.view(abi, "publicKey", at=address),
        genesis=chain.view(abi, "genesis", at=address),
        period=chain.view(abi, "period", at=address),
        expected=swap_key(bytes.fromhex(key)) if key else None,
        expected_from=source,
    )


def _named(logs: Sequence[Log], name: str, key: str) -> list[Log]:
    """The events of a name whose first topic is the id (and not another number that equals it)."""
    return [log for log in logs if log.name == name and key in log.args]


def _only(logs: Sequence[Log], what: str) -> Log:
    if len(logs) != 1:
        raise CannotTellError(
            f"The node knows {len(logs)} creating events of {what}: ask a node with full history."
        )
    return logs[0]


def _word(number: int) -> Any:
    return f"0x{number:064x}"
