"""A drawn contest's facts for its bundle: the chain's events, and the proofs in the transactions that made them.

Events come from the mirror. Chainlink's proof and drand's signature stand only in call data, so a node is asked; what
it does not give is null in the bundle, and whoever verifies is told so.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.hexes import checksum, from_hex, to_hex
from backend.services import Services
from listener.chain.draw.call_data import VrfRequest, find_proof, find_request, find_signature
from listener.chain.draw.drand import swap_key
from listener.chain.encode import UnreadableError
from listener.chain.faults import RpcError
from listener.mirror.reads import evidence
from listener.mirror.reads.contests import Contest as Fact
from listener.mirror.reads.evidence import Fact as Event

PATIENCE = 1.0
"""Seconds a node may take; a bundle without its proofs is better than none."""
_MOST_KEPT = 256

Words = dict[str, Any]
Lookup = tuple[str, list[Any]]
_BEACON = ("publicKey", "genesis", "period")


class Proofs:
    """What nodes answered, by the transaction that set the seed: it is true for ever."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Words] = OrderedDict()

    def get(self, transaction: str) -> Words | None:
        """What is known of a draw that this transaction decided."""
        return self._kept.get(transaction)

    def keep(self, transaction: str, found: Words) -> None:
        """Remember it; the oldest goes."""
        self._kept[transaction] = found
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)


_proofs = Proofs()


async def events_of(db: AsyncConnection, fact: Fact | None) -> list[Event]:
    """The events of a drawn contest in the chain's order; none before the draw."""
    if fact is None or not fact.is_drawn:
        return []
    found = await evidence.of_draw(db, "contest", int(fact.contest_number))
    return found.facts if found else []


async def told(services: Services, fact: Fact | None, events: Sequence[Event]) -> Words | None:
    """The bundle's `draw` (docs/bundle.md); None before the seed is set."""
    if fact is None or not events:
        return None
    by_name = {event.event: event for event in events}
    asked, word, final = (by_name.get(name) for name in ("DrawRequested", "VrfWordAccepted", "DrawFinalised"))
    if asked is None or final is None:
        return None
    proofs = await _proofs_of(services, fact, asked, word, final)
    return {
        "opened": {
            **_where(by_name["ContestOpened"]),
            "draw_number": fact.draw_number,
            "draws_for_post": fact.draws_for_post,
        },
        "request": {
            **_where(asked),
            "block_hash": asked.block_hash,
            **_hashes(asked, "commitment"),
            **_texts(asked, "n", "vrf_request_id"),
            **_counts(asked, "k", "round", "reveal_at", "vrf_deadline"),
            "coordinator": checksum(asked.arguments["coordinator"]),
        },
        "word": None
        if word is None
        else {**_where(word), **_texts(word, "vrf_request_id"), "word": _word(word.arguments["word"])},
        "final": {
            **_where(final),
            **_hashes(final, "commitment", "seed", "drand_randomness"),
            **_texts(final, "n"),
            **_counts(final, "k", "round"),
            "vrf_word": _word(final.arguments["vrf_word"]),
        },
        "vrf": proofs["vrf"],
        "drand": proofs["drand"],
        "disqualified": [
            {**_where(event), **_counts(event, "rank"), "reason": event.arguments["reason"]}
            for event in events
            if event.event == "RankDisqualified"
        ],
        "repeated": [
            {**_where(event), **_counts(event, "rank")} for event in events if event.event == "RankRepeated"
        ],
    }


async def _proofs_of(services: Services, fact: Fact, asked: Event, word: Event | None, final: Event) -> Words:
    """VRF and drand's part, kept once a node gave all there is."""
    known = _proofs.get(final.transaction_hash)
    if known is not None:
        return known
    contracts = services.contracts
    calls = [
        _call(fact.contract, contracts.encode("Contest", "beacon")),
        ("eth_getTransactionByHash", [final.transaction_hash]),
    ]
    if word is not None:
        calls += [
            ("eth_getTransactionReceipt", [asked.transaction_hash]),
            ("eth_getTransactionByHash", [word.transaction_hash]),
        ]
    beacon, decided, *answered = await _ask(services, calls)
    signature = find_signature(_input(decided), int(fact.contest_number))
    found: Words = {"vrf": None, "drand": beacon and await _drand(services, beacon, signature)}
    if word is not None:
        receipt, answer = answered
        logs = receipt["logs"] if isinstance(receipt, Mapping) else []
        request = find_request(logs, int(word.arguments["vrf_request_id"]))
        found["vrf"] = request and _vrf(request, find_proof(_input(answer), request))
    is_whole = found["drand"] and signature and (word is None or (found["vrf"] and found["vrf"]["proof"]))
    if is_whole:
        _proofs.keep(final.transaction_hash, found)
    return found


def _vrf(request: VrfRequest, proof: bytes | None) -> Words:
    return {
        "coordinator": request.coordinator,
        "key_hash": to_hex(request.key_hash),
        "pre_seed": str(request.pre_seed),
        "sender": request.sender,
        "proof": None if proof is None else to_hex(proof),
    }


async def _drand(services: Services, answer: Any, signature: bytes | None) -> Words | None:
    """The beacon that the contract itself names; None where the node does not tell."""
    contracts = services.contracts
    try:
        (beacon,) = contracts.decode("Contest", "beacon", from_hex(answer))
        calls = [_call(beacon, contracts.encode("DrandBeacon", name)) for name in _BEACON]
        key, genesis, period = (
            contracts.decode("DrandBeacon", name, from_hex(told))[0]
            for name, told in zip(_BEACON, await _ask(services, calls), strict=True)
            if told is not None
        )
        return {
            "beacon": checksum(beacon),
            "public_key": to_hex(swap_key(key)),
            "genesis": genesis,
            "period": period,
            "signature": None if signature is None else to_hex(signature),
        }
    except (LookupError, ValueError, UnreadableError):
        return None


async def _ask(services: Services, calls: Sequence[Lookup]) -> list[Any]:
    """The answers in order; None for what the node refuses, or when none answers in time."""
    try:
        found = await services.rpc.batch(calls, patience=PATIENCE)
    except RpcError:
        return [None] * len(calls)
    return [None if isinstance(answer, RpcError) else answer for answer in found]


def _input(transaction: Any) -> bytes:
    return from_hex(transaction["input"]) if isinstance(transaction, Mapping) else b""


def _call(to: str, data: bytes) -> Lookup:
    return "eth_call", [{"to": to, "data": to_hex(data)}, "latest"]


def _where(event: Event) -> Words:
    return {
        "block": event.block_number,
        "log_index": event.log_index,
        "transaction": event.transaction_hash,
        "time": int(event.at.timestamp()),
    }


def _hashes(event: Event, *names: str) -> Words:
    return {name: event.arguments[name] for name in names}


def _texts(event: Event, *names: str) -> Words:
    return {name: str(event.arguments[name]) for name in names}


def _counts(event: Event, *names: str) -> Words:
    return {name: int(event.arguments[name]) for name in names}


def _word(value: Any) -> str:
    return f"0x{int(value):064x}"
