"""What a bundle proves by itself, without any chain: whether everything in it fits together."""

from collections.abc import Iterator
from dataclasses import replace

from listener.chain.draw.merkle import Tree
from listener.chain.draw.sums import SumTree
from scripts._contest_checks import check_contest
from scripts._evidence import Bundle, Check
from scripts._list_checks import check_exclusions, check_key

ONLY_A_CHAIN = {
    "asked and decided once": "that nothing was asked or decided twice",
    "draw number": "how many draws there are for this post",
    "list before randomness": "that the list was committed before the randomness was asked for",
    "standing winners": "which ranks fell out",
    "claims": "what was paid",
}
"""Checks whose facts the file only tells, and what it cannot prove."""

MADE_FROM = {
    "contest key": "contest_key, organiser, post_reference, key_salt",
    "bundle": "chain_id, contract, contest_id, contest_key, winners, alternates",
    "bundle's texts": "rules, rules_hash, list_sha256, exclusion_root, post_reference, post_hash",
    "commitment": "commitment, organiser, contest_key, root, entries, total_weight, winners, alternates, rules_hash,"
    " list_sha256, exclusion_root, post_hash, escrow, draw.request.n, draw.request.k",
    "exclusions": "exclusions, exclusion_root, chain_id, contract, contest_key",
    "leaves": "leaves, weights, root, entries, total_weight",
    "opened winners": "openings, leaves, weights, chain_id, contract, contest_key, winners, draw.final.seed,"
    " draw.final.n, draw.final.k",
    "repeated entries": "weights, draw.repeated, draw.disqualified, draw.final.seed",
    "list before randomness": "draw.opened.transaction, draw.request.transaction",
    "draw number": "draw.opened.draw_number, draw.opened.draws_for_post",
    "fixed before the randomness": "draw.request.commitment, draw.request.n, draw.request.k, draw.request.block,"
    " draw.request.log_index, draw.final.commitment, draw.final.n, draw.final.k, draw.final.block,"
    " draw.final.log_index",
    "request before reveal": "draw.request.time, draw.request.reveal_at, draw.request.vrf_deadline, draw.final.time",
    "VRF word": "draw.word.word, draw.word.vrf_request_id, draw.word.time, draw.word.block, draw.word.log_index,"
    " draw.request.vrf_request_id, draw.request.vrf_deadline, draw.request.block, draw.final.vrf_word,"
    " draw.final.block",
    "VRF request": "draw.request.vrf_request_id, draw.request.coordinator, draw.vrf.coordinator,"
    " draw.vrf.key_hash, draw.vrf.pre_seed, draw.vrf.sender, contract",
    "VRF proof": "draw.vrf.proof, draw.vrf.key_hash, draw.vrf.pre_seed, draw.request.block_hash, draw.word.word",
    "drand key": "draw.drand.public_key",
    "drand round": "draw.request.round, draw.final.round, draw.request.reveal_at, draw.drand.genesis,"
    " draw.drand.period",
    "drand signature": "draw.drand.signature, draw.drand.public_key, draw.final.round, draw.final.drand_randomness",
    "seed": "draw.final.seed, chain_id, contract, contest_id, draw.request.commitment, draw.request.n,"
    " draw.final.vrf_word, draw.final.round, draw.final.drand_randomness",
}
"""The fields of the file that go into a check: what to look at when it fails."""


def check_bundle(
    bundle: Bundle, list_file: bytes | None, column: str | None, weight_column: str | None = None
) -> Iterator[Check]:
    """Every check that needs nothing but the file; the others are told as not made. As `check_contest` otherwise."""
    if bundle.told is None:
        yield from _undrawn(bundle)
        return
    for check in check_contest(bundle.told, bundle, list_file, column, weight_column):
        yield _named(_unproved(check))
    yield Check(
        "the chain",
        None,
        "the file fits together; that the chain holds these very facts, only a node can tell: --network",
    )


def _undrawn(bundle: Bundle) -> Iterator[Check]:
    """Of a bundle without the chain's facts: an old one, or one that was made before the draw."""
    if bundle.version > 1:
        yield _named(check_key(bundle))
    try:
        tree = SumTree(bundle.leaves, bundle.weights) if bundle.weights else Tree(bundle.leaves)
    except ValueError as error:
        yield _named(Check("leaves", False, f"the weights are no weights of this list: {error}"))
        return
    yield Check("leaves", None, f"{len(tree)} leaves give root 0x{tree.root.hex()}")
    if bundle.version > 1:
        yield _named(check_exclusions(bundle))
    yield Check("draw", None, "the file has no draw in it: --network checks it against the chain")


def _unproved(check: Check) -> Check:
    """A finding that rests on what the file merely says is none."""
    what = ONLY_A_CHAIN.get(check.name)
    if what is None or check.holds is False:
        return check
    return replace(check, holds=None, detail=f"{what}, only a node can tell: --network")


def _named(check: Check) -> Check:
    if check.holds is not False or check.name not in MADE_FROM:
        return check
    return replace(check, detail=f"{check.detail} (of {MADE_FROM[check.name]})")
