"""A draw as its bundle tells it: the chain's facts, copied into the file so that it can be checked by itself.

They become the same evidence that is read from a chain. What of it the file proves, and what only a chain can tell, is
`_bundle_checks`' matter.
"""

from typing import Annotated, Any

import msgspec
from eth_utils.address import is_address, to_checksum_address

from listener.chain.draw.call_data import VrfRequest
from listener.chain.draw.drand import swap_key
from listener.chain.draw.standing import standing_ranks
from listener.chain.draw.winners import winners
from scripts._evidence import BeaconFacts, ContestEvidence, DrawEvidence, Log, VrfEvidence
from scripts._networks import LOCAL_CHAIN_ID, QUICKNET, network_of

_MOST_RANKS = 20_000

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Where(msgspec.Struct):
    """Where an event stands; `time` of its block in Unix seconds."""

    block: Count
    log_index: Count
    transaction: str
    time: Count


class Opened(Where):
    """The contest's opening, and the number of this draw for the post."""

    draw_number: Count
    draws_for_post: Count


class Requested(Where):
    block_hash: str
    commitment: str
    n: str
    k: Count
    round: Count
    reveal_at: Count
    vrf_deadline: Count
    coordinator: str
    vrf_request_id: str


class WordTold(Where):
    vrf_request_id: str
    word: str


class FinalTold(Where):
    commitment: str
    n: str
    k: Count
    seed: str
    vrf_word: str
    round: Count
    drand_randomness: str


class VrfTold(msgspec.Struct):
    """The coordinator's log of the request and, where it was found, the proof that answered it (13 words)."""

    coordinator: str
    key_hash: str
    pre_seed: str
    sender: str
    proof: str | None


class DrandTold(msgspec.Struct):
    """The contract's beacon; its key in drand's order. `signature`: 96 bytes, None where it was not found."""

    beacon: str
    public_key: str
    genesis: Count
    period: Count
    signature: str | None


class Disqualified(Where):
    rank: Count
    reason: str


class Repeated(Where):
    rank: Count


class PrizeTold(msgspec.Struct):
    kind: Count
    token: str
    amount: str
    token_id: str


class EscrowTold(msgspec.Struct):
    """Prizes on chain, and from when they can be claimed."""

    prizes: list[PrizeTold]
    claims_from: Count


class DrawTold(msgspec.Struct):
    opened: Opened
    request: Requested
    final: FinalTold
    drand: DrandTold | None = None
    word: WordTold | None = None
    vrf: VrfTold | None = None
    disqualified: list[Disqualified] = []
    repeated: list[Repeated] = []


def told_contest(
    told: DrawTold,
    *,
    chain_id: int,
    contract: str,
    contest_id: int,
    committed: dict[str, Any],
    total_weight: int,
    escrow: EscrowTold | None,
) -> ContestEvidence:
    """The evidence in a bundle. `committed` are the arguments of the opening event. Raises ValueError."""
    number = {"contestId": contest_id}
    opened = _log("ContestOpened", told.opened, {**committed, "drawNumber": told.opened.draw_number})
    draw = _draw(told, chain_id, address_of(contract), contest_id)
    out = {*(one.rank for one in told.disqualified), *(one.rank for one in told.repeated)}
    ranks = standing_ranks(len(draw.numbers), committed["winners"], out)
    return ContestEvidence(
        draw=draw,
        opened=opened,
        weighted=[_log("WeightsCommitted", told.opened, {**number, "totalWeight": total_weight})]
        if total_weight
        else [],
        escrowed=[_log("PrizesEscrowed", told.opened, {**number, **_escrow(escrow)})] if escrow else [],
        same_post=[opened],
        disqualified=[
            _log("RankDisqualified", one, {"rank": one.rank, "reason": one.reason})
            for one in told.disqualified
        ],
        repeated=[_log("RankRepeated", one, {"rank": one.rank}) for one in told.repeated],
        claims=[],
        standing=(ranks, [draw.numbers[rank] for rank in ranks]),
        draws_told=told.opened.draws_for_post,
    )


def _draw(told: DrawTold, chain_id: int, contract: str, draw_id: int) -> DrawEvidence:
    asked = _request(told.request)
    final = _final(told.final)
    words = [] if told.word is None else [_word(told.word)]
    reveal_at, seed = told.request.reveal_at, final.args["seed"]
    n, k = final.args["n"], final.args["k"]
    if not 1 <= k <= min(n, _MOST_RANKS):
        raise ValueError(f"{k} ranks cannot be drawn among {n}")
    return DrawEvidence(
        chain_id=chain_id,
        contract=contract,
        draw_id=draw_id,
        stored={
            "commitment": asked.args["commitment"],
            "n": asked.args["n"],
            "k": asked.args["k"],
            "round": told.request.round,
            "vrfWord": final.args["vrfWord"],
            "seed": seed,
        },
        requests=[asked],
        words=words,
        finals=[final],
        reveal_delay=reveal_at - told.request.time,
        vrf_margin=reveal_at - told.request.vrf_deadline,
        beacon=_beacon(told.drand, chain_id),
        signature=_hex(told.drand.signature, 96, "draw.drand.signature")
        if told.drand and told.drand.signature
        else None,
        numbers=winners(seed, n, k),
        vrf=_vrf(told, chain_id) if words else None,
    )


def _request(told: Requested) -> Log:
    return _log(
        "DrawRequested",
        told,
        {
            "commitment": _hex(told.commitment, 32, "draw.request.commitment"),
            "n": uint_of(told.n),
            "k": told.k,
            "round": told.round,
            "revealAt": told.reveal_at,
            "vrfDeadline": told.vrf_deadline,
            "coordinator": address_of(told.coordinator),
            "vrfRequestId": uint_of(told.vrf_request_id),
        },
    )


def _word(told: WordTold) -> Log:
    args = {"vrfRequestId": uint_of(told.vrf_request_id), "word": uint_of(told.word, 16)}
    return _log("VrfWordAccepted", told, args)


def _final(told: FinalTold) -> Log:
    return _log(
        "DrawFinalised",
        told,
        {
            "commitment": _hex(told.commitment, 32, "draw.final.commitment"),
            "n": uint_of(told.n),
            "k": told.k,
            "seed": _hex(told.seed, 32, "draw.final.seed"),
            "vrfWord": uint_of(told.vrf_word, 16),
            "round": told.round,
            "drandRandomness": _hex(told.drand_randomness, 32, "draw.final.drand_randomness"),
        },
    )


def _beacon(told: DrandTold | None, chain_id: int) -> BeaconFacts:
    """Without one in the file, quicknet's on a live chain: every draw there is decided by it."""
    live = chain_id != LOCAL_CHAIN_ID
    expected = swap_key(bytes.fromhex(QUICKNET.public_key)) if live else None
    source = "drand quicknet" if live else "a local chain's beacon has a key of its own"
    if told is None:
        key = swap_key(bytes.fromhex(QUICKNET.public_key))
        period = QUICKNET.period_seconds if live else 0
        return BeaconFacts("", key, QUICKNET.genesis_time, period, expected, source)
    key = swap_key(_hex(told.public_key, 192, "draw.drand.public_key"))
    return BeaconFacts(address_of(told.beacon), key, told.genesis, told.period, expected, source)


def _vrf(told: DrawTold, chain_id: int) -> VrfEvidence:
    coordinator, name, key_hash = None, "", b""
    if chain_id != LOCAL_CHAIN_ID:
        try:
            network = network_of(chain_id)
        except LookupError:
            pass
        else:
            coordinator, name = network.coordinator, f"Chainlink's coordinator on {network.name}"
            key_hash = bytes.fromhex(network.key_hash.removeprefix("0x"))
    request = None if told.vrf is None else _vrf_request(told.vrf, told.request)
    return VrfEvidence(
        request=request,
        proof=None
        if told.vrf is None or told.vrf.proof is None
        else _hex(told.vrf.proof, 416, "draw.vrf.proof"),
        sent_to="",
        is_direct=True,
        known_coordinator=coordinator,
        known_from=name,
        known_key_hash=key_hash,
        key_is_registered=False,
    )


def _vrf_request(told: VrfTold, asked: Requested) -> VrfRequest:
    return VrfRequest(
        coordinator=address_of(told.coordinator),
        key_hash=_hex(told.key_hash, 32, "draw.vrf.key_hash"),
        request_id=uint_of(asked.vrf_request_id),
        pre_seed=uint_of(told.pre_seed),
        sender=address_of(told.sender),
        block_hash=_hex(asked.block_hash, 32, "draw.request.block_hash"),
    )


def _escrow(told: EscrowTold) -> dict[str, Any]:
    prizes = [
        (one.kind, address_of(one.token), uint_of(one.amount), uint_of(one.token_id)) for one in told.prizes
    ]
    return {"prizes": prizes, "claimsFrom": told.claims_from}


def _log(name: str, at: Where, args: dict[str, Any]) -> Log:
    return Log(name, args, at.block, at.log_index, at.transaction, at.time)


def address_of(text: str) -> str:
    """The checksummed address. Raises ValueError."""
    if not is_address(text):
        raise ValueError(f"{text[:80]!r} is no address")
    return str(to_checksum_address(text))


def uint_of(text: str, base: int = 10) -> int:
    """The number that a text says, one of a word's 256 bits. Raises ValueError."""
    value = int(text, base)
    if not 0 <= value < 2**256:
        raise ValueError(f"{text[:80]!r} is no number of 256 bits")
    return value


def _hex(text: str, size: int, name: str) -> bytes:
    value = bytes.fromhex(text.removeprefix("0x"))
    if len(value) != size:
        raise ValueError(f"{name} has {len(value)} bytes instead of {size}")
    return value
