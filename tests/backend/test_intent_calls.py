"""Intents as the calls that the contracts take, by their real interfaces, and whom they pay."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_abi.abi import decode
from pydantic import TypeAdapter
from web3 import Web3

from backend.contracts import Contracts
from backend.db import make_engine
from backend.intents.calls import plan
from backend.intents.recipients import endowed, recipients
from backend.intents.schemas import EXAMPLES, IntentIn
from backend.intents.wishes.base import NotDeployed
from listener.chain.registry import parse_registry
from listener.chain.rpc import RpcPool
from tools.export_abi import COMPILED

INTENT: TypeAdapter[IntentIn] = TypeAdapter(IntentIn)
ADDRESSES = {
    "Raffle": Web3.to_checksum_address("0x" + "ab" * 20),
    "Vesting": Web3.to_checksum_address("0x" + "cd" * 20),
    "Contest": Web3.to_checksum_address("0x" + "ce" * 20),
    "Governor": Web3.to_checksum_address("0x" + "ef" * 20),
    "TokenFactory": Web3.to_checksum_address("0x" + "fa" * 20),
}
WALLET = Web3.to_checksum_address("0x" + "0a" * 20)
OTHER = Web3.to_checksum_address("0x" + "0b" * 20)
NOBODY = "0x" + "00" * 20


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    compiled = json.loads(COMPILED.read_text())["contractTypes"]
    entries = {
        name: {
            "address": address,
            "first_block": 0,
            "abi": compiled["TombolaGovernor" if name == "Governor" else name]["abi"],
        }
        for name, address in ADDRESSES.items()
    }
    return Contracts(parse_registry({"chain_id": 31337, "contracts": entries}))


async def _plan(contracts: Contracts, **wish: Any) -> Any:
    nobody, nothing = RpcPool(["http://127.0.0.1:1"]), make_engine("postgresql://127.0.0.1:1/none")
    try:
        return await plan(INTENT.validate_python(wish), WALLET, nobody, contracts, nothing)
    finally:
        await nobody.close()
        await nothing.dispose()


async def _planned(contracts: Contracts, name: str, **wish: Any) -> tuple[str, tuple[Any, ...]]:
    """Function and arguments of the only call; the node is not asked."""
    (call,), spendings = await _plan(contracts, **wish)
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


@pytest.mark.parametrize(
    ("contract", "wish", "expected"),
    [
        ("Raffle", {"kind": "request_draw", "raffle_id": "7"}, ("requestDraw", (7,))),
        ("Raffle", {"kind": "open_refunds", "raffle_id": "7"}, ("openRefunds", (7,))),
        ("Raffle", {"kind": "withdraw_proceeds", "raffle_id": "7"}, ("withdrawProceeds", (7,))),
        (
            "Raffle",
            {"kind": "return_prizes", "raffle_id": "7", "ranks": [2, 4]},
            ("returnPrizes", (7, [2, 4])),
        ),
        (
            "Contest",
            {"kind": "finish_draw", "of": "contest", "id": "7", "signature": "0x" + "8f" * 48},
            ("finalise", (7, b"\x8f" * 48)),
        ),
        ("Vesting", {"kind": "revoke_grant", "grant_id": str(GRANT)}, ("revoke", (GRANT,))),
        ("Vesting", {"kind": "renounce_revocation", "plan_id": "7"}, ("renounceRevocation", (7,))),
        ("Governor", {"kind": "cast_vote", "proposal_id": "7", "support": 2}, ("castVote", (7, 2))),
        (
            "Governor",
            {"kind": "cast_vote", "proposal_id": "7", "support": 0, "reason": "Too dear."},
            ("castVoteWithReason", (7, 0, "Too dear.")),
        ),
        (
            "Governor",
            {"kind": "propose", "calls": [{"target": OTHER, "value": "3"}], "description": "Pay\n\nhim"},
            ("propose", ([OTHER], [3], [b""], "Pay\n\nhim")),
        ),
        (
            "Raffle",
            {"kind": "pay_raffle_fees", "treasury": OTHER, "token": None},
            ("payFees", (OTHER, NOBODY)),
        ),
        ("TokenFactory", {"kind": "withdraw_factory_fees", "token": OTHER}, ("withdrawFees", (OTHER,))),
    ],
)
async def test_plan__one_call__as_the_contract_takes_it(
    contracts: Contracts, contract: str, wish: dict[str, Any], expected: tuple[str, tuple[Any, ...]]
) -> None:
    assert await _planned(contracts, contract, **wish) == expected


async def test_plan__contract_not_deployed__refused_in_words() -> None:
    other = {"address": OTHER, "first_block": 0, "abi": []}
    nothing = Contracts(parse_registry({"chain_id": 31337, "contracts": {"Other": other}}))
    for kind in ("cast_vote", "execute_proposal", "create_token", "create_raffle", "create_grants"):
        with pytest.raises(NotDeployed, match="This deployment has no"):
            await _plan(nothing, **EXAMPLES[kind]["value"])


PAYING = {
    "transfer": ("0x70997970C51812dc3A010C7d01b50e0d17dc79C8",),
    "offer_grant": ("0x70997970C51812dc3A010C7d01b50e0d17dc79C8",),
    "create_plan": ("0x70997970C51812dc3A010C7d01b50e0d17dc79C8",),
    "create_grants": ("0x70997970C51812dc3A010C7d01b50e0d17dc79C8",),
    "create_raffle": (ADDRESSES["Raffle"],),
}
"""Whom the examples pay; the others pay nobody."""


@pytest.mark.parametrize("kind", EXAMPLES)
def test_recipients__every_kind__who_gets_something_of_the_wallet(contracts: Contracts, kind: str) -> None:
    wish = INTENT.validate_python(EXAMPLES[kind]["value"])
    assert recipients(wish, WALLET, contracts) == PAYING.get(kind, ())
    assert endowed(wish, WALLET) == ()


def test_endowed__supply_or_power_for_somebody_else__is_named_once(contracts: Contracts) -> None:
    curve = EXAMPLES["create_plan"]["value"]["curve"]
    plans = [{"curve": curve, "grants": [{"beneficiary": who, "amount": "1"} for who in (OTHER, WALLET)]}]
    launch = {**EXAMPLES["create_token"]["value"], "admin": OTHER, "recipient": WALLET, "plans": plans}
    wish = INTENT.validate_python(launch)
    assert (endowed(wish, WALLET), recipients(wish, WALLET, contracts)) == ((OTHER,), ())
