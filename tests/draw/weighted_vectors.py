"""Writes tests/vectors/weighted.json from the Python reference: `python -m tests.draw.weighted_vectors`.

Weighted lists with their tree, the draw over their units, who owns what was drawn, and who wins once ranks fell out.
Solidity and TypeScript read it in their tests. Numbers that may pass 2⁵³ are strings.
"""

import json
from pathlib import Path
from random import Random
from typing import Any

from listener.chain.draw.hashing import keccak
from listener.chain.draw.standing import repeats, standing_winners
from listener.chain.draw.sums import SumTree
from listener.chain.draw.winners import winners

FILE = Path(__file__).resolve().parents[1] / "vectors" / "weighted.json"
LARGEST = 2**64 - 1


def vectors() -> list[dict[str, Any]]:
    chance = Random("weighted lists")
    lists = [
        [1],
        [LARGEST],
        [1, 1],
        [3, 1, 4],
        [1] * 7,
        [2**63, 2**63 - 1],
        [2**40, 1, 2**40, 1, 2**40],
        [chance.randint(1, 9) for _ in range(16)],
        [chance.randint(1, 1_000) for _ in range(33)],
        [1] * 20 + [10**6] * 3 + [1] * 20,
        [chance.randint(1, 2**57) for _ in range(100)],
    ]
    return [_vector(number, weights, chance) for number, weights in enumerate(lists)]


def _vector(number: int, weights: list[int], chance: Random) -> dict[str, Any]:
    leaves = [keccak(f"leaf {number}.{index}".encode()) for index in range(len(weights))]
    tree, seed = SumTree(leaves, weights), keccak(f"seed {number}".encode())
    k = min(tree.total, 24)
    units = winners(seed, tree.total, k)
    entries = [tree.entry_with(unit) for unit in units]
    places = max(1, k // 3)
    disqualified = sorted(chance.sample(range(k), k // 8))
    return {
        "weights": [str(weight) for weight in weights],
        "leaves": [_hex(leaf) for leaf in leaves],
        "root": _hex(tree.root),
        "total": str(tree.total),
        "paths": [
            {
                "index": index,
                "start": str(tree.start(index)),
                "siblings": [
                    {"hash": _hex(node), "sum": str(amount)} for node, amount in tree.siblings(index)
                ],
            }
            for index in sorted({0, len(weights) // 2, len(weights) - 1})
        ],
        "seed": _hex(seed),
        "k": k,
        "units": [str(unit) for unit in units],
        "entries": entries,
        "repeats": [[rank, earlier] for rank, earlier in repeats(entries).items()],
        "winners": places,
        "disqualified": disqualified,
        "standing": [list(place) for place in standing_winners(entries, places, disqualified)],
    }


def text() -> str:
    return json.dumps(vectors(), indent=1) + "\n"


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


if __name__ == "__main__":
    FILE.write_text(text())
