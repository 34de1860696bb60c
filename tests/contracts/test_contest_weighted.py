"""Weighted lists: an entry wins by its first rank only, and anyone may prove the later ones."""

from typing import Any

import pytest

from listener.chain.draw.standing import repeats, standing_winners
from tests.contracts.contest_kit import ContestKit, Opened, other_terms
from tests.contracts.kit import event, native_prize
from tests.evm import reverts

WEIGHTS = [500, 1, 900, 1, 700, 3, 1]
PLACES = {"winners": 3, "alternates": 9}
"""Twelve ranks among three heavy entries and four light ones: most repeat."""


@pytest.fixture
def drawn(contests: ContestKit) -> Opened:
    return contests.draw(contests.listed(weights=WEIGHTS), **PLACES)


def prove(
    contests: ContestKit,
    opened: Opened,
    earlier: int,
    rank: int,
    index: int,
    sender: Any = None,
    **changes: Any,
) -> Any:
    tree: Any = opened.listed.tree
    return contests.contest.proveRepeat(
        opened.id,
        changes.get("terms", opened.words),
        earlier,
        rank,
        index,
        changes["node"] if "node" in changes else tree.node(index),
        changes["siblings"] if "siblings" in changes else tree.siblings(index),
        sender=sender or contests.organiser,
    )


def a_repeat(contests: ContestKit, opened: Opened) -> tuple[int, int, int]:
    """Earlier rank, rank and entry of the first repeat."""
    entries = contests.entries(opened)
    rank, earlier = next(iter(repeats(entries).items()))
    return earlier, rank, entries[rank]


def test_prove_repeat__these_are_not_the_contest_s_terms__reverts_contest_terms_wrong(
    contests: ContestKit, drawn: Opened
) -> None:
    earlier, rank, entry = a_repeat(contests, drawn)
    with reverts(contests.contest.ContestTermsWrong, contestId=drawn.id):
        prove(contests, drawn, earlier, rank, entry, terms=other_terms(drawn))


def test_prove_repeat__there_is_no_seed_yet__reverts_contest_not_drawn(contests: ContestKit) -> None:
    opened = contests.open(contests.listed(weights=WEIGHTS), **PLACES)
    with reverts(contests.contest.ContestNotDrawn, contestId=opened.id):
        prove(contests, opened, 0, 1, 0)


def test_prove_repeat__the_list_is_not_weighted__reverts_contest_not_weighted(contests: ContestKit) -> None:
    opened = contests.draw()
    with reverts(contests.contest.ContestNotWeighted, contestId=opened.id):
        prove(contests, opened, 0, 1, 0, node=(bytes(32), 1), siblings=[])


def test_prove_repeat__claims_have_begun__reverts_contest_objections_closed(contests: ContestKit) -> None:
    opened = contests.draw(contests.listed(weights=WEIGHTS), prizes=[native_prize(1)] * 3, **PLACES)
    earlier, rank, entry = a_repeat(contests, opened)
    contests.wait_for_claims(opened)
    with reverts(contests.contest.ContestObjectionsClosed, claimsFrom=opened.terms.claims_from):
        prove(contests, opened, earlier, rank, entry)


def test_prove_repeat__the_node_is_not_in_the_tree__reverts_contest_proof_invalid(
    contests: ContestKit, drawn: Opened
) -> None:
    earlier, rank, entry = a_repeat(contests, drawn)
    tree: Any = drawn.listed.tree
    (leaf, weight), siblings = tree.node(entry), tree.siblings(entry)
    (beside, amount), *rest = siblings
    forged: list[dict[str, Any]] = [
        {"node": (leaf, weight + 1)},
        {"node": (beside, weight)},
        {"siblings": [(beside, amount - 1), *rest]},
        {"siblings": rest},
        {"siblings": [*siblings, siblings[0]]},
        {"node": (leaf, weight + 1), "siblings": [(beside, amount - 1), *rest]},
        {"node": tree.node(entry ^ 1)},
        {"siblings": tree.siblings(entry ^ 1)},
    ]
    for change in forged:
        with reverts(contests.contest.ContestProofInvalid, contestId=drawn.id, index=entry):
            prove(contests, drawn, earlier, rank, entry, **change)
    with reverts(contests.contest.ContestProofInvalid, index=len(WEIGHTS)):
        prove(contests, drawn, earlier, rank, len(WEIGHTS), node=tree.node(entry), siblings=siblings)


def test_prove_repeat__the_rank_was_not_drawn__reverts_contest_rank_unknown(
    contests: ContestKit, drawn: Opened
) -> None:
    earlier, _, entry = a_repeat(contests, drawn)
    with reverts(contests.contest.ContestRankUnknown, rank=12):
        prove(contests, drawn, earlier, 12, entry)


def test_prove_repeat__the_rank_is_out_already__reverts_contest_rank_out(
    contests: ContestKit, drawn: Opened
) -> None:
    earlier, rank, entry = a_repeat(contests, drawn)
    prove(contests, drawn, earlier, rank, entry)
    with reverts(contests.contest.ContestRankOut, rank=rank):
        prove(contests, drawn, earlier, rank, entry)


def test_prove_repeat__the_ranks_are_not_in_order__reverts_contest_not_repeated(
    contests: ContestKit, drawn: Opened
) -> None:
    earlier, rank, entry = a_repeat(contests, drawn)
    for first, second in ((rank, earlier), (earlier, earlier), (rank, rank), (2**32 - 1, rank)):
        with reverts(contests.contest.ContestNotRepeated, earlierRank=first, rank=second):
            prove(contests, drawn, first, second, entry)


def test_prove_repeat__one_of_the_ranks_belongs_to_another_entry__reverts_contest_not_repeated(
    contests: ContestKit, drawn: Opened
) -> None:
    entries = contests.entries(drawn)
    pairs = [(a, b) for b in range(12) for a in range(b) if entries[a] != entries[b]]
    assert pairs
    for earlier, rank in pairs:
        for entry in (entries[earlier], entries[rank]):
            with reverts(contests.contest.ContestNotRepeated, earlierRank=earlier, rank=rank):
                prove(contests, drawn, earlier, rank, entry)


def test_prove_repeat__both_ranks_belong_to_the_entry__moves_the_next_alternate_up(
    contests: ContestKit, drawn: Opened
) -> None:
    earlier, rank, entry = a_repeat(contests, drawn)
    before = list(contests.contest.standingWinners(drawn.id, drawn.words).ranks)
    log = event(prove(contests, drawn, earlier, rank, entry), "RankRepeated")
    assert (log.contestId, log.rank, log.earlierRank, log.entry) == (drawn.id, rank, earlier, entry)
    after = list(contests.contest.standingWinners(drawn.id, drawn.words).ranks)
    assert before == [0, 1, 2]
    assert after == [at for at in range(4) if at != rank][:3]
    assert contests.contest.isOut(drawn.id, rank)


def test_prove_repeat__both_ranks_belong_to_the_entry__may_come_from_anyone_who_knows_hashes_and_weights_only(
    contests: ContestKit, drawn: Opened, stranger: Any
) -> None:
    # What `prove` sends is leaf hashes and weights: nothing of what the leaf holds.
    receipt = prove(contests, drawn, *a_repeat(contests, drawn), sender=stranger)
    assert event(receipt, "RankRepeated").prover == stranger


def test_prove_repeat__both_ranks_belong_to_the_entry__counts_also_when_the_earlier_rank_was_disqualified(
    contests: ContestKit, drawn: Opened
) -> None:
    earlier, rank, entry = a_repeat(contests, drawn)
    contests.contest.disqualify(drawn.id, drawn.words, earlier, "no", sender=contests.organiser)
    prove(contests, drawn, earlier, rank, entry)
    assert {earlier, rank}.isdisjoint(contests.contest.standingWinners(drawn.id, drawn.words).ranks)


def test_prove_repeat__all_repeats_are_proved__leaves_the_winners_that_python_tells(
    contests: ContestKit, drawn: Opened
) -> None:
    entries = contests.entries(drawn)
    found = repeats(entries)
    assert len(found) >= 5, "seven entries cannot fill twelve ranks"
    for rank, earlier in found.items():
        prove(contests, drawn, earlier, rank, entries[rank])
    ranks, numbers = contests.contest.standingWinners(drawn.id, drawn.words)
    assert list(zip(ranks, drawn.listed.entries_with(numbers), strict=True)) == standing_winners(entries, 3)
