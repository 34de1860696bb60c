"""The chain's facts as a bundle tells them, beside those that the chain itself holds."""

from collections.abc import Iterator, Sequence
from typing import Any

from scripts._evidence import Check, ContestEvidence, Log

MOST_NAMED = 5


def check_facts(chain: ContestEvidence, told: ContestEvidence) -> Check:
    """Every event of the bundle is the chain's, and none is missing."""
    wrong = list(_differences(chain, told))
    if wrong:
        more = f" and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
        return Check("bundle's facts", False, f"not as on the chain: {', '.join(wrong[:MOST_NAMED])}{more}")
    return Check("bundle's facts", True, "every event that the bundle tells is the chain's")


def _differences(chain: ContestEvidence, told: ContestEvidence) -> Iterator[str]:
    """Names of the bundle's fields that differ."""
    yield from _events("draw.opened", [chain.opened], [told.opened])
    yield from _events("draw.request", chain.draw.requests, told.draw.requests)
    yield from _events("draw.word", chain.draw.words, told.draw.words)
    yield from _events("draw.final", chain.draw.finals, told.draw.finals)
    # What fell out or was opened after the bundle was made is the chain's news, no lie of the file.
    newest = _newest(told)
    yield from _events("draw.disqualified", _until(chain.disqualified, newest), told.disqualified)
    yield from _events("draw.repeated", _until(chain.repeated, newest), told.repeated)
    if told.draws_told is not None and not (
        chain.opened.args["drawNumber"] <= told.draws_told <= len(chain.same_post)
    ):
        yield "draw.opened.draws_for_post"
    ours, theirs = chain.terms, told.terms
    if ours.total_weight != theirs.total_weight:
        yield "total_weight"
    if ours.prizes != theirs.prizes or ours.claims_from != theirs.claims_from:
        yield "escrow"
    yield from _drand(chain, told)
    yield from _vrf(chain, told)


def _drand(chain: ContestEvidence, told: ContestEvidence) -> Iterator[str]:
    if told.draw.beacon.address:
        for name in ("address", "public_key", "genesis", "period"):
            if getattr(told.draw.beacon, name) != getattr(chain.draw.beacon, name):
                yield f"draw.drand.{'beacon' if name == 'address' else name}"
    if (
        None not in (chain.draw.signature, told.draw.signature)
        and chain.draw.signature != told.draw.signature
    ):
        yield "draw.drand.signature"


def _vrf(chain: ContestEvidence, told: ContestEvidence) -> Iterator[str]:
    ours, theirs = chain.draw.vrf, told.draw.vrf
    if ours is None or theirs is None or ours.request is None or theirs.request is None:
        return
    for name, field in (
        ("coordinator", "draw.vrf.coordinator"),
        ("key_hash", "draw.vrf.key_hash"),
        ("pre_seed", "draw.vrf.pre_seed"),
        ("sender", "draw.vrf.sender"),
        ("block_hash", "draw.request.block_hash"),
    ):
        if getattr(ours.request, name) != getattr(theirs.request, name):
            yield field
    if None not in (ours.proof, theirs.proof) and ours.proof != theirs.proof:
        yield "draw.vrf.proof"


def _newest(told: ContestEvidence) -> tuple[int, int]:
    return max(log.place for log in (*told.draw.finals, *told.disqualified, *told.repeated))


def _until(logs: Sequence[Log], newest: tuple[int, int]) -> list[Log]:
    return [log for log in logs if log.place <= newest]


def _events(name: str, chain: Sequence[Log], told: Sequence[Log]) -> Iterator[str]:
    if len(chain) != len(told):
        yield f"{name} ({len(told)} told, {len(chain)} on the chain)"
        return
    for ours, theirs in zip(chain, told, strict=True):
        places: list[tuple[str, Any, Any]] = [
            ("block", ours.block, theirs.block),
            ("log_index", ours.index, theirs.index),
            ("transaction", ours.transaction, theirs.transaction),
            ("time", ours.time, theirs.time),
        ]
        arguments = [(_snake(key), ours.args.get(key), value) for key, value in theirs.args.items()]
        for field, found, said in places + arguments:
            if found != said:
                yield f"{name}.{field}"


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
