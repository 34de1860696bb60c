"""A node that has the statements of `tests/vectors/backing.json` and nothing else."""

from __future__ import annotations

import copy
import json
from typing import Any

from scripts import verify_backing as script
from tests.support.processes import ROOT

VECTORS = json.loads((ROOT / "tests" / "vectors" / "backing.json").read_text())


def mine() -> dict[str, Any]:
    """The saved answer of `GET /backing/mine`, to be changed at will."""
    return copy.deepcopy(VECTORS["mine"])  # type: ignore[no-any-return]


def holders() -> dict[str, Any]:
    """The saved answer of the wallets behind the currency's statement."""
    kept = ("topic", "snapshot_block", "document", "addresses")
    return copy.deepcopy({name: VECTORS["holders"][name] for name in kept})


class PretendedChain:
    """Answers as a node would. What it has may be changed."""

    def __init__(self) -> None:
        file = mine()
        self.chain_id = int(file["chain_id"])
        self.contract = file["contract"].lower()
        self.statements = {proof["topic"]: dict(proof) for proof in file["proofs"]}
        self.snapshot = int(file["snapshot_block"])
        self.last = dict.fromkeys(self.statements, self.snapshot)
        # By token and wallet; the currency's token is the zero address.
        self.balances: dict[tuple[str, str], int] = {}
        for proof in file["proofs"]:
            self.balances["0x" + proof["topic"][26:], file["account"].lower()] = int(proof["amount"])
        for wallet, amount in zip(
            VECTORS["holders"]["addresses"], VECTORS["holders"]["balances"], strict=True
        ):
            self.balances["0x" + "00" * 20, wallet.lower()] = int(amount)

    def ask(self, method: str, params: list[Any]) -> Any:
        match method:
            case "eth_chainId":
                return hex(self.chain_id)
            case "eth_getLogs":
                return self._logs(params[0])
            case "eth_getBalance":
                assert params[1] == hex(self.snapshot)
                return hex(self.balances.get(("0x" + "00" * 20, params[0].lower()), 0))
            case "eth_call":
                return self._called(params[0]["to"].lower(), bytes.fromhex(params[0]["data"][2:]), params[1])
        raise AssertionError(method)

    def _logs(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        found = self.statements.get(query["topics"][1])
        named = query["topics"][2] if len(query["topics"]) > 2 else f"0x{self.snapshot:064x}"
        wrong = (
            query["address"].lower() != self.contract or query["topics"][0] != "0x" + script.ATTESTED.hex()
        )
        if found is None or wrong or int(query["fromBlock"], 16) != found["published_block"]:
            return []
        if int(named, 16) != self.snapshot:
            return []
        words = (found["root"][2:], f"{int(found['total']):064x}", found["document"][2:], "0" * 64)
        return [
            {"address": self.contract, "topics": [*query["topics"][:2], named], "data": "0x" + "".join(words)}
        ]

    def _called(self, to: str, data: bytes, block: str) -> str:
        if data[:4] == script.LAST_OF and to == self.contract:
            topic = "0x" + data[4:].hex()
            found = self.statements.get(topic)
            return f"0x{self.last.get(topic, 0):064x}{found['published_block'] if found else 0:064x}"
        assert data[:4] == script.BALANCE_OF
        assert block == hex(self.snapshot)
        return f"0x{self.balances.get((to, '0x' + data[16:].hex()), 0):064x}"
