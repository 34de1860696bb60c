"""Intents about raffles as the calls that the contract takes, by its real interface."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_abi.abi import decode
from pydantic import TypeAdapter
from web3 import Web3

from backend.contracts import Contracts
from backend.intents.calls import plan
from backend.intents.schemas import IntentIn
from listener.chain.registry import parse_registry
from listener.chain.rpc import RpcPool
from tools.export_abi import COMPILED

INTENT: TypeAdapter[IntentIn] = TypeAdapter(IntentIn)
RAFFLE = Web3.to_checksum_address("0x" + "ab" * 20)
WALLET = Web3.to_checksum_address("0x" + "0a" * 20)
OTHER = Web3.to_checksum_address("0x" + "0b" * 20)


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    abi = json.loads(COMPILED.read_text())["contractTypes"]["Raffle"]["abi"]
    entry = {"address": RAFFLE, "first_block": 0, "abi": abi}
    return Contracts(parse_registry({"chain_id": 31337, "contracts": {"Raffle": entry}}))


async def _planned(contracts: Contracts, **wish: Any) -> tuple[str, tuple[Any, ...]]:
    """Function and arguments of the only call; the node is not asked."""
    nobody = RpcPool(["http://127.0.0.1:1"])
    try:
        (call,), spendings = await plan(INTENT.validate_python(wish), WALLET, nobody, contracts)
    finally:
        await nobody.close()
    assert (call.to, call.value, spendings) == (RAFFLE, 0, [])
    function, arguments = (
        Web3().eth.contract(abi=contracts.registry.contract("Raffle").abi).decode_function_input(call.data)
    )
    assert decode([item["type"] for item in function.abi["inputs"]], call.data[4:])
    return function.fn_name, tuple(arguments.values())


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"kind": "claim_prize", "rank": 3}, ("claim", (7, 3))),
        ({"kind": "claim_prize", "rank": 3, "to": OTHER}, ("claimTo", (7, 3, OTHER))),
        (
            {
                "kind": "claim_prizes",
                "prizes": [{"rank": 3, "entry_index": 0}, {"rank": 1, "entry_index": 9}],
            },
            ("claimMany", (7, [3, 1], [0, 9])),
        ),
        ({"kind": "refund_entry", "entry_index": 4}, ("refund", (7, 4))),
        ({"kind": "refund_entry", "entry_index": 4, "to": OTHER}, ("refundTo", (7, 4, OTHER))),
        ({"kind": "refund_entries", "entry_indexes": [4, 2]}, ("refundMany", (7, [4, 2]))),
    ],
)
async def test_plan__payouts_of_a_raffle__as_the_contract_takes_them(
    contracts: Contracts, wish: dict[str, Any], expected: tuple[str, tuple[Any, ...]]
) -> None:
    assert await _planned(contracts, raffle_id="7", **wish) == expected
