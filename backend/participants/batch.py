"""Rows of a list on their way to the database: what is taken, what is rejected, and where reading goes on."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from backend.participants.columns import Field
from backend.participants.values import read_count, read_time
from listener.chain.draw.entries import MOST_WEIGHT, account_key, read_weight
from listener.chain.draw.list_file import Reason, is_text

MOST_ROWS = 20_000
MOST_BYTES = 4 * 2**20
LONGEST_ACCOUNT = 500
LONGEST_COMMENT_ID = 200
RAW_CHARACTERS = 500

ACCOUNT_TOO_LONG = "account_too_long"

_MOST_LIKES, _MOST_FOLLOWERS = 2**31 - 1, 2**63 - 1
Position = dict[str, Any]
"""Where reading goes on, as JSON."""


class Fault(NamedTuple):
    """What is wrong with a row, in a word and in a sentence."""

    reason: str
    detail: str


class Participant(NamedTuple):
    """One row as the table takes it, but for contest, number and import. What a source does not tell is None."""

    row_number: int
    account_key: str
    account: str
    weight: int | None = None
    comment: str | None = None
    comment_id: str | None = None
    posted_at: datetime | None = None
    likes: int | None = None
    followers: int | None = None
    account_created_at: datetime | None = None
    follows: bool | None = None
    liked: bool | None = None


class Rejection(NamedTuple):
    """A row that is no participant: why, in a word and in a sentence, and the beginning of its text."""

    row_number: int
    reason: str
    detail: str
    raw: str


@dataclass
class Batch:
    """Some rows, and the position after them: both are committed together. `bytes_read` counts from the file's
    beginning."""

    participants: list[Participant] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    position: Position = field(default_factory=dict)
    bytes_read: int = 0

    @property
    def rows(self) -> int:
        return len(self.participants) + len(self.rejections)


class Taker:
    """Judges rows and fills batches. `unread` counts, by field, cells that say nothing that can be told."""

    def __init__(self, weighted: bool, unread: Mapping[str, int]) -> None:
        self._weighted = weighted
        self.unread = Counter(unread)
        self.batch = Batch()

    def take(
        self,
        number: int,
        account: str | None,
        cells: Mapping[Field, str | None],
        raw: Callable[[], str],
        fault: Fault | None = None,
    ) -> None:
        """Add a row: a participant, or a rejection with its reason. `raw` is the row's own text."""
        key = account_key(account or "")
        fault = _fault(account, key, fault)
        weight = None
        if fault is None and self._weighted:
            cell = cells.get("weight")
            weight = read_weight(cell)
            if weight is None or weight > MOST_WEIGHT:
                fault = Fault(
                    Reason.BAD_WEIGHT, f"The weight {_shortened(cell)} is no whole number from 1 on."
                )
        comment = cells.get("comment") or None
        if fault is None and comment is not None and not is_text(comment):
            fault = Fault(Reason.NOT_TEXT, "The comment has a character that is no text.")
        if fault is not None or account is None:
            fault = fault or Fault(Reason.BLANK_ACCOUNT, "The row has no account.")
            self.batch.rejections.append(Rejection(number, str(fault.reason), fault.detail, _storable(raw())))
            return
        self.batch.participants.append(
            Participant(
                number,
                key,
                account,
                weight,
                comment,
                self._read("comment_id", cells, _comment_id),
                self._read("posted_at", cells, read_time),
                self._read("likes", cells, lambda cell: read_count(cell, _MOST_LIKES)),
                self._read("followers", cells, lambda cell: read_count(cell, _MOST_FOLLOWERS)),
                self._read("account_created_at", cells, read_time),
            )
        )

    def _read(self, field: Field, cells: Mapping[Field, str | None], read: Callable[[str], Any]) -> Any:
        cell = cells.get(field)
        if cell is None or not cell.strip():
            return None
        value = read(cell)
        if value is None:
            self.unread[field] += 1
        return value

    def handed_out(self, position: Position, bytes_read: int) -> Iterator[Batch]:
        """The batch so far, if it has anything, and a new one."""
        if self.batch.rows:
            self.batch.position, self.batch.bytes_read = position, bytes_read
            yield self.batch
            self.batch = Batch()


def _fault(account: str | None, key: str, fault: Fault | None) -> Fault | None:
    if account is not None and not key:
        return Fault(Reason.BLANK_ACCOUNT, "The account is blank.")
    if fault is not None or account is None:
        return fault
    if not account.isprintable():
        wrong = next((one for one in account.strip() if unicodedata.category(one) in ("Cc", "Cs")), None)
        if wrong is not None:
            return Fault(
                Reason.NOT_TEXT, f"The account has the character U+{ord(wrong):04X}, which is no text."
            )
    if len(account) > LONGEST_ACCOUNT:
        detail = f"The account has {len(account)} characters; at most {LONGEST_ACCOUNT} are taken."
        return Fault(ACCOUNT_TOO_LONG, detail)
    if not is_text(key):
        return Fault(Reason.NOT_TEXT, "The account has a character that is no text.")
    return None


def _comment_id(cell: str) -> str | None:
    text = cell.strip()
    return text if len(text) <= LONGEST_COMMENT_ID and is_text(text) else None


def _storable(raw: str) -> str:
    text = raw[:RAW_CHARACTERS]
    return text if is_text(text) else text.encode("ascii", "backslashreplace").decode().replace("\0", "\\0")


def _shortened(cell: str | None) -> str:
    return repr(cell if cell is None else cell[:40])
