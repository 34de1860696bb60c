"""What a wallet may do: limits, recipients, freezes. Fault test 38."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import AppError
from backend.intents.policy import WalletFrozen
from backend.intents.service import Call, Spending, create_intent
from backend.policies.limits import LimitExceeded
from backend.policies.recipients import RecipientIsNew, RecipientNotListed
from backend.policies.service import (
    SENDER,
    NotFrozen,
    SenderFroze,
    UserFrozen,
    freeze,
    freeze_user,
    require_allowed,
    unfreeze,
    unfreeze_user,
)
from tests.backend import stubs
from tests.backend.world import POL, Person, World, fresh_address
from tests.support.waiting import wait_until_async

NO_WAIT = timedelta(0)


async def sql(world: World, statement: str, **values: Any) -> Any:
    async with world.services.engine.begin() as db:
        return await db.execute(text(statement), values)


async def limit(
    world: World,
    person: Person | None,
    set_by: str,
    per_transaction: int | None = None,
    daily: int | None = None,
    token: str | None = None,
) -> None:
    await sql(
        world,
        "INSERT INTO app.policy_limit (user_id, set_by, token, per_transaction, daily, valid_from)"
        " VALUES (:user, :by, :token, :one, :daily, clock_timestamp())",
        user=person.id if person else None,
        by=set_by,
        token=bytes.fromhex(token[2:]) if token else None,
        one=per_transaction,
        daily=daily,
    )


async def pay(
    world: World,
    person: Person,
    amount: int,
    to: str | None = None,
    token: str | None = None,
    cooling_off: timedelta = NO_WAIT,
) -> None:
    """Accept a payment as the route does, refusals included."""
    to = to or fresh_address()
    async with AsyncSession(world.services.engine) as db:
        spendings = [Spending(token, amount)]
        try:
            await require_allowed(db, person, spendings, [to], cooling_off=cooling_off)
        except AppError as error:
            if error.keep_changes:
                await db.commit()
            raise
        await create_intent(db, person, "transfer", {}, [Call(to, b"", amount)], spendings)
        await db.commit()


async def test_per_transaction_limit__refused_with_the_limit_and_what_is_left(world: World) -> None:
    person = await world.person()
    await limit(world, None, "platform", per_transaction=5)
    await pay(world, person, 5)
    with pytest.raises(LimitExceeded) as refused:
        await pay(world, person, 6)
    assert refused.value.extra | {"available_at": None} == {
        "limit": "per_transaction",
        "set_by": "platform",
        "token": None,
        "symbol": None,
        "decimals": None,
        "allowed": "5",
        "left": "5",
        "needed": "6",
        "available_at": None,
    }


async def test_daily_limit__slides_with_the_holds_and_says_when(world: World) -> None:
    person = await world.person()
    await limit(world, None, "platform", daily=10)
    await pay(world, person, 4)
    await pay(world, person, 5)
    await sql(world, "UPDATE app.hold SET created_at = created_at - interval '23 hours' WHERE amount = 4")
    with pytest.raises(LimitExceeded) as refused:
        await pay(world, person, 2)
    assert (refused.value.extra["left"], refused.value.extra["limit"]) == ("1", "daily")
    first = (await sql(world, "SELECT min(created_at) + interval '24 hours' FROM app.hold")).scalar_one()
    assert refused.value.extra["available_at"] == first.isoformat()
    await sql(world, "UPDATE app.hold SET created_at = created_at - interval '61 minutes' WHERE amount = 4")
    await pay(world, person, 5)
    with pytest.raises(LimitExceeded) as refused:
        await pay(world, person, 11)
    assert refused.value.extra["available_at"] is None  # waiting does not help


async def test_daily_limit__released_holds_do_not_count(world: World) -> None:
    person = await world.person()
    await limit(world, None, "platform", daily=10)
    await pay(world, person, 10)
    with pytest.raises(LimitExceeded):
        await pay(world, person, 1)
    await sql(world, "UPDATE app.hold SET outcome = 'released', settled_at = now()")
    await pay(world, person, 10)


async def test_limits__per_currency_admin_replaces_platform_owner_comes_on_top(world: World) -> None:
    person, other = await world.person(), await world.person()
    await limit(world, None, "platform", per_transaction=5)
    await limit(world, person, "admin", per_transaction=50)
    await pay(world, person, 50)
    await pay(world, person, 500, token=stubs.TOKEN)  # another currency
    with pytest.raises(LimitExceeded, match="the platform's"):
        await pay(world, other, 6)
    await limit(world, person, "owner", per_transaction=20)
    with pytest.raises(LimitExceeded, match="your own limit for one transaction, 20, leaves: 20"):
        await pay(world, person, 21)
    await limit(world, person, "owner")  # taken back
    with pytest.raises(LimitExceeded, match="your account's"):
        await pay(world, person, 51)


async def test_limit_of_tomorrow__does_not_count_yet(world: World) -> None:
    person = await world.person()
    await limit(world, person, "owner", per_transaction=5)
    await sql(
        world,
        "INSERT INTO app.policy_limit (user_id, set_by, per_transaction, valid_from)"
        " VALUES (:user, 'owner', 500, now() + interval '1 hour')",
        user=person.id,
    )
    with pytest.raises(LimitExceeded):
        await pay(world, person, 6)


async def test_daily_limit__100_requests_at_once__never_more_is_accepted(world: World) -> None:
    """Fault test 38."""
    person = await world.person()
    await limit(world, None, "platform", daily=25 * POL)
    answers = await asyncio.gather(*(pay(world, person, POL) for _ in range(100)), return_exceptions=True)
    refused = [answer for answer in answers if answer is not None]
    assert {type(answer) for answer in refused} == {LimitExceeded}
    assert len(refused) == 75
    held = (await sql(world, "SELECT sum(amount) FROM app.hold")).scalar_one()
    assert held == 25 * POL


async def test_new_address__waits_then_may_receive(world: World) -> None:
    person, friend = await world.person(), fresh_address()
    hour = timedelta(hours=1)
    for _ in range(2):  # asking again does not start the wait again
        with pytest.raises(RecipientIsNew) as refused:
            await pay(world, person, 1, friend, cooling_off=hour)
    starts = (await sql(world, "SELECT usable_from FROM app.policy_address")).scalar_one()
    assert refused.value.extra["available_at"] == starts.isoformat()
    (told,) = (await sql(world, "SELECT data FROM app.mail")).scalars()  # once
    assert (told["what"], told["address"]) == ("policy.new_recipient", friend)
    await sql(
        world,
        "UPDATE app.policy_address SET first_seen_at = first_seen_at - interval '1 hour',"
        " usable_from = usable_from - interval '1 hour'",
    )
    await pay(world, person, 1, friend, cooling_off=hour)
    await pay(world, person, 1, person.address, cooling_off=hour)  # one's own address is not new
    with pytest.raises(RecipientIsNew):
        await pay(world, await world.person(), 1, friend, cooling_off=hour)  # each user's own knowledge


async def test_many_new_addresses__one_mail_tells_of_all(world: World) -> None:
    person = await world.person()
    friends = [fresh_address() for _ in range(3)]
    async with AsyncSession(world.services.engine) as db:
        with pytest.raises(RecipientIsNew):
            await require_allowed(db, person, [], friends, cooling_off=timedelta(hours=1))
        await db.commit()
    (told,) = (await sql(world, "SELECT data FROM app.mail")).scalars()
    assert (told["what"], told["count"]) == ("policy.new_recipients", "3")
    assert told["address"] in friends


async def test_allow_list__only_listed_addresses_whose_time_has_come(world: World) -> None:
    person, friend = await world.person(), fresh_address()
    await pay(world, person, 1, friend)
    await sql(world, "INSERT INTO app.policy_mode VALUES (:user, true, clock_timestamp())", user=person.id)
    with pytest.raises(RecipientNotListed):
        await pay(world, person, 1, friend)
    await sql(
        world,
        "INSERT INTO app.policy_address VALUES"
        " (:user, :friend, 'a friend', now(), now(), now(), now() + interval '1 hour')",
        user=person.id,
        friend=bytes.fromhex(friend[2:]),
    )
    with pytest.raises(RecipientIsNew):
        await pay(world, person, 1, friend)
    await sql(world, "UPDATE app.policy_address SET listed_from = listed_at")
    await pay(world, person, 1, friend)


async def test_frozen_wallet__nothing_accepted_nothing_signed_until_lifted(world: World) -> None:
    person, other = await world.person(), await world.person()
    waiting = await world.transfer(person)
    async with AsyncSession(world.services.engine) as db, db.begin():
        await freeze(db, person.wallet_id, "reported stolen", "support:1")
    with pytest.raises(WalletFrozen):
        await pay(world, person, 1)
    passed = await world.transfer(other)
    async with world.sender():
        await world.reaches(passed, "confirmed")
        assert await world.stages(waiting) == ["created"]
        async with AsyncSession(world.services.engine) as db, db.begin():
            await unfreeze(db, person.wallet_id, "owner called", "support:1", is_admin=False)
        await world.settled()
    assert (await world.intent(waiting)).state == "confirmed"
    row = (await sql(world, "SELECT reason, actor, lifted_by, lifted_reason FROM app.freeze")).one()
    assert row == ("reported stolen", "support:1", "support:1", "owner called")


async def test_frozen_between_check_and_signing__no_nonce_is_spent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await world.person()
    intent = await world.transfer(person)
    opened = world.services.kms.open
    asked: list[str] = []

    async def freeze_then_open(sealed: bytes, context: Any) -> bytes:
        if not asked:
            asked.append("")
            async with AsyncSession(world.services.engine) as db, db.begin():
                await freeze(db, person.wallet_id, "just in time", "support:1")
        return await opened(sealed, context)

    async def asked_for_the_key() -> bool:
        return bool(asked)

    monkeypatch.setattr(world.services.kms, "open", freeze_then_open)
    other = await world.person()
    async with world.sender():
        await wait_until_async(asked_for_the_key, 10, what="the sender opening the key")
        await world.reaches(await world.transfer(other), "confirmed")
    assert await world.stages(intent) == ["created"]
    assert (
        await sql(world, "SELECT count(*) FROM app.slot WHERE wallet_id = :id", id=person.wallet_id)
    ).scalar_one() == 0


async def test_frozen_user__wallet_frozen_too_and_free_when_both_are_lifted(world: World) -> None:
    person = await world.person()
    async with AsyncSession(world.services.engine) as db, db.begin():
        await freeze(db, person.wallet_id, "one", "admin:1")
        await freeze_user(db, person.id, "two", "admin:1")
        await unfreeze(db, person.wallet_id, "fine", "admin:1", is_admin=True)
    with pytest.raises(UserFrozen):
        await pay(world, person, 1)
    with pytest.raises(IntegrityError, match="not lifted"):
        await sql(world, "UPDATE app.wallet SET frozen_at = NULL")
    async with AsyncSession(world.services.engine) as db, db.begin():
        await unfreeze_user(db, person.id, "fine", "admin:1")
    await pay(world, person, 1)
    async with AsyncSession(world.services.engine) as db:
        with pytest.raises(NotFrozen):
            await unfreeze_user(db, person.id, "again", "admin:1")


async def test_frozen_by_the_sender__only_an_admin_lifts_it(world: World) -> None:
    person = await world.person()
    async with AsyncSession(world.services.engine) as db, db.begin():
        await freeze(db, person.wallet_id, "FOREIGN: nonce 1", SENDER)
        with pytest.raises(SenderFroze):
            await unfreeze(db, person.wallet_id, "fine", "support:1", is_admin=False)
        await unfreeze(db, person.wallet_id, "fine", "admin:1", is_admin=True)
    await pay(world, person, 1)
