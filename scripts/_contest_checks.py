"""Checks of a drawn contest: what was committed, its number for this post, and the list where it is given."""

import hashlib
from collections.abc import Iterator

from listener.chain.draw.entries import ListFileError, read_entries
from listener.chain.draw.merkle import Tree, id_hash, leaf_hash, verify
from listener.chain.draw.terms import ContestDetails, contest_commitment, text_hash
from listener.chain.draw.winners import winners
from scripts._draw_checks import check_draw
from scripts._evidence import Bundle, Check, ContestEvidence, Opening


def check_contest(
    contest: ContestEvidence, bundle: Bundle | None, list_file: bytes | None, column: str | None
) -> Iterator[Check]:
    """Every check; those of a bundle or list file that is not given are told as not made."""
    yield _commitment(contest)
    yield _draw_number(contest)
    shared = list(check_draw(contest.draw))
    yield from shared
    if shared[0].holds:
        yield _together(contest)
        yield _standing(contest)
    if bundle is None:
        yield Check("bundle", None, "not given: --bundle checks the leaves and the opened winners")
    else:
        yield from _bundle(contest, bundle)
    if list_file is None:
        yield Check("list file", None, "not given: --list checks the file itself")
    else:
        yield from _list(contest, bundle, list_file, column)


def _commitment(contest: ContestEvidence) -> Check:
    args = contest.opened.args
    details = _details(contest).hash()
    computed = contest_commitment(
        root=args["root"],
        n=args["entries"],
        winners=args["winners"],
        alternates=args["alternates"],
        details_hash=details,
    )
    holds = (
        {args["commitment"], contest.draw.stored["commitment"]} == {computed}
        and contest.info["detailsHash"] == details
        and contest.draw.stored["n"] == args["entries"]
        and contest.draw.stored["k"] == args["winners"] + args["alternates"]
    )
    detail = (
        f"{args['entries']} entries, {args['winners']} winners, {args['alternates']} alternates, rules, list"
    )
    return Check("commitment", holds, detail)


def _details(contest: ContestEvidence) -> ContestDetails:
    args = contest.opened.args
    return ContestDetails(args["rulesHash"], args["listSha256"], args["exclusionRoot"], args["postHash"])


def _draw_number(contest: ContestEvidence) -> Check:
    number, total = contest.opened.args["drawNumber"], len(contest.same_post)
    numbers = [log.args["drawNumber"] for log in contest.same_post]
    holds = numbers == list(range(1, total + 1)) and contest.opened.place in {
        log.place for log in contest.same_post if log.args["drawNumber"] == number
    }
    return Check("draw number", holds, f"draw {number} of {total} of this organiser for this post")


def _together(contest: ContestEvidence) -> Check:
    holds = contest.opened.transaction == contest.draw.request.transaction
    return Check("list before randomness", holds, f"committed and requested in {contest.opened.transaction}")


def _standing(contest: ContestEvidence) -> Check:
    """Disqualified ranks are passed over; the next alternate moves up."""
    out = {log.args["rank"] for log in contest.disqualified}
    drawn = _drawn(contest)
    ranks = [rank for rank in range(len(drawn)) if rank not in out][: contest.opened.args["winners"]]
    entries = [drawn[rank] for rank in ranks]
    holds = (list(contest.standing[0]), list(contest.standing[1])) == (ranks, entries)
    shown = ", ".join(
        f"rank {rank}: entry {entry}" for rank, entry in list(zip(ranks, entries, strict=True))[:5]
    )
    detail = shown + (" …" if len(ranks) > 5 else "") + (f"; {len(out)} disqualified" if out else "")
    return Check("standing winners", holds, detail)


def _drawn(contest: ContestEvidence) -> list[int]:
    final = contest.draw.final.args
    return winners(final["seed"], final["n"], final["k"])


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
    wrong = [name for name in names if getattr(told, name) != getattr(_details(contest), name)]
    detail = (
        f"differ from the commitment: {', '.join(wrong)}"
        if wrong
        else "rules, list hash and post are the committed ones"
    )
    yield Check("bundle's texts", not wrong, detail)
    yield from _leaves(contest, bundle)


def _leaves(contest: ContestEvidence, bundle: Bundle) -> Iterator[Check]:
    args = contest.opened.args
    if len(bundle.leaves) != args["entries"]:
        yield Check("leaves", False, f"{len(bundle.leaves)} leaves, committed were {args['entries']} entries")
        return
    root = Tree(bundle.leaves).root
    yield Check("leaves", root == args["root"], f"{len(bundle.leaves)} leaves give root 0x{root.hex()}")
    if not bundle.openings:
        yield Check("opened winners", None, "the bundle opens nobody")
    elif contest.draw.finals:
        yield _openings(contest, bundle)


def _openings(contest: ContestEvidence, bundle: Bundle) -> Check:
    drawn = _drawn(contest)
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
    leaf = leaf_hash(
        chain_id=contest.draw.chain_id,
        contract=contest.draw.contract,
        contest_key=args["contestKey"],
        index=opening.index,
        id_hash=id_hash(opening.salt, opening.account_key),
    )
    return bundle.leaves[opening.index] == leaf and verify(
        root=args["root"], n=args["entries"], index=opening.index, leaf=leaf, proof=opening.proof
    )


def _list(
    contest: ContestEvidence, bundle: Bundle | None, list_file: bytes, column: str | None
) -> Iterator[Check]:
    digest = hashlib.sha256(list_file).digest()
    committed = contest.opened.args["listSha256"]
    if digest != committed:
        detail = f"its SHA-256 is 0x{digest.hex()}, committed was 0x{committed.hex()}"
        yield Check("list file", False, detail)
        return
    yield Check("list file", True, f"SHA-256 0x{digest.hex()} is the committed one")
    try:
        found = read_entries(list_file, column=column)
    except ListFileError as error:
        yield Check("list entries", None if error.code == "no_account_column" else False, str(error))
        return
    entries = contest.opened.args["entries"]
    detail = (
        f"{found.rows} rows: {found.accepted} accepted, {len(found.rejections)} rejected, "
        f"{len(found.duplicates)} duplicates, {len(found.entries)} entries; committed were {entries}"
    )
    yield Check("list entries", len(found.entries) == entries, detail)
    for opening in bundle.openings if bundle else ():
        if not (
            opening.index < len(found.entries) and found.entries[opening.index].key == opening.account_key
        ):
            yield Check("winners in the list", False, f"entry {opening.index} is not {opening.account_key!r}")
            return
    if bundle and bundle.openings:
        yield Check("winners in the list", True, "every opened winner stands at its number")
