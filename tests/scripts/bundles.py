"""Bundles of version 2, as the API writes them, from what a chain says of a contest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from listener.chain.draw.drand import swap_key
from listener.chain.draw.exclusions import exclusion_salt
from listener.chain.draw.merkle import id_hash
from scripts._evidence import ContestEvidence, Log
from tests.scripts.world import World


def complete(
    world: World,
    old: dict[str, Any],
    contest: ContestEvidence,
    salt: bytes,
    excluded: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """A bundle of version 1 with everything that version 2 adds. `staff` is a reason that is not public."""
    args, terms = contest.opened.args, contest.terms
    leaves = world.exclusions(salt, old["post_reference"], excluded)
    return {
        **old,
        "version": 2,
        "key_salt": _hex(salt),
        "organiser": args["organiser"],
        "title": "Meadow giveaway",
        "rules_hash": _hex(args["rulesHash"]),
        "post_hash": _hex(args["postHash"]),
        "exclusion_root": _hex(args["exclusionRoot"]),
        "entries": args["entries"],
        "total_weight": str(terms.total_weight) if terms.total_weight else None,
        "root": _hex(args["root"]),
        "commitment": _hex(args["commitment"]),
        "escrow": None,
        "exclusions": [
            {"leaf": _hex(leaf), "id_hash": None, "reason": None}
            if reason == "staff"
            else {
                "leaf": _hex(leaf),
                "id_hash": _hex(id_hash(exclusion_salt(salt, index), key)),
                "reason": reason,
            }
            for index, (leaf, (key, reason)) in enumerate(zip(leaves, excluded, strict=True))
        ],
        "draw": _draw(contest),
    }


def _draw(contest: ContestEvidence) -> dict[str, Any]:
    draw = contest.draw
    asked, final, vrf = draw.request, draw.final, draw.vrf
    assert vrf is not None
    assert vrf.request is not None
    assert vrf.proof is not None
    assert draw.signature is not None
    (word,) = draw.words
    return {
        "opened": {
            **_where(contest.opened),
            "draw_number": contest.opened.args["drawNumber"],
            "draws_for_post": len(contest.same_post),
        },
        "request": {
            **_where(asked),
            "block_hash": _hex(vrf.request.block_hash),
            "commitment": _hex(asked.args["commitment"]),
            "n": str(asked.args["n"]),
            "k": asked.args["k"],
            "round": asked.args["round"],
            "reveal_at": asked.args["revealAt"],
            "vrf_deadline": asked.args["vrfDeadline"],
            "coordinator": asked.args["coordinator"],
            "vrf_request_id": str(asked.args["vrfRequestId"]),
        },
        "word": {
            **_where(word),
            "vrf_request_id": str(word.args["vrfRequestId"]),
            "word": f"0x{word.args['word']:064x}",
        },
        "final": {
            **_where(final),
            "commitment": _hex(final.args["commitment"]),
            "n": str(final.args["n"]),
            "k": final.args["k"],
            "seed": _hex(final.args["seed"]),
            "vrf_word": f"0x{final.args['vrfWord']:064x}",
            "round": final.args["round"],
            "drand_randomness": _hex(final.args["drandRandomness"]),
        },
        "vrf": {
            "coordinator": vrf.request.coordinator,
            "key_hash": _hex(vrf.request.key_hash),
            "pre_seed": str(vrf.request.pre_seed),
            "sender": vrf.request.sender,
            "proof": _hex(vrf.proof),
        },
        "drand": {
            "beacon": draw.beacon.address,
            "public_key": _hex(swap_key(draw.beacon.public_key)),
            "genesis": draw.beacon.genesis,
            "period": draw.beacon.period,
            "signature": _hex(draw.signature),
        },
        "disqualified": [
            {**_where(log), "rank": log.args["rank"], "reason": log.args["reason"]}
            for log in contest.disqualified
        ],
        "repeated": [{**_where(log), "rank": log.args["rank"]} for log in contest.repeated],
    }


def _where(log: Log) -> dict[str, Any]:
    return {"block": log.block, "log_index": log.index, "transaction": log.transaction, "time": log.time}


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
