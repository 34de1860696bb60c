"""One person's answer to "was I included?": an entry or an exclusion with its proof, checked against the roots."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from listener.chain.draw.exclusions import exclusion_leaf
from listener.chain.draw.merkle import id_hash, leaf_hash, verify
from scripts._bundle import hash_of
from scripts._evidence import CannotTellError, Check, ContestEvidence
from scripts._list_checks import stands

NAME = "inclusion"


class _Entry(msgspec.Struct):
    index: int
    salt: str
    weight: str
    proof: list[str]
    sums: list[str] = []


class _Exclusion(msgspec.Struct):
    index: int
    count: int
    salt: str
    reason: str
    proof: list[str]


class Inclusion(msgspec.Struct):
    """What `POST /contests/{id}/inclusion` answers, as far as it can be checked."""

    account_key: str
    entry: _Entry | None = None
    exclusion: _Exclusion | None = None


def read_inclusion(path: Path) -> Inclusion:
    """The answer in a file. Raises CannotTellError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Inclusion)
    except (OSError, ValueError) as error:
        raise CannotTellError(f"The answer {path} cannot be read: {error}.") from error


def check_inclusion(contest: ContestEvidence, answer: Inclusion) -> Iterator[Check]:
    """Whether the person stands where the answer says, by the roots that were committed."""
    if answer.entry is not None:
        yield _entry(contest, answer.account_key, answer.entry)
    if answer.exclusion is not None:
        yield _exclusion(contest, answer.account_key, answer.exclusion)
    if answer.entry is None and answer.exclusion is None:
        yield Check(NAME, None, f"{answer.account_key!r} is not in the list: an absence has no proof")


def _entry(contest: ContestEvidence, account_key: str, entry: _Entry) -> Check:
    terms, draw = contest.terms, contest.draw
    try:
        weight = int(entry.weight)
        proof = [hash_of(node) for node in entry.proof]
        leaf = leaf_hash(
            chain_id=draw.chain_id,
            contract=draw.contract,
            contest_key=terms.contest_key,
            index=entry.index,
            id_hash=id_hash(hash_of(entry.salt), account_key),
            weight=weight,
        )
        holds = stands(contest, entry.index, (leaf, weight), proof, map(int, entry.sums))
    except (ValueError, OverflowError) as error:
        return Check(NAME, False, f"the answer is malformed: {error}")
    words = f"entry {entry.index} of {terms.entries}" if holds else f"not entry {entry.index}"
    return Check(NAME, holds, f"{account_key!r} is {words}")


def _exclusion(contest: ContestEvidence, account_key: str, one: _Exclusion) -> Check:
    try:
        leaf = exclusion_leaf(
            chain_id=contest.draw.chain_id,
            contract=contest.draw.contract,
            contest_key=contest.terms.contest_key,
            index=one.index,
            id_hash=id_hash(hash_of(one.salt), account_key),
            reason=one.reason,
        )
        proof = [hash_of(node) for node in one.proof]
    except (ValueError, OverflowError) as error:
        return Check(NAME, False, f"the answer is malformed: {error}")
    root = contest.details.exclusion_root
    holds = verify(root=root, n=one.count, index=one.index, leaf=leaf, proof=proof)
    words = f"exclusion {one.index}, for {one.reason!r}" if holds else f"not exclusion {one.index}"
    return Check(NAME, holds, f"{account_key!r} is {words}")
