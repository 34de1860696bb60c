"""The sender without faults: every kind of end an intent can have."""

from __future__ import annotations

from backend.contracts import ERC20
from backend.intents.service import Call
from listener.chain.encode import encode_call
from tests.backend import stubs
from tests.backend.world import POL, World


async def test_transfer__confirmed_with_every_stage(world: World) -> None:
    person = await world.person()
    intent = await world.transfer(person)
    async with world.sender():
        await world.settled()
    assert (await world.intent(intent)).state == "confirmed"
    assert await world.stages(intent) == ["created", "signed", "broadcast", "mined", "confirmed"]


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
