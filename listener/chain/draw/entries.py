"""A contest's list file → its entries, by one rule that anyone can repeat.

The account is one column. Its key: NFKC, trimmed, leading @ removed, casefolded. A row is rejected when its
account is blank or no text, when its number of fields differs from the header's, or when a weighted list has no
weight for it: a whole number of at least 1 in digits. The first row of a key is its entry, the others are
duplicates and add no weight; entries are numbered from 0 in order of appearance.
"""

import unicodedata
from dataclasses import dataclass, field

from listener.chain.draw.list_file import Fault, ListFileError, Reason, Row, is_text, read_rows

__all__ = [
    "Duplicate",
    "Entry",
    "EntryList",
    "ListFileError",
    "Reason",
    "Rejection",
    "account_key",
    "read_entries",
]


MOST_WEIGHT = 2**63 - 1
"""Of all entries together; the contract takes twice as much, a database's number does not."""
_MOST_DIGITS = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One participant: `key` is who it is, `account` the first spelling, `row` where that stands.

    `weight` is how many units of a weighted list it owns, 1 in any other.
    """

    key: str
    account: str
    row: int
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A later row of an account that has its entry (`index`) already."""

    row: int
    account: str
    index: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was left out, with its own text.

    `row` counts as a spreadsheet does: a CSV's header is row 1. The first item of a JSON list is row 1.
    """

    row: int
    reason: Reason
    detail: str
    raw: str


@dataclass(slots=True)
class EntryList:
    """What a list file says. `rows` = `accepted` + rejections; `accepted` = entries + duplicates."""

    column: str
    weight_column: str | None = None
    entries: list[Entry] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.accepted + len(self.rejections)

    @property
    def accepted(self) -> int:
        return len(self.entries) + len(self.duplicates)

    @property
    def weights(self) -> list[int]:
        """Weights in index order; empty for an unweighted list."""
        return [entry.weight for entry in self.entries] if self.weight_column is not None else []

    @property
    def keys(self) -> list[str]:
        """Account keys in index order: what the Merkle tree is built over."""
        return [entry.key for entry in self.entries]

    def rejected_for(self, reason: Reason) -> int:
        """How many rows were rejected for this reason."""
        return sum(rejection.reason is reason for rejection in self.rejections)


def account_key(account: str) -> str:
    """What decides whether two spellings are one account; empty when it is blank."""
    return unicodedata.normalize("NFKC", account).strip().lstrip("@").strip().casefold()


def read_entries(data: bytes, *, column: str | None = None, weight_column: str | None = None) -> EntryList:
    """Read a list file; `column` names the account's column where it has no name of ACCOUNT_COLUMNS.

    `weight_column` makes it a weighted list. Raises ListFileError for bytes that cannot be read as a list.
    """
    name, rows = read_rows(data, column, weight_column)
    found = EntryList(name, weight_column)
    index_of: dict[str, int] = {}
    total = 0
    for row in rows:
        key = account_key(row.account or "")
        weight = 1 if weight_column is None else read_weight(row.weight)
        fault = _fault(row, key)
        if fault is None and weight is None:
            fault = Fault(Reason.BAD_WEIGHT, f"The weight {row.weight!r} is no whole number from 1 on.")
        if fault is not None or row.account is None:
            fault = fault or Fault(Reason.BLANK_ACCOUNT, "The row has no account.")
            found.rejections.append(Rejection(row.number, fault.reason, fault.detail, row.raw))
            continue
        index = index_of.setdefault(key, len(found.entries))
        if index == len(found.entries):
            found.entries.append(Entry(key, row.account, row.number, weight or 1))
            total += weight or 1
        else:
            found.duplicates.append(Duplicate(row.number, row.account, index))
    if total > MOST_WEIGHT:
        message = f"The weights add up to {total}; at most {MOST_WEIGHT} can be drawn from. Scale them down."
        raise ListFileError("weights_too_large", message)
    return found


def read_weight(text: str | None) -> int | None:
    """None where it is no weight."""
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS):
        return None
    return int(digits) or None


def _fault(row: Row, key: str) -> Fault | None:
    if row.account is not None and not key:
        return Fault(Reason.BLANK_ACCOUNT, "The account is blank.")
    if row.fault is None and not is_text(key):
        return Fault(Reason.NOT_TEXT, "The account has a character that is no text.")
    return row.fault
