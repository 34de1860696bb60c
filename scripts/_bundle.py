"""Reading a contest's bundle from a file or a URL (docs/bundle.md). What it says is checked elsewhere, here its form."""

import sys
import urllib.request
from pathlib import Path

import msgspec

from scripts._evidence import Bundle, CannotTellError, ContestEvidence, Exclusion, Opening
from scripts._told import Count, DrawTold, EscrowTold, address_of, told_contest, uint_of

FORMAT, VERSIONS = "TOMBOLA-1/contest", (1, 2)
MAX_BYTES = 512 * 2**20
TIMEOUT_SECONDS = 60
# Other packages raise Python's recursion limit so far that hostile JSON could exhaust the stack.
RECURSION_LIMIT = 3_000


class _Opening(msgspec.Struct):
    rank: Count
    index: Count
    account_key: str
    salt: str
    proof: list[str]
    sums: list[str] = []
    claim_hash: str | None = None


class _Exclusion(msgspec.Struct):
    leaf: str
    id_hash: str | None = None
    reason: str | None = None


class _Bundle(msgspec.Struct):
    chain_id: Count
    contract: str
    contest_key: str
    rules: str
    post_reference: str
    list_sha256: str
    exclusion_root: str
    winners: Count
    alternates: Count
    leaves: list[str]
    format: str = FORMAT
    version: Count = 1
    contest_id: str | int | None = None
    openings: list[_Opening] = []
    weights: list[str] = []
    weight_column: str | None = None
    # From version 2 on: what the file needs to be checked by itself.
    title: str = ""
    organiser: str = ""
    key_salt: str = ""
    rules_hash: str = ""
    post_hash: str = ""
    entries: Count = 0
    total_weight: str | None = None
    root: str = ""
    commitment: str = ""
    exclusions: list[_Exclusion] = []
    escrow: EscrowTold | None = None
    draw: DrawTold | None = None


def read_bundle(source: str) -> Bundle:
    """The bundle at a path or http(s) URL. Raises CannotTellError when it cannot be read."""
    try:
        data = _fetched(source) if source.startswith(("http://", "https://")) else Path(source).read_bytes()
    except OSError as error:
        raise CannotTellError(f"The bundle {source} cannot be read: {error}.") from error
    return parse_bundle(data, source)


def parse_bundle(data: bytes, source: str = "bundle") -> Bundle:
    """A bundle's JSON → its data. Raises CannotTellError when it has another form."""
    sys.setrecursionlimit(RECURSION_LIMIT)
    try:
        found = msgspec.json.decode(data, type=_Bundle)
        if found.format != FORMAT or found.version not in VERSIONS:
            known = " or ".join(map(str, VERSIONS))
            raise ValueError(
                f"it is {found.format[:40]!r} version {found.version}; this program reads {FORMAT!r} version {known}"
            )
        return _bundle(found)
    except (ValueError, RecursionError) as error:
        raise CannotTellError(f"{source} is no bundle of a contest: {error}.") from error


def _bundle(found: _Bundle) -> Bundle:
    if not found.leaves:
        raise ValueError("it has no leaves")
    contest_id = None if found.contest_id is None else uint_of(str(found.contest_id))
    return Bundle(
        chain_id=found.chain_id,
        contract=address_of(found.contract),
        contest_id=contest_id,
        contest_key=hash_of(found.contest_key),
        rules=found.rules,
        post_reference=found.post_reference,
        list_sha256=hash_of(found.list_sha256),
        exclusion_root=hash_of(found.exclusion_root),
        winners=found.winners,
        alternates=found.alternates,
        leaves=[hash_of(leaf) for leaf in found.leaves],
        openings=[
            Opening(
                rank=one.rank,
                index=one.index,
                account_key=one.account_key,
                salt=hash_of(one.salt),
                proof=[hash_of(node) for node in one.proof],
                sums=[_count(amount) for amount in one.sums],
                claim_hash=bytes(32) if one.claim_hash is None else hash_of(one.claim_hash),
            )
            for one in found.openings
        ],
        weights=[_count(weight) for weight in found.weights],
        weight_column=found.weight_column,
        version=found.version,
        key_salt=hash_of(found.key_salt) if found.version > 1 else None,
        organiser=address_of(found.organiser) if found.version > 1 else "",
        exclusions=[
            Exclusion(hash_of(one.leaf), None if one.id_hash is None else hash_of(one.id_hash), one.reason)
            for one in found.exclusions
        ],
        told=_told(found, contest_id),
    )


def _told(found: _Bundle, contest_id: int | None) -> ContestEvidence | None:
    """The contest as the file itself tells it; None before version 2, and before the contest is drawn."""
    if found.version == 1 or found.draw is None or contest_id is None:
        return None
    return told_contest(
        found.draw,
        chain_id=found.chain_id,
        contract=found.contract,
        contest_id=contest_id,
        committed={
            "contestId": contest_id,
            "organiser": address_of(found.organiser),
            "contestKey": hash_of(found.contest_key),
            "root": hash_of(found.root),
            "entries": found.entries,
            "winners": found.winners,
            "alternates": found.alternates,
            "rulesHash": hash_of(found.rules_hash),
            "listSha256": hash_of(found.list_sha256),
            "exclusionRoot": hash_of(found.exclusion_root),
            "postHash": hash_of(found.post_hash),
            "commitment": hash_of(found.commitment),
        },
        total_weight=0 if found.total_weight is None else _count(found.total_weight),
        escrow=found.escrow,
    )


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise ValueError(f"{text[:80]!r} is no weight")
    return int(text)


def hash_of(text: str) -> bytes:
    """The 32 bytes of a hash in hex. Raises ValueError."""
    value = bytes.fromhex(text.removeprefix("0x"))
    if len(value) != 32:
        raise ValueError(f"{text[:80]!r} is no hash of 32 bytes")
    return value


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - checked to be http(s)
        data: bytes = response.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OSError(f"it is larger than {MAX_BYTES} bytes")
    return data
