"""A list of guests as CSV, and what of it goes on chain and to the guests."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from listener.chain.draw.allow_list import AllowList, allow_key, allow_leaf
from scripts._given import is_address

MOST_TICKETS = 2**64 - 1


class GuestsError(Exception):
    """A list that cannot be used; the message names the line."""


@dataclass(frozen=True, slots=True)
class Guest:
    """An account and the most tickets it may hold, 0 for any number."""

    account: str
    allowance: int


def read_guests(lines: Iterable[str]) -> list[Guest]:
    """Lines `address,allowance` (no allowance: any number), perhaps under a header. Raises GuestsError."""
    found: dict[str, Guest] = {}
    for number, row in enumerate(csv.reader(lines), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and not cells[0].startswith("0x")):
            continue
        guest = _guest(number, cells)
        if guest.account in found:
            raise GuestsError(f"Line {number}: {guest.account} comes twice.")
        found[guest.account] = guest
    if not found:
        raise GuestsError("The list names nobody.")
    return list(found.values())


def _guest(number: int, cells: Sequence[str]) -> Guest:
    account, allowance = (*cells, "0")[:2]
    if not is_address(account) or len(cells) > 2:
        raise GuestsError(f"Line {number} is not `address,allowance`: {','.join(cells)}")
    if not allowance.isascii() or not allowance.isdigit() or int(allowance) > MOST_TICKETS:
        raise GuestsError(f"Line {number}: {allowance!r} is no number of tickets.")
    return Guest(to_checksum_address(account), int(allowance))


def places(
    guests: Sequence[Guest], *, chain_id: int, contract: str, organiser: str, salt: bytes
) -> dict[str, Any]:
    """Root and salt for the raffle's options, and each guest's place as the raffle's page takes it."""
    key = allow_key(organiser, salt)
    tree = AllowList(
        [
            allow_leaf(
                chain_id=chain_id,
                contract=contract,
                key=key,
                account=guest.account,
                allowance=guest.allowance,
            )
            for guest in guests
        ]
    )
    return {
        "chain_id": chain_id,
        "contract": contract,
        "organiser": organiser,
        "allowListRoot": "0x" + tree.root.hex(),
        "allowListSalt": "0x" + salt.hex(),
        "places": {
            guest.account: {
                "allowance": str(guest.allowance),
                "proof": ["0x" + node.hex() for node in tree.proof(index)],
            }
            for index, guest in enumerate(guests)
        },
    }
