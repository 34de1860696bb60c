"""`python -m tools.campaign people.csv …`: what a vesting campaign is opened with, and every claim, from a list.

The file has the columns `beneficiary` (0x-address) and `amount` (the token's smallest unit, decimal). Written is JSON:
what `createCampaign` takes (`salt`, `root`, `leaves`, `total`), the campaign's id, and for each line what `claim` takes.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from listener.chain.draw.hashing import address_word, bytes32, keccak, word
from listener.chain.draw.merkle import Tree
from scripts._given import is_address

COLUMNS = ["beneficiary", "amount"]
MOST_AMOUNT = 2**95 - 1
MOST_TOTAL = 2**96 - 1
MOST_LEAVES = 2**31 - 1


class CampaignError(Exception):
    """The list cannot be a campaign; the message names the line."""


@dataclass(frozen=True)
class Share:
    """One line of the list."""

    beneficiary: str
    amount: int


def read(lines: Iterator[str] | Sequence[str]) -> list[Share]:
    """The shares of a CSV file. Raises CampaignError."""
    rows = csv.DictReader(lines)
    if rows.fieldnames is None or not set(COLUMNS) <= set(rows.fieldnames):
        raise CampaignError(f"The first line must name the columns {' and '.join(COLUMNS)}.")
    shares = [_share(row, rows.line_num) for row in rows]
    if not 0 < len(shares) <= MOST_LEAVES:
        raise CampaignError("The list is empty." if not shares else "The list is too long.")
    if sum(share.amount for share in shares) > MOST_TOTAL:
        raise CampaignError(f"The amounts are more than {MOST_TOTAL} in all.")
    return shares


def campaign(
    shares: Sequence[Share], *, chain_id: int, vesting: str, creator: str, salt: bytes
) -> dict[str, Any]:
    """What {IVestingCampaigns} takes to open it and to claim each share. Raises ValueError for a wrong salt."""
    number = int.from_bytes(keccak(address_word(creator) + bytes32(salt, "The salt")))
    begin = word(chain_id) + address_word(vesting) + word(number)
    tree = Tree(
        [
            keccak(begin + word(index) + address_word(share.beneficiary) + word(share.amount))
            for index, share in enumerate(shares)
        ]
    )
    return {
        "campaign_id": str(number),
        "chain_id": chain_id,
        "vesting": vesting,
        "creator": creator,
        "salt": "0x" + salt.hex(),
        "root": "0x" + tree.root.hex(),
        "leaves": len(shares),
        "total": str(sum(share.amount for share in shares)),
        "claims": [
            {
                "index": index,
                "beneficiary": share.beneficiary,
                "amount": str(share.amount),
                "proof": ["0x" + node.hex() for node in tree.proof(index)],
            }
            for index, share in enumerate(shares)
        ],
    }


def _share(row: dict[str, str | None], line: int) -> Share:
    beneficiary, amount = (str(row[column] or "").strip() for column in COLUMNS)
    if not is_address(beneficiary) or not int(beneficiary, 16):
        raise CampaignError(f"Line {line}: {beneficiary!r} is no address.")
    if not (amount.isascii() and amount.isdigit()) or not 0 < int(amount) <= MOST_AMOUNT:
        raise CampaignError(f"Line {line}: {amount!r} is no amount from 1 to 2^95 - 1.")
    return Share(to_checksum_address(beneficiary), int(amount))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.campaign", description="A vesting campaign from a list."
    )
    parser.add_argument("file", type=Path, help="CSV with the columns beneficiary and amount (smallest unit)")
    parser.add_argument("--chain-id", type=int, required=True)
    parser.add_argument("--vesting", type=to_checksum_address, required=True, help="the contract's address")
    parser.add_argument(
        "--creator", type=to_checksum_address, required=True, help="the plan's creator, who opens it"
    )
    parser.add_argument(
        "--salt", type=bytes.fromhex, default=bytes(32), help="64 hex digits; another for each campaign"
    )
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    told = parser.parse_args(arguments)
    try:
        with told.file.open(newline="", encoding="utf-8-sig") as lines:
            shares = read(lines)
        made = campaign(
            shares, chain_id=told.chain_id, vesting=told.vesting, creator=told.creator, salt=told.salt
        )
    except (OSError, ValueError, CampaignError) as error:
        print(error, file=sys.stderr)
        return 1
    told.out.write_text(json.dumps(made, indent=1) + "\n")
    for name in ("campaign_id", "salt", "root", "leaves", "total"):
        print(f"{name:12} {made[name]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
