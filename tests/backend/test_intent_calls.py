"""Intents about raffles and vesting as the calls that the contracts take, by their real interfaces."""

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
ADDRESSES = {
    "Raffle": Web3.to_checksum_address("0x" + "ab" * 20),
    "Vesting": Web3.to_checksum_address("0x" + "cd" * 20),
}
WALLET = Web3.to_checksum_address("0x" + "0a" * 20)
OTHER = Web3.to_checksum_address("0x" + "0b" * 20)
NOBODY = "0x" + "00" * 20


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    compiled = json.loads(COMPILED.read_text())["contractTypes"]
    entries = {
        name: {"address": address, "first_block": 0, "abi": compiled[name]["abi"]}
        for name, address in ADDRESSES.items()
    }
    return Contracts(parse_registry({"chain_id": 31337, "contracts": entries}))


async def _planned(contracts: Contracts, name: str, **wish: Any) -> tuple[str, tuple[Any, ...]]:
    """Function and arguments of the only call; the node is not asked."""
    nobody = RpcPool(["http://127.0.0.1:1"])
    try:
        (call,), spendings = await plan(INTENT.validate_python(wish), WALLET, nobody, contracts)
    finally:
        await nobody.close()
    assert (call.to, call.value, spendings) == (ADDRESSES[name], 0, [])
    function, arguments = (
        Web3().eth.contract(abi=contracts.registry.contract(name).abi).decode_function_input(call.data)
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
    assert await _planned(contracts, "Raffle", raffle_id="7", **wish) == expected


GRANT = 7 << 64


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"kind": "release_vesting", "grant_id": str(GRANT)}, ("release", (GRANT,))),
        (
            {"kind": "delegate_vesting", "grant_ids": [str(GRANT), str(GRANT + 1)], "delegatee": OTHER},
            ("delegate", ([GRANT, GRANT + 1], OTHER)),
        ),
        ({"kind": "delegate_vesting", "grant_ids": [str(GRANT)]}, ("delegate", ([GRANT], NOBODY))),
        (
            {"kind": "offer_grant", "grant_id": str(GRANT), "to": OTHER},
            ("proposeTransfer", (GRANT, OTHER)),
        ),
        ({"kind": "offer_grant", "grant_id": str(GRANT)}, ("proposeTransfer", (GRANT, NOBODY))),
        ({"kind": "accept_grant", "grant_id": str(GRANT)}, ("acceptTransfer", (GRANT,))),
        ({"kind": "veto_recovery", "grant_id": str(GRANT)}, ("vetoRecovery", (GRANT,))),
    ],
)
async def test_plan__wishes_about_grants__as_the_contract_takes_them(
    contracts: Contracts, wish: dict[str, Any], expected: tuple[str, tuple[Any, ...]]
) -> None:
    assert await _planned(contracts, "Vesting", **wish) == expected
