"""Reading a contest's bundle from a file or a URL. What it says is checked elsewhere, here only its form."""

import sys
import urllib.request
from pathlib import Path

import msgspec

from scripts._evidence import Bundle, CannotTellError, Opening

MAX_BYTES = 512 * 2**20
TIMEOUT_SECONDS = 60
# Other packages raise Python's recursion limit so far that hostile JSON could exhaust the stack.
RECURSION_LIMIT = 3_000


class _Opening(msgspec.Struct):
    rank: int
    index: int
    account_key: str
    salt: str
    proof: list[str]
    sums: list[str] = []
    claim_hash: str | None = None


class _Bundle(msgspec.Struct):
    chain_id: int
    contract: str
    contest_key: str
    rules: str
    post_reference: str
    list_sha256: str
    exclusion_root: str
    winners: int
    alternates: int
    leaves: list[str]
    contest_id: str | int | None = None
    openings: list[_Opening] = []
    weights: list[str] = []
    weight_column: str | None = None


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
        return Bundle(
            chain_id=found.chain_id,
            contract=found.contract,
            contest_id=None if found.contest_id is None else int(found.contest_id),
            contest_key=_hash(found.contest_key),
            rules=found.rules,
            post_reference=found.post_reference,
            list_sha256=_hash(found.list_sha256),
            exclusion_root=_hash(found.exclusion_root),
            winners=found.winners,
            alternates=found.alternates,
            leaves=[_hash(leaf) for leaf in found.leaves],
            openings=[
                Opening(
                    rank=one.rank,
                    index=one.index,
                    account_key=one.account_key,
                    salt=_hash(one.salt),
                    proof=[_hash(node) for node in one.proof],
                    sums=[_count(amount) for amount in one.sums],
                    claim_hash=bytes(32) if one.claim_hash is None else _hash(one.claim_hash),
                )
                for one in found.openings
            ],
            weights=[_count(weight) for weight in found.weights],
            weight_column=found.weight_column,
        )
    except (ValueError, RecursionError) as error:
        raise CannotTellError(f"{source} is no bundle of a contest: {error}.") from error


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise ValueError(f"{text[:80]!r} is no weight")
    return int(text)


def _hash(text: str) -> bytes:
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
