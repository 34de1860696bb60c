"""The peers' measured gas, where we aim, and why an aim is missed where one is.

We measured the peers ourselves: those projects' published versions, deployed on an anvil chain (prague rules), the same
operation sent, the gas of its receipt. "at least" marks the few that were computed from such a receipt.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """Another project's gas for the same work; None: it ran out of gas or cannot do it, as the note says."""

    name: str
    gas: int | None
    note: str = ""


@dataclass(frozen=True)
class Row:
    """What an operation of the snapshot may cost, and who else does the same work."""

    aim: int
    peers: tuple[Peer, ...] = ()


THIRDWEB = (Peer("thirdweb", 661_290), Peer("thirdweb with registry", 743_495))
OZ_FULL = Peer("OZ full clone", 359_451)
NOBODY = Peer("none has it", None)

ROWS: Mapping[str, Row] = {
    "token: create, first of a creator": Row(240_000, (*THIRDWEB, OZ_FULL)),
    "token: create, later": Row(240_000, (*THIRDWEB, OZ_FULL)),
    "token: create plain": Row(170_000, (Peer("OZ permit clone", 232_918),)),
    "token: transfer to a holder": Row(
        41_000,
        (Peer("OZ full clone", 44_000, "about"), Peer("thirdweb clone", 46_637), Peer("plain OZ", 34_513)),
    ),
    "vesting: grant, each of a batch of 100": Row(
        32_000, (Peer("Sablier", 213_099), Peer("OZ wallet clone", 142_592), Peer("OZ wallet", 542_128))
    ),
    "vesting: plan with one grant": Row(135_000, (Peer("Sablier", 284_403), Peer("OZ clone", 177_813))),
    "vesting: release, second": Row(56_000, (Peer("OZ wallet", 48_397), Peer("Sablier", 100_415))),
    "governor: propose": Row(69_491, (Peer("OZ", 69_491),)),
    "governor: vote, first": Row(85_386, (Peer("OZ", 85_386),)),
    "governor: queue": Row(145_114, (Peer("OZ", 145_114),)),
    "governor: execute": Row(121_403, (Peer("OZ", 121_403),)),
    "raffle: buy 1 with POL, first": Row(
        56_000,
        (Peer("LooksRare V2", 128_652), Peer("tutorial", 69_040), Peer("PancakeSwap", 301_000, "about")),
    ),
    "raffle: buy 1 with POL, later": Row(
        56_000,
        (Peer("LooksRare V2", 96_853), Peer("tutorial", 51_940), Peer("PancakeSwap", 219_000, "at least")),
    ),
    "raffle: buy 100 with POL": Row(
        56_000,
        (
            Peer("LooksRare V2", 96_865),
            Peer("per-ticket arrays", 2_410_208),
            Peer("PancakeSwap", 13_700_000, "at least"),
        ),
    ),
    "raffle: VRF callback": Row(
        38_000, (Peer("LooksRare V2", 31_938), Peer("tutorial", None, "out of gas beyond 90 entries"))
    ),
    "raffle: finalise with drand": Row(190_000, (NOBODY,)),
    "raffle: pick winners, 1 of 10,000": Row(0, (Peer("LooksRare V2", 29_100_000, "about"),)),
    "raffle: pick winners, 100 of 10,000": Row(0, (Peer("LooksRare V2", 31_800_000, "about"),)),
    "raffle: claim, hinted": Row(65_000, (Peer("LooksRare V2", 49_844), Peer("PancakeSwap", 72_219))),
    "raffle: claim 100 in one transaction": Row(1_700_000),
    "contest: open, VRF included": Row(170_000, (NOBODY,)),
    "contest: VRF callback": Row(40_000, (NOBODY,)),
    "contest: claim": Row(90_000, (NOBODY,)),
}

# One line for each aim that is missed: what the gas is spent on that no cheaper way was found for.
REASONS: Mapping[str, str] = {
    "governor: propose": (
        "8,744 of it ask for the proposer's votes (the token, what it is a clone of, and its history, each read for the "
        "first time); the peer lets anybody propose, which would cost 65,000 here"
    ),
    "governor: vote, first": (
        "10,946 of it ask vesting for locked votes (proxy, its slot, its code and the history, each read for the first "
        "time: 9,400); without vesting the vote costs 85,747, 361 more than the peer's, of which 2,600 read what the token is "
        "a clone of; two new slots, voter and tally, are 44,200"
    ),
    "contest: open, VRF included": (
        "175,964 are spent before the first computation: 24,196 on the transaction and its nine words, 44,460 on Chainlink's "
        "coordinator, 88,400 on four new slots (terms, draws of the post, draw, request), 5,000 on the counter, 6,300 on "
        "reading the VRF settings, 7,608 on two events; no slot can go, as draws found by VRF's own request id would let a "
        "coordinator that hands out an id twice change a draw; a later draw for the same post meets the aim"
    ),
}

# Work that takes no transaction at all, so there is no receipt to measure.
NO_TRANSACTION = {"raffle: pick winners, 1 of 10,000", "raffle: pick winners, 100 of 10,000"}
