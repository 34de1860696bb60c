"""Writes tests/vectors/exclusions.json from the Python reference: `python -m tests.draw.exclusion_vectors`.

Lists of excluded persons with their salts, leaves, root and proofs. TypeScript reads it in its tests.
"""

import json
from pathlib import Path
from typing import Any

from listener.chain.draw.exclusions import EXCLUSION_TAG, exclusion_leaves, exclusion_root, exclusion_salt
from listener.chain.draw.hashing import keccak
from listener.chain.draw.merkle import Tree

FILE = Path(__file__).resolve().parents[1] / "vectors" / "exclusions.json"
CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
CHAIN_ID = 137
REASONS = ("hashtag_missing", "excluded_account", "earlier_winner", "own_code_ü")
NAMES = ("ana", "bo.b", "name with blank", "日本語", "ß" * 40, "x")
SIZES = (0, 1, 2, 3, 7, 16, 33)


def vectors() -> dict[str, Any]:
    return {"tag": _hex(EXCLUSION_TAG), "cases": [_vector(number, size) for number, size in enumerate(SIZES)]}


def _vector(number: int, size: int) -> dict[str, Any]:
    key, secret = keccak(f"contest {number}".encode()), keccak(f"secret {number}".encode())
    excluded = [
        (f"{NAMES[index % len(NAMES)]}{index}", REASONS[(index + number) % len(REASONS)])
        for index in range(size)
    ]
    leaves = exclusion_leaves(
        chain_id=CHAIN_ID, contract=CONTRACT, contest_key=key, secret=secret, excluded=excluded
    )
    shown = sorted({0, size // 2, size - 1}) if size else []
    return {
        "chain_id": CHAIN_ID,
        "contract": CONTRACT,
        "contest_key": _hex(key),
        "secret": _hex(secret),
        "excluded": [
            {
                "account_key": account_key,
                "reason": reason,
                "salt": _hex(exclusion_salt(secret, index)),
                "leaf": _hex(leaves[index]),
            }
            for index, (account_key, reason) in enumerate(excluded)
        ],
        "root": _hex(exclusion_root(leaves)),
        "proofs": [
            {"index": index, "siblings": [_hex(node) for node in Tree(leaves).proof(index)]}
            for index in shown
        ],
    }


def text() -> str:
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


if __name__ == "__main__":
    FILE.write_text(text())
