"""A list of grants as CSV: read whole, every bad line named, nothing guessed.

    beneficiary,amount,kind
    0x70997970C51812dc3A010C7d01b50e0d17dc79C8,1250,team
    0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC,0.5,adviser

`amount` is in whole tokens. `kind` may be missing; totals are told for each kind.
"""

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eth_utils.address import to_checksum_address

from scripts._amounts import AmountError, parse_amount

NEEDED, KNOWN = {"beneficiary", "amount"}, {"beneficiary", "amount", "kind"}
MOST_AMOUNT = 2**95 - 1
"""Of one grant, in the smallest unit: IVestingBook.GrantInput."""
TOLD = 20
"""Bad lines that are told; of the others only how many there are."""
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


class ListError(Exception):
    """A list that cannot be used; the message names each line, its value and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One grant; `amount` in the token's smallest unit, `line` in the file, from 1."""

    line: int
    beneficiary: str
    amount: int
    kind: str


def read_rows(
    lines: Iterable[str], decimals: int, *, repeats: bool = False, forbidden: Collection[str] = ()
) -> list[Row]:
    """All rows. `repeats`: an address may come more than once. Raises ListError."""
    reader = csv.reader(lines, strict=True)
    columns = _columns(next(reader, []))
    rows: list[Row] = []
    wrong: list[str] = []
    first: dict[str, int] = {}
    while True:
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            break
        except csv.Error as error:
            raise ListError(f"Line {reader.line_num}: {error}. Write the file anew as CSV.") from error
        line = reader.line_num
        if not any(cells):
            continue
        try:
            row = _row(line, columns, cells, decimals, forbidden)
            if not repeats and row.beneficiary in first:
                raise _LineError(
                    f"{row.beneficiary} stands in line {first[row.beneficiary]} too: make it one line with the "
                    "sum, or say --repeats if both are meant"
                )
        except (_LineError, AmountError) as error:
            wrong.append(f"Line {line}: {error}.")
            continue
        first.setdefault(row.beneficiary, line)
        rows.append(row)
    if wrong:
        more = [f"And {len(wrong) - TOLD} more bad lines."] if len(wrong) > TOLD else []
        raise ListError("\n".join([*wrong[:TOLD], *more]))
    if not rows:
        raise ListError("The list names nobody: write a line for each grant below the columns.")
    return rows


def read_list(
    path: Path, decimals: int, *, repeats: bool = False, forbidden: Collection[str] = ()
) -> list[Row]:
    """`read_rows` of a file. Raises ListError, which names it."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            return read_rows(lines, decimals, repeats=repeats, forbidden=forbidden)
    except (OSError, ListError, UnicodeDecodeError) as error:
        raise ListError(f"{path} cannot be used; nothing was sent.\n{error}") from error


def totals(rows: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """Number and sum for each kind, in the order of the file."""
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        count, amount = found.get(row.kind, (0, 0))
        found[row.kind] = count + 1, amount + row.amount
    return found


class _LineError(ValueError):
    """What is wrong with a line."""


def _columns(header: Sequence[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in header]
    unknown = [column for column in columns if column not in KNOWN]
    if unknown or not set(columns) >= NEEDED or len(set(columns)) != len(columns):
        raise ListError(
            "Line 1 must name the columns: beneficiary, amount and, if wanted, kind, each once, "
            f"no others. It says: {','.join(header)!r}."
        )
    return columns


def _row(
    line: int, columns: Sequence[str], cells: Sequence[str], decimals: int, forbidden: Collection[str]
) -> Row:
    if len(cells) != len(columns):
        raise _LineError(
            f"{','.join(cells)!r} has {len(cells)} values for {len(columns)} columns: give one for each, "
            "thousands without commas"
        )
    named = dict(zip(columns, cells, strict=True))
    beneficiary = _beneficiary(named["beneficiary"])
    if beneficiary in forbidden:
        raise _LineError(f"{beneficiary} is a contract of this vesting itself: name who is to be paid")
    amount = parse_amount(named["amount"], decimals)
    if amount == 0:
        raise _LineError(f"amount {named['amount']!r} is nothing: write more than 0, or take the line out")
    if amount > MOST_AMOUNT:
        raise _LineError(f"amount {named['amount']!r} is above 2⁹⁵ − 1 of the smallest unit: split it")
    return Row(line, beneficiary, amount, named.get("kind", ""))


def _beneficiary(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise _LineError(f"{text!r} is no address: write 0x and 40 hex digits")
    address = str(to_checksum_address(text))
    if text[2:] not in (address[2:], text[2:].lower(), text[2:].upper()):
        raise _LineError(f"{text} has a wrong checksum: look for a typing error ({address} would be right)")
    if int(text, 16) == 0:
        raise _LineError("the zero address can receive nothing: name who is to be paid")
    return address


__all__ = ["ListError", "Row", "read_list", "read_rows", "totals"]
