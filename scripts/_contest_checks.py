"""Checks of a drawn contest: what was committed, its number for this post, and the list where it is given."""

import hashlib
from collections.abc import Iterator

from listener.chain.draw.entries import EntryList, ListFileError, read_entries
from listener.chain.draw.standing import standing_ranks
from listener.chain.draw.terms import ContestDetails, text_hash
from scripts._draw_checks import check_draw
from scripts._evidence import Bundle, Check, ContestEvidence
from scripts._fact_checks import check_facts
from scripts._list_checks import check_exclusions, check_key, check_leaves, drawn_of, out_of


def check_contest(
    contest: ContestEvidence,
    bundle: Bundle | None,
    list_file: bytes | None,
    column: str | None,
    weight_column: str | None = None,
) -> Iterator[Check]:
    """Every check; those of a bundle or list file that is not given are told as not made.

    `weight_column` names the list file's weights where the bundle does not.
    """
    yield _commitment(contest)
    yield _draw_number(contest)
    shared = list(check_draw(contest.draw))
    yield from shared
    if shared[0].holds:
        yield _together(contest)
        yield _standing(contest)
        if contest.escrowed:
            yield _claims(contest)
    if bundle is None:
        yield Check("bundle", None, "not given: --bundle checks the leaves and the opened winners")
    else:
        yield from _bundle(contest, bundle)
    if list_file is None:
        yield Check("list file", None, "not given: --list checks the file itself")
    else:
        weight_column = weight_column or (bundle.weight_column if bundle else None)
        yield from _list(contest, bundle, list_file, column, weight_column)


def _commitment(contest: ContestEvidence) -> Check:
    terms = contest.terms
    holds = (
        {contest.opened.args["commitment"], contest.draw.stored["commitment"]} == {terms.hash()}
        and contest.draw.stored["n"] == terms.n
        and contest.draw.stored["k"] == terms.winners + terms.alternates
    )
    weights = f" of total weight {terms.total_weight}" if terms.total_weight else ""
    prizes = f", {len(terms.prizes)} prizes" if terms.prizes else ""
    detail = (
        f"{terms.entries} entries{weights}, {terms.winners} winners, {terms.alternates} alternates{prizes},"
        " rules, list"
    )
    return Check("commitment", holds, detail)


def _draw_number(contest: ContestEvidence) -> Check:
    number, total = contest.opened.args["drawNumber"], len(contest.same_post)
    if contest.draws_told is not None:
        total = contest.draws_told
        return Check("draw number", 1 <= number <= total, f"draw {number} of {total}, the file says")
    numbers = [log.args["drawNumber"] for log in contest.same_post]
    holds = numbers == list(range(1, total + 1)) and contest.opened.place in {
        log.place for log in contest.same_post if log.args["drawNumber"] == number
    }
    return Check("draw number", holds, f"draw {number} of {total} of this organiser for this post")


def _together(contest: ContestEvidence) -> Check:
    holds = contest.opened.transaction == contest.draw.request.transaction
    return Check("list before randomness", holds, f"committed and requested in {contest.opened.transaction}")


def _standing(contest: ContestEvidence) -> Check:
    """Ranks that the chain knows as fallen out are passed over; the next alternate moves up."""
    drawn = drawn_of(contest)
    ranks = standing_ranks(len(drawn), contest.terms.winners, out_of(contest))
    numbers = [drawn[rank] for rank in ranks]
    holds = (list(contest.standing[0]), list(contest.standing[1])) == (ranks, numbers)
    name = "unit" if contest.weighted else "entry"
    shown = ", ".join(
        f"rank {rank}: {name} {number}" for rank, number in list(zip(ranks, numbers, strict=True))[:5]
    )
    detail = shown + (" …" if len(ranks) > 5 else "")
    detail += f"; {len(contest.disqualified)} disqualified" if contest.disqualified else ""
    detail += f"; {len(contest.repeated)} repeated" if contest.repeated else ""
    return Check("standing winners", holds, detail)


def _claims(contest: ContestEvidence) -> Check:
    """Each prize was paid for the rank that stands at its place, once, and not before its time."""
    ranks = standing_ranks(contest.draw.stored["k"], contest.terms.winners, out_of(contest))
    opens = contest.terms.claims_from
    for log in contest.claims:
        place, rank = log.args["place"], log.args["rank"]
        if not (place < len(ranks) and ranks[place] == rank and log.time >= opens):
            return Check("claims", False, f"the prize of place {place} was paid for rank {rank}")
    places = {log.args["place"] for log in contest.claims}
    detail = f"{len(places)} of {len(contest.terms.prizes)} prizes paid, from {opens} on"
    return Check("claims", len(places) == len(contest.claims), detail)


def _bundle(contest: ContestEvidence, bundle: Bundle) -> Iterator[Check]:
    args, draw = contest.opened.args, contest.draw
    place = (draw.chain_id, draw.contract.lower(), draw.draw_id)
    told_place = (bundle.chain_id, bundle.contract.lower(), bundle.contest_id)
    terms = (args["contestKey"], args["winners"], args["alternates"])
    told_terms = (bundle.contest_key, bundle.winners, bundle.alternates)
    yield Check(
        "bundle",
        place == told_place and terms == told_terms,
        f"of contest {bundle.contest_id} on chain {bundle.chain_id}",
    )
    told = ContestDetails(
        text_hash(bundle.rules), bundle.list_sha256, bundle.exclusion_root, text_hash(bundle.post_reference)
    )
    names = ("rules_hash", "list_sha256", "exclusion_root", "post_hash")
    wrong = [name for name in names if getattr(told, name) != getattr(contest.details, name)]
    detail = (
        f"differ from the commitment: {', '.join(wrong)}"
        if wrong
        else "rules, list hash and post are the committed ones"
    )
    yield Check("bundle's texts", not wrong, detail)
    if bundle.version > 1:
        yield check_key(bundle)
        yield check_exclusions(bundle)
    yield from check_leaves(contest, bundle)
    if bundle.told is not None and bundle.told is not contest:
        yield check_facts(contest, bundle.told)


def _weights(contest: ContestEvidence, bundle: Bundle | None, found: EntryList) -> Check:
    """The file gives every entry the weight it was drawn with."""
    total, committed = sum(found.weights), contest.terms.total_weight
    for index, weight in enumerate(bundle.weights if bundle else ()):
        if index >= len(found.weights) or found.weights[index] != weight:
            return Check("list weights", False, f"entry {index} was drawn with weight {weight}")
    return Check("list weights", total == committed, f"they add up to {total}, committed were {committed}")


def _list(
    contest: ContestEvidence,
    bundle: Bundle | None,
    list_file: bytes,
    column: str | None,
    weight_column: str | None,
) -> Iterator[Check]:
    digest = hashlib.sha256(list_file).digest()
    committed = contest.opened.args["listSha256"]
    if digest != committed:
        detail = f"its SHA-256 is 0x{digest.hex()}, committed was 0x{committed.hex()}"
        yield Check("list file", False, detail)
        return
    yield Check("list file", True, f"SHA-256 0x{digest.hex()} is the committed one")
    if contest.weighted and weight_column is None:
        yield Check("list entries", None, "which column holds the weights is not known: --weight-column")
        return
    try:
        found = read_entries(
            list_file, column=column, weight_column=weight_column if contest.weighted else None
        )
    except ListFileError as error:
        unknown = error.code in ("no_account_column", "no_weight_column")
        yield Check("list entries", None if unknown else False, str(error))
        return
    entries = contest.opened.args["entries"]
    detail = (
        f"{found.rows} rows: {found.accepted} accepted, {len(found.rejections)} rejected, "
        f"{len(found.duplicates)} duplicates, {len(found.entries)} entries; committed were {entries}"
    )
    yield Check("list entries", len(found.entries) == entries, detail)
    if contest.weighted:
        yield _weights(contest, bundle, found)
    for opening in bundle.openings if bundle else ():
        if not (
            opening.index < len(found.entries) and found.entries[opening.index].key == opening.account_key
        ):
            yield Check("winners in the list", False, f"entry {opening.index} is not {opening.account_key!r}")
            return
    if bundle and bundle.openings:
        yield Check("winners in the list", True, "every opened winner stands at its number")
