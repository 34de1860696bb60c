"""What contests cost: opening, drawing, objections, and claims with real proofs from lists of a million entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from listener.chain.draw.merkle import claim_hash, contest_key, leaf_hash
from listener.chain.draw.sums import SumTree
from listener.chain.draw.terms import ContestDetails, ContestTerms, Prize, PrizeKind
from listener.chain.draw.winners import winners
from tests.contracts.contest_kit import Listed, Opened
from tests.contracts.contest_kit import Tree as PlainTree
from tests.contracts.kit import DAY, ZERO, event, native_prize

if TYPE_CHECKING:
    from benchmarks.gas_scenes import Scenes

ENTRIES = 1_000_000
WINNERS, ALTERNATES = 10, 5
IDENTITY = keccak(text="person")
CLAIM_SALT = keccak(text="claim salt")
HEAVY = 400_000
"""Weight of one entry among ones: it is drawn more than once."""


def contest_scenes(scenes: Scenes) -> Iterator[tuple[str, int]]:
    """Gas by operation."""
    yield from _opening(scenes)
    yield from _objections(scenes)
    yield from _claims(scenes)
    again = _open(scenes, scenes.contest, 8, post=2)
    yield "contest: open again for the post, VRF included", again.gas_used


def _opening(scenes: Scenes) -> Iterator[tuple[str, int]]:
    _open(scenes, scenes.contest_drand, 1)
    yield "contest: open, drand alone", _open(scenes, scenes.contest_drand, 2).gas_used
    _open(scenes, scenes.contest, 1)
    opened = _open(scenes, scenes.contest, 2)
    yield "contest: open, VRF included", opened.gas_used
    weighted = _open(scenes, scenes.contest, 3, extras=(5 * ENTRIES, 0, []))
    yield "contest: open weighted, VRF included", weighted.gas_used
    own = scenes.vrf.spent_by(scenes.vrf.coordinator, opened)
    yield "contest: open, of it the coordinator's own part", own
    yield "contest: VRF callback", scenes.vrf.measure(scenes.contest, opened)
    yield "contest: finalise with drand", scenes.finalise(scenes.contest, 2)


def _objections(scenes: Scenes) -> Iterator[tuple[str, int]]:
    listed = _listed(scenes, 4, [HEAVY] + [1] * (ENTRIES - 1))
    opened = _drawn(scenes, 4, listed)
    numbers = _numbers(scenes, opened)
    first, second = [rank for rank, unit in enumerate(numbers) if unit < HEAVY][:2]
    tree = listed.tree
    assert isinstance(tree, SumTree)
    proved = scenes.contest.proveRepeat(
        opened.id,
        opened.words,
        first,
        second,
        0,
        tree.node(0),
        tree.siblings(0),
        sender=scenes.buyer,
    )
    yield "contest: prove a repeat", proved.gas_used
    another = _drawn(scenes, 5, _root_only(scenes, 5))
    reason = "Not a person"
    words = (another.id, another.words, 0, reason)
    yield "contest: disqualify", scenes.contest.disqualify(*words, sender=scenes.deployer).gas_used


def _claims(scenes: Scenes) -> Iterator[tuple[str, int]]:
    """Ranks 0 and 1 of a POL contest; the claimant has POL already."""
    plain = _drawn(scenes, 6, _listed(scenes, 6, None), prizes=[native_prize(10**15)] * WINNERS)
    weighted = _drawn(scenes, 7, _listed(scenes, 7, [2] * ENTRIES), prizes=[native_prize(10**15)] * WINNERS)
    scenes.chain.pending_timestamp = weighted.terms.claims_from
    yield "contest: claim", _claim(scenes, plain).gas_used
    yield "contest: claim weighted", _claim(scenes, weighted).gas_used


def _claim(scenes: Scenes, opened: Opened) -> Any:
    (entry,) = opened.listed.entries_with(_numbers(scenes, opened)[:1])
    return scenes.contest.claim(
        opened.id, opened.words, 0, *opened.shown(entry), scenes.buyer, CLAIM_SALT, sender=scenes.deployer
    )


def _numbers(scenes: Scenes, opened: Opened) -> list[int]:
    draw = scenes.contest.drawOf(opened.id)
    return winners(bytes(draw.seed), draw.n, draw.k)


def _details(salt: int) -> ContestDetails:
    return ContestDetails(*(keccak(text=name) for name in ("rules", "list", "exclusions", f"post {salt}")))


def _open(
    scenes: Scenes,
    contract: Any,
    salt: int,
    root: bytes | None = None,
    extras: Any = None,
    post: int | None = None,
) -> Any:
    """A post of its own for each salt, unless one is named."""
    details = _details(post or salt)
    texts = (details.rules_hash, details.list_sha256, details.exclusion_root, details.post_hash)
    config = (_salt(salt), root or keccak(text="root"), ENTRIES, WINNERS, ALTERNATES, *texts)
    if extras is None:
        return contract.open(config, sender=scenes.deployer)
    value = sum(prize[2] for prize in extras[2])
    return contract.openWith(config, extras, sender=scenes.deployer, value=value)


def _salt(salt: int) -> bytes:
    return salt.to_bytes(28) + bytes(4)


def _key(scenes: Scenes, salt: int) -> bytes:
    return contest_key(str(scenes.deployer), _details(salt).post_hash, _salt(salt))


def _root_only(scenes: Scenes, salt: int) -> Listed:
    return Listed(_salt(salt), _key(scenes, salt), (), PlainTree([keccak(text="root")]))


class _Same(Sequence[Any]):
    """A million leaves that differ in index and weight only, made when they are asked for."""

    def __init__(self, weights: Sequence[int] | None, claim: bytes) -> None:
        self._weights, self._claim = weights, claim

    def __len__(self) -> int:
        return ENTRIES

    def __getitem__(self, index: Any) -> Any:
        weight = 1 if self._weights is None else self._weights[index]
        return (index, weight, IDENTITY, self._claim)


def _listed(scenes: Scenes, salt: int, weights: Sequence[int] | None) -> Listed:
    claim = claim_hash(str(scenes.buyer), CLAIM_SALT)
    leaves = _Same(weights, claim)
    key = _key(scenes, salt)
    place = {
        "chain_id": scenes.chain.chain_id,
        "contract": str(scenes.contest.address),
        "contest_key": key,
    }
    hashes = [
        leaf_hash(**place, index=index, weight=weight, id_hash=identity, claim_hash=claim)
        for index, weight, identity, claim in (leaves[at] for at in range(ENTRIES))
    ]
    return Listed(
        _salt(salt), key, leaves, PlainTree(hashes) if weights is None else SumTree(hashes, weights)
    )


def _drawn(scenes: Scenes, salt: int, listed: Listed, prizes: Sequence[Any] = ()) -> Opened:
    claims_from = scenes.chain.pending_timestamp + DAY if prizes else 0
    extras = (listed.total_weight, claims_from, list(prizes))
    receipt = _open(scenes, scenes.contest, salt, listed.tree.root, extras)
    contest_id = event(receipt, "ContestOpened").contestId
    scenes.finalise(scenes.contest, contest_id)
    terms = ContestTerms(
        organiser=str(scenes.deployer),
        contest_key=listed.key,
        root=listed.tree.root,
        entries=ENTRIES,
        winners=WINNERS,
        alternates=ALTERNATES,
        details_hash=_details(salt).hash(),
        total_weight=listed.total_weight,
        prizes=[Prize(PrizeKind(kind), ZERO, amount, 0) for kind, _, amount, _ in prizes],
        claims_from=claims_from,
    )
    return Opened(contest_id, terms, listed)
