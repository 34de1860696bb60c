"""The sender without faults: every kind of end an intent can have."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from backend.contracts import ERC20
from backend.intents.service import Call
from backend.sender import check, signing
from backend.sender.rpc import receipt_of
from listener.chain.encode import encode_call
from tests.backend import stubs
from tests.backend.world import POL, World, fresh_address


async def test_transfer__confirmed_with_every_stage(world: World) -> None:
    person = await world.person()
    intent = await world.transfer(person)
    async with world.sender():
        await world.settled()
    assert (await world.intent(intent)).state == "confirmed"
    assert await world.stages(intent) == ["created", "signed", "broadcast", "mined", "confirmed"]
    async with world.services.engine.connect() as db:
        slot = (await db.execute(text("SELECT winner, fee, final_at FROM app.slot"))).one()
    receipt = world.anvil.call("eth_getTransactionReceipt", "0x" + slot.winner.hex())
    assert slot.fee == int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert slot.final_at is not None


@pytest.mark.parametrize(
    "said", [{}, {"gasUsed": "0x5208", "effectiveGasPrice": None}, {"gasUsed": 21_000}, {"gasUsed": "?"}]
)
def test_receipt__a_fee_that_cannot_be_read__counts_all_the_same(said: dict[str, Any]) -> None:
    mined = {"blockNumber": "0x5", "blockHash": "0x" + "05" * 32, "status": "0x1"}
    receipt = receipt_of(bytes(32), {**mined, "effectiveGasPrice": "0x1", **said})
    assert (receipt.block_number, receipt.succeeded, receipt.fee) == (5, True, None)


async def test_many_transfers_of_one_wallet__contiguous_nonces(world: World) -> None:
    person = await world.person()
    for _ in range(30):
        await world.transfer(person, POL // 100)
    async with world.sender():
        await world.settled()


async def test_contract_refuses__rejected_without_a_nonce(world: World) -> None:
    person = await world.person()
    intent = await world.intend(person, "claim_prize", {}, [Call(stubs.REFUSER, b"\x01\x02\x03\x04")])
    async with world.sender():
        found = await world.reaches(intent, "rejected")
        await world.settled()
    assert found.error_code == "RaffleNotOpen"
    assert found.error_message == "The contract refused: RaffleNotOpen(raffleId=7, state=2)"


async def test_too_little_money__rejected_and_hold_released(world: World) -> None:
    person = await world.person(POL)
    intent = await world.transfer(person, 2 * POL)
    async with world.sender():
        found = await world.reaches(intent, "rejected")
        await world.settled()
    assert found.error_code == "balance_too_low"


async def test_two_transfers_money_for_one__second_waits_then_is_rejected(world: World) -> None:
    person = await world.person(POL + POL // 2)
    first, second = await world.transfer(person), await world.transfer(person)
    async with world.sender():
        await world.settled()
    assert (await world.intent(first)).state == "confirmed"
    assert (await world.intent(second)).error_code == "balance_too_low"


async def test_approve_and_buy__two_slots_one_intent(world: World) -> None:
    person = await world.person()
    approve = Call(stubs.TOKEN, encode_call(ERC20, "approve", [stubs.RAFFLE, 5]))
    intent = await world.intend(person, "buy_tickets", {}, [approve, Call(stubs.RAFFLE, b"\1\2\3\4")])
    async with world.sender():
        await world.reaches(intent, "confirmed")
        await world.settled()


async def test_second_call_of_a_group_refused__nothing_sent(world: World) -> None:
    person = await world.person()
    intent = await world.intend(
        person, "buy_tickets", {}, [Call(stubs.TOKEN, b"\1\2\3\4"), Call(stubs.REFUSER, b"\1\2\3\4")]
    )
    async with world.sender():
        found = await world.reaches(intent, "rejected")
        await world.settled()
    assert found.error_code == "RaffleNotOpen"


EVIL: dict[str, str] = {
    "NUL": stubs.refuses(stubs.error_text(b"a\0b\x1b[31m\xe2\x80\xae")),
    "broken UTF-8": stubs.refuses(stubs.error_text(b"\xff\xfe\x80")),
    "truncated": stubs.refuses(stubs.error_text(b"abc")[:50]),
    "size far beyond the data": stubs.refuses(stubs.error_text(b"abc", 2**255)),
    "one of ours, cut": stubs.refuses(stubs.NOT_OPEN[:20]),
    "20 kB": stubs.refuses(stubs.error_text(b"x" * 20_000)),
    "1 MB": stubs.refuses_at_length(stubs.error_text(b"", 1_000_000), 1_000_068),
}


@pytest.mark.parametrize("code", EVIL.values(), ids=EVIL.keys())
async def test_token_refuses_with_evil_bytes__rejected_and_others_go_on(world: World, code: str) -> None:
    evil = fresh_address()
    world.anvil.call("anvil_setCode", evil, code)
    attacker, other = await world.person(), await world.person()
    data = encode_call(ERC20, "transfer", [other.address, 1])
    intents = [
        await world.intend(attacker, "claim_prize", {}, [Call(evil, data)]),
        await world.intend(attacker, "claim_prize", {}, [Call(evil, data), Call(evil, data)]),
    ]
    honest = await world.transfer(other)
    async with world.sender():
        await world.reaches(honest, "confirmed")
        await world.settled()
    for intent in intents:
        found = await world.intent(intent)
        assert found.state == "rejected"
        assert found.error_message is not None
        assert found.error_message.startswith("The contract refused")
        assert found.error_message.isprintable()
        assert len(found.error_message) <= 500


@pytest.mark.parametrize("step", ["check", "signing"])
async def test_one_wallet_breaks_a_step__paused_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    unlucky, other = await world.person(), await world.person()
    broken = [True]
    module, name = (check, "_verdict") if step == "check" else (signing, "_sign_wallet")
    whole = getattr(module, name)

    async def fragile(context: Any, *rest: Any) -> Any:
        wallet_id = rest[0].id if step == "signing" else rest[1].wallet_id
        if broken[0] and wallet_id == unlucky.wallet_id:
            raise RuntimeError("nobody thought of this")
        return await whole(context, *rest)

    monkeypatch.setattr(module, name, fragile)
    first, second = await world.transfer(unlucky), await world.transfer(other)
    async with world.sender():
        await world.reaches(second, "confirmed")
        assert (await world.intent(first)).state == "created"
        broken[0] = False
        await world.reaches(first, "confirmed")
        await world.settled()
