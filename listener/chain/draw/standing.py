"""Who wins once ranks fell out: disqualified by the organiser, or repeating an entry of a weighted list.

An entry wins by the first rank it was drawn at, whatever became of that rank; every later rank of it is a repeat
and falls out. A rank's place is the number of earlier ranks that stand; places below `winners` win.
"""

from collections.abc import Container, Iterable, Sequence


def repeats(entries: Iterable[int]) -> dict[int, int]:
    """The ranks whose entry was drawn before, each with the first rank of that entry. `entries` by rank."""
    first: dict[int, int] = {}
    found = {}
    for rank, entry in enumerate(entries):
        earlier = first.setdefault(entry, rank)
        if earlier != rank:
            found[rank] = earlier
    return found


def standing_ranks(k: int, winners: int, out: Container[int]) -> list[int]:
    """The first `winners` of k ranks that are not out; the rank at index p stands at place p."""
    return [rank for rank in range(k) if rank not in out][:winners]


def standing_winners(
    entries: Sequence[int], winners: int, disqualified: Iterable[int] = ()
) -> list[tuple[int, int]]:
    """Rank and entry by place, from the entries drawn at each rank and the ranks disqualified."""
    out = {*repeats(entries), *disqualified}
    return [(rank, entries[rank]) for rank in standing_ranks(len(entries), winners, out)]
