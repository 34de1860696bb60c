"""Checks of a contest's list as its bundle publishes it: leaves, opened winners, repeats, exclusions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from listener.chain.draw.exclusions import exclusion_leaf, exclusion_root
from listener.chain.draw.merkle import Tree, contest_key, id_hash, leaf_hash, verify
from listener.chain.draw.standing import repeats
from listener.chain.draw.sums import Node, SumTree, entries_with, locate
from listener.chain.draw.terms import text_hash
from listener.chain.draw.winners import winners
from scripts._evidence import Bundle, Check, ContestEvidence, Opening


def check_key(bundle: Bundle) -> Check:
    """The key in every leaf is the organiser's, of this post, and used once."""
    key = contest_key(bundle.organiser, text_hash(bundle.post_reference), bundle.key_salt or b"")
    return Check("contest key", key == bundle.contest_key, f"recomputed 0x{key.hex()}")


def check_exclusions(bundle: Bundle) -> Check:
    """Who was left out was fixed before the draw: all leaves give the root, and public reasons stand in theirs."""
    leaves = [one.leaf for one in bundle.exclusions]
    root = exclusion_root(leaves)
    if root != bundle.exclusion_root:
        detail = (
            f"{len(leaves)} leaves give root 0x{root.hex()}, the file says 0x{bundle.exclusion_root.hex()}"
        )
        return Check("exclusions", False, detail)
    for index, one in enumerate(bundle.exclusions):
        if one.id_hash is None or one.reason is None:
            continue
        leaf = exclusion_leaf(
            chain_id=bundle.chain_id,
            contract=bundle.contract,
            contest_key=bundle.contest_key,
            index=index,
            id_hash=one.id_hash,
            reason=one.reason,
        )
        if leaf != one.leaf:
            return Check("exclusions", False, f"exclusion {index}: reason {one.reason!r} is not in its leaf")
    counts = Counter(one.reason or "reason not public" for one in bundle.exclusions)
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
    return Check("exclusions", True, f"{len(leaves)} left out" + (f": {told}" if told else ""))


def check_leaves(contest: ContestEvidence, bundle: Bundle) -> Iterator[Check]:
    args = contest.opened.args
    if len(bundle.leaves) != args["entries"]:
        yield Check("leaves", False, f"{len(bundle.leaves)} leaves, committed were {args['entries']} entries")
        return
    root = _root(contest, bundle)
    yield root
    if contest.weighted and not root.holds:
        return
    if contest.weighted and contest.draw.finals:
        yield _repeats(contest, bundle)
    if not bundle.openings:
        yield Check("opened winners", None, "the bundle opens nobody")
    elif contest.draw.finals:
        yield _openings(contest, bundle)


def _root(contest: ContestEvidence, bundle: Bundle) -> Check:
    terms = contest.terms
    if not terms.total_weight:
        root = Tree(bundle.leaves).root
        return Check("leaves", root == terms.root, f"{len(bundle.leaves)} leaves give root 0x{root.hex()}")
    try:
        tree = SumTree(bundle.leaves, bundle.weights)
    except ValueError as error:
        return Check("leaves", False, f"the weights are no weights of this list: {error}")
    holds = (tree.root, tree.total) == (terms.root, terms.total_weight)
    detail = f"{len(tree)} leaves of total weight {tree.total} give root 0x{tree.root.hex()}"
    return Check("leaves", holds, detail)


def _repeats(contest: ContestEvidence, bundle: Bundle) -> Check:
    """An entry wins by its first rank only: the chain must know every later one, and no other."""
    found = repeats(entries_with(bundle.weights, drawn_of(contest)))
    proved = {log.args["rank"] for log in contest.repeated}
    wrong = sorted(proved - found.keys())
    if wrong:
        return Check("repeated entries", False, f"rank {wrong[0]} repeats no entry, but counts as a repeat")
    out = out_of(contest)
    missing = [rank for rank in found if rank not in out]
    if missing:
        rank = missing[0]
        detail = (
            f"{len(missing)} rank(s) repeat an entry and nobody proved it; first rank {rank} repeats rank"
        )
        return Check("repeated entries", None, f"{detail} {found[rank]}")
    return Check(
        "repeated entries", True, f"{len(found)} rank(s) repeat an entry; the chain knows all of them"
    )


def _openings(contest: ContestEvidence, bundle: Bundle) -> Check:
    drawn = _drawn_entries(contest, bundle)
    opened: set[int] = set()
    for opening in bundle.openings:
        if not (0 <= opening.rank < len(drawn) and drawn[opening.rank] == opening.index):
            return Check("opened winners", False, f"rank {opening.rank} is not entry {opening.index}")
        if not _opens(contest, bundle, opening):
            return Check(
                "opened winners", False, f"rank {opening.rank}: {opening.account_key!r} is not in its leaf"
            )
        opened.add(opening.rank)
    missing = set(range(contest.opened.args["winners"])) - opened
    if missing:
        return Check(
            "opened winners", False, f"{len(missing)} winner(s) not opened, first rank {min(missing)}"
        )
    shown = ", ".join(opening.account_key for opening in bundle.openings[:5])
    return Check("opened winners", True, shown + (" …" if len(bundle.openings) > 5 else ""))


def _opens(contest: ContestEvidence, bundle: Bundle, opening: Opening) -> bool:
    args = contest.opened.args
    weight = bundle.weights[opening.index] if contest.weighted else 1
    leaf = leaf_hash(
        chain_id=contest.draw.chain_id,
        contract=contest.draw.contract,
        contest_key=args["contestKey"],
        index=opening.index,
        id_hash=id_hash(opening.salt, opening.account_key),
        weight=weight,
        claim_hash=opening.claim_hash,
    )
    if bundle.leaves[opening.index] != leaf:
        return False
    if contest.weighted and len(opening.proof) != len(opening.sums):
        return False
    return stands(contest, opening.index, (leaf, weight), opening.proof, opening.sums)


def stands(
    contest: ContestEvidence, index: int, leaf: Node, proof: Sequence[bytes], sums: Iterable[int]
) -> bool:
    """Whether a leaf (hash and weight) stands at its number under the committed root; `sums` are those of the proof's
    nodes, in a weighted list. Raises ValueError where they are not as many."""
    terms = contest.terms
    if not terms.total_weight:
        return verify(root=terms.root, n=terms.entries, index=index, leaf=leaf[0], proof=proof)
    start = locate(
        root=terms.root,
        total=terms.total_weight,
        entries=terms.entries,
        index=index,
        leaf=leaf,
        siblings=list(zip(proof, sums, strict=True)),
    )
    return start is not None


def _drawn_entries(contest: ContestEvidence, bundle: Bundle) -> list[int]:
    """Entry numbers by rank; in a weighted list the owners of the units drawn."""
    drawn = drawn_of(contest)
    return entries_with(bundle.weights, drawn) if contest.weighted else drawn


def out_of(contest: ContestEvidence) -> set[int]:
    """The ranks that fell out by the chain's record."""
    return {log.args["rank"] for log in (*contest.disqualified, *contest.repeated)}


def drawn_of(contest: ContestEvidence) -> list[int]:
    """The numbers drawn, by rank: entries, or units of a weighted list."""
    final = contest.draw.final.args
    return winners(final["seed"], final["n"], final["k"])
