"""CUSTODY.md's laws under faults. Each test ends with the oracle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from backend.intents.service import Call, Spending, create_intent
from backend.policies import service as policies
from backend.sender import broadcast, check, lease, process, signing, steps, store, track
from backend.sender.context import Context
from backend.sender.process import Sender
from backend.wallets.kms import FileKms, KmsError
from tests.backend import proxy as faults
from tests.backend import stubs
from tests.backend.oracle import all_terminal, assert_nothing_lost_or_doubled
from tests.backend.proxy import FaultProxy
from tests.backend.world import POL, Person, World, fresh_address, make_settings, open_world
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until_async
from tools.rpc import RpcError
from tools.run.postgres import DatabaseUris

SEND = "eth_sendRawTransaction"
RECEIPT = "eth_getTransactionReceipt"


@pytest.fixture
async def proxy(chain: Anvil) -> AsyncIterator[FaultProxy]:
    """A misbehaving provider in front of the shared chain."""
    async with FaultProxy(chain.url) as opened:
        yield opened


@pytest.fixture
async def faulty(
    proxy: FaultProxy, database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> AsyncIterator[World]:
    """A world whose only provider is the proxy."""
    async with open_world(make_settings(database.backend, [proxy.url], tmp_path), chain) as opened:
        yield opened


async def pay(world: World, count: int = 5) -> None:
    """One wallet with several transfers to make."""
    person = await world.person()
    for _ in range(count):
        await world.transfer(person, POL // 10)


@pytest.mark.parametrize(
    "fault",
    [
        faults.accept_then_drop,
        faults.accept_then_500,
        faults.swallow,
        faults.refuse("something nobody has ever seen"),
        faults.refuse("Internal error", -32603),
        faults.refuse("nonce too low"),
        faults.refuse("already known"),
    ],
    ids=["drop", "500", "swallow", "unknown", "internal", "nonce too low", "already known"],
)
async def test_send_goes_wrong__same_bytes_again(faulty: World, proxy: FaultProxy, fault: Any) -> None:
    await pay(faulty)
    proxy.faults[SEND] = faults.times(4, fault)
    async with faulty.sender():
        await faulty.settled(30)


async def test_send_hangs__same_bytes_again(faulty: World, proxy: FaultProxy) -> None:
    await pay(faulty, 2)
    proxy.faults[SEND] = faults.times(2, faults.after(12, faults.forwarded))
    async with faulty.sender():
        await faulty.settled(40)


async def test_receipts_empty_for_a_while__nothing_resigned(faulty: World, proxy: FaultProxy) -> None:
    await pay(faulty)
    proxy.faults[RECEIPT] = faults.times(60, faults.empty)
    async with faulty.sender():
        await faulty.settled(30)
    async with faulty.services.engine.connect() as db:
        assert await db.scalar(text("SELECT count(*) FROM app.attempt")) == 5
        assert await db.scalar(text("SELECT count(*) FROM app.wallet WHERE frozen_at IS NOT NULL")) == 0


async def test_rpc_down__goes_on_when_it_is_back(faulty: World, proxy: FaultProxy) -> None:
    async def down(_call: Any, _forward: Any) -> Any:
        raise faults.DroppedError

    methods = ["eth_getBlockByNumber", "eth_estimateGas", SEND, RECEIPT]
    proxy.faults = dict.fromkeys(methods, down)
    await pay(faulty)
    async with faulty.sender():
        await wait_until_async(lambda: _seen(proxy, 3), 10, what="the sender trying")
        proxy.faults = {}
        await faulty.settled(30)


async def _seen(proxy: FaultProxy, count: int) -> bool:
    return sum(proxy.seen.values()) >= count


async def test_reorg_before_finality__back_to_broadcast_and_confirmed(
    database: DatabaseUris, tmp_path: Path
) -> None:
    with Anvil(arguments=("--no-mining",)) as chain:
        async with open_world(make_settings(database.backend, [chain.url], tmp_path), chain) as world:
            chain.mine(5)
            intent = await world.transfer(await world.person())
            async with world.sender():
                await world.reaches(intent, "broadcast")
                chain.mine(1)
                await world.reaches(intent, "mined")
                chain.call("anvil_reorg", 1, [])
                await world.reaches(intent, "broadcast")

                async def pending() -> bool:
                    return int(chain.call("txpool_status")["pending"], 16) > 0

                await wait_until_async(pending, 5, what="the same bytes sent again")
                chain.mine(1)
                await world.reaches(intent, "mined")
                chain.mine(3)
                await world.settled()
            assert await world.stages(intent) == [
                *("created", "signed", "broadcast", "mined", "broadcast", "mined", "confirmed")
            ]


async def attempts(world: World) -> list[tuple[int, str]]:
    """(highest fee, purpose) of every attempt, oldest first."""
    async with world.services.engine.connect() as db:
        rows = await db.execute(text("SELECT max_fee, purpose FROM app.attempt ORDER BY created_at"))
        return [(int(row.max_fee), row.purpose) for row in rows]


async def test_blocks_pass_it_by__bumped_and_one_hash_wins(faulty: World, proxy: FaultProxy) -> None:
    intent = await faulty.transfer(await faulty.person())
    proxy.faults[SEND] = faults.swallow
    async with faulty.sender(bump_after_seconds=0.5):
        await faulty.reaches(intent, "broadcast")

        async def bumped() -> bool:
            return len(await attempts(faulty)) >= 3

        await wait_until_async(bumped, 10, what="two bumps")
        proxy.faults = {}
        await faulty.settled()
    fees = [fee for fee, _ in await attempts(faulty)]
    assert all(after * 8 >= before * 9 for before, after in pairwise(fees))


async def test_chain_stands_still__not_bumped(database: DatabaseUris, tmp_path: Path) -> None:
    with Anvil(arguments=("--no-mining",)) as chain:
        settings = make_settings(database.backend, [chain.url], tmp_path, bump_after_seconds=0.2)
        async with open_world(settings, chain) as world:
            chain.mine(5)
            intent = await world.transfer(await world.person())
            async with world.sender():
                await world.reaches(intent, "broadcast")
                await asyncio.sleep(2)
                assert len(await attempts(world)) == 1
                chain.mine(4)
                await world.settled()


async def test_near_full_transfer_waits__never_bumped_beyond_the_balance(
    faulty: World, proxy: FaultProxy
) -> None:
    fees = await Context(faulty.services).chain.fees()
    assert fees is not None
    person = await faulty.person(POL + 21_000 * fees.max_fee * 13 // 10)
    intent = await faulty.transfer(person, POL)
    proxy.faults[SEND] = faults.swallow
    async with faulty.sender(bump_after_seconds=0.3):
        await faulty.reaches(intent, "broadcast")
        await asyncio.sleep(3)
        made = await attempts(faulty)
        assert len(made) >= 2
        assert all(POL + 21_000 * fee <= POL + 21_000 * fees.max_fee * 13 // 10 for fee, _ in made)
        proxy.faults = {}
        await faulty.reaches(intent, "confirmed")
        await faulty.settled()


async def test_no_funds_for_the_bump__older_attempt_sent_and_nothing_bumped(
    faulty: World, proxy: FaultProxy
) -> None:
    intent = await faulty.transfer(await faulty.person())
    proxy.faults[SEND] = faults.swallow
    poor: list[str] = []

    async def too_dear(call: dict[str, Any], forward: Any) -> dict[str, Any]:
        if call["params"][0] in poor:
            return await faults.refuse("insufficient funds for gas * price + value")(call, forward)
        return await faults.forwarded(call, forward)

    async with faulty.sender(bump_after_seconds=0.5):

        async def bumped() -> bool:
            return len(await attempts(faulty)) >= 2

        await wait_until_async(bumped, 10, what="a bump")
        async with faulty.services.engine.connect() as db:
            raws = await db.scalars(text("SELECT raw FROM app.attempt ORDER BY created_at OFFSET 1"))
            poor += ["0x" + bytes(raw).hex() for raw in raws]
        proxy.faults[SEND] = too_dear
        before = len(await attempts(faulty))
        await faulty.reaches(intent, "confirmed")
        await faulty.settled()
    assert len(await attempts(faulty)) == before


async def test_mempool_flushed__stored_bytes_sent_again(database: DatabaseUris, tmp_path: Path) -> None:
    with Anvil(arguments=("--no-mining",)) as chain:
        async with open_world(make_settings(database.backend, [chain.url], tmp_path), chain) as world:
            chain.mine(5)
            person = await world.person()
            intents = [await world.transfer(person, POL // 1000) for _ in range(100)]
            async with world.sender():
                await wait_until_async(lambda: _pending(chain, 100), 60, what="a hundred in the mempool")
                await world.reaches(intents[-1], "broadcast", 60)
                chain.call("anvil_dropAllTransactions")
                await wait_until_async(lambda: _pending(chain, 100), 60, what="all sent again")
                chain.mine(4)
                await world.settled()


async def test_foreign_transaction_at_our_nonce__frozen_never_resent_and_what_is_mined_settled(
    database: DatabaseUris, tmp_path: Path
) -> None:
    with Anvil(arguments=("--no-mining",)) as chain:
        async with open_world(make_settings(database.backend, [chain.url], tmp_path), chain) as world:
            chain.mine(5)
            person = await world.person()
            intent, following = await world.transfer(person), await world.transfer(person)
            async with world.sender():
                await world.reaches(following, "broadcast")
                chain.call("anvil_dropAllTransactions")
                chain.call("anvil_impersonateAccount", person.address)
                foreign = {"from": person.address, "to": person.address, "value": "0x1", "nonce": "0x0"}
                chain.call("eth_sendTransaction", foreign)
                chain.mine(5)

                async def frozen() -> bool:
                    async with world.services.engine.connect() as db:
                        reason = await db.scalar(text("SELECT frozen_reason FROM app.wallet"))
                        return bool(reason) and reason.startswith("FOREIGN")

                await wait_until_async(frozen, 10, what="the wallet frozen")
                async with world.services.engine.connect() as db:
                    raw = await db.scalar(
                        text(
                            "SELECT a.raw FROM app.attempt a JOIN app.slot s ON s.id = a.slot_id WHERE nonce = 1"
                        )
                    )
                with suppress(RpcError):  # who has seen our bytes may send them, if the sender did not
                    chain.call("eth_sendRawTransaction", "0x" + bytes(raw).hex())
                chain.mine(4)
                await world.reaches(following, "confirmed")
                await world.settled()
            assert (await world.intent(intent)).state == "broadcast"


async def test_frozen_by_an_operator__nothing_sent_but_watched_to_its_end(
    database: DatabaseUris, tmp_path: Path
) -> None:
    """Law 7: the freeze does not take back what is in the mempool. What a node lost is sent again once it is lifted."""
    with Anvil(arguments=("--no-mining",)) as chain:
        async with (
            FaultProxy(chain.url) as proxy,
            open_world(make_settings(database.backend, [proxy.url], tmp_path), chain) as world,
        ):
            chain.mine(5)
            person = await world.person()
            mined, lost = await world.transfer(person), await world.transfer(person)
            async with world.sender():
                await world.reaches(lost, "broadcast")
                waiting = await frozen_with_another_intent(world, person)
                (lost_hash,) = await hashes_at(world, 1)
                chain.call("anvil_dropTransaction", lost_hash)
                sent = proxy.seen[SEND]
                chain.mine(4)
                await world.reaches(mined, "confirmed")
                looks = proxy.seen[RECEIPT] + 2
                await wait_until_async(lambda: _asked(proxy, RECEIPT, looks), 20, what="further looks")
                await world.settled()
                assert proxy.seen[SEND] == sent
                assert (await world.intent(lost)).state == "broadcast"
                assert (await world.intent(waiting)).state == "created"
                async with AsyncSession(world.services.engine) as db, db.begin():
                    await policies.unfreeze(db, person.wallet_id, "owner called", "support:1", is_admin=False)
                await world.reaches(waiting, "broadcast")
                await wait_until_async(lambda: _pending(chain, 2), 20, what="both in the mempool")
                chain.mine(4)
                await world.reaches(waiting, "confirmed")
                await world.settled()
            assert await hashes_at(world, 1) == [lost_hash]


async def frozen_with_another_intent(world: World, person: Person) -> UUID:
    """Freeze a wallet and add a transfer in one transaction: nobody signs it in between."""
    async with AsyncSession(world.services.engine) as db, db.begin():
        to = fresh_address()
        params = {"token": None, "to": to, "amount": str(POL)}
        spending = [Spending(None, POL)]
        intent = await create_intent(db, person, "transfer", params, [Call(to, b"", POL)], spending)
        await policies.freeze(db, person.wallet_id, "reported stolen", "support:1")
        return intent.id


async def hashes_at(world: World, nonce: int) -> list[str]:
    """Hashes of the attempts at a nonce of the only wallet."""
    async with world.services.engine.connect() as db:
        found = await db.scalars(
            text(
                "SELECT a.hash FROM app.attempt a JOIN app.slot s ON s.id = a.slot_id WHERE s.nonce = :nonce"
            ),
            {"nonce": nonce},
        )
        return ["0x" + bytes(one).hex() for one in found]


async def _asked(proxy: FaultProxy, method: str, times: int) -> bool:
    return proxy.seen[method] >= times


async def _pending(chain: Anvil, count: int) -> bool:
    return int(chain.call("txpool_status")["pending"], 16) == count


async def test_one_round_of_invalid__sent_again_not_voided(faulty: World, proxy: FaultProxy) -> None:
    intent = await faulty.transfer(await faulty.person(), POL // 10)
    proxy.faults[SEND] = faults.times(2, faults.refuse("intrinsic gas too low"))
    async with faulty.sender():
        await faulty.reaches(intent, "confirmed")
        await faulty.settled()
    assert [purpose for _, purpose in await attempts(faulty)] == ["call"]


async def test_one_provider_of_two_says_invalid__not_voided(
    proxy: FaultProxy, database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    proxy.faults[SEND] = faults.refuse("exceeds block gas limit")
    async with open_world(make_settings(database.backend, [proxy.url, chain.url], tmp_path), chain) as world:
        intent = await world.transfer(await world.person(), POL // 10)
        async with world.sender():
            await world.reaches(intent, "confirmed")
            await world.settled()
        assert [purpose for _, purpose in await attempts(world)] == ["call"]


async def test_invalid_for_every_provider_twice__replaced_by_a_noop_without_a_gap(
    faulty: World, proxy: FaultProxy
) -> None:
    person = await faulty.person()
    intent = await faulty.transfer(person, POL // 10)
    proxy.faults[SEND] = faults.times(4, faults.refuse("intrinsic gas too low"))
    async with faulty.sender():
        await faulty.passes(intent, "broadcast")
        following = await faulty.transfer(person, POL // 10)
        await faulty.reaches(following, "confirmed")
        await faulty.settled()
    found = await faulty.intent(intent)
    assert (found.state, found.error_code) == ("reverted", "never_valid")


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it, nothing cleans up after it."""


BOUNDARIES = [
    (check.store, "new_intents", "before"),
    (check.store, "new_intents", "after"),
    (signing.store, "reserve", "after"),
    (signing.store, "add_slots", "before"),
    (signing.store, "start", "after"),
    (broadcast, "_record", "before"),
    (broadcast.store, "mark_sent", "after"),
    (broadcast, "_record", "after"),
    (track, "_write", "before"),
    (track.store, "mark_mined", "after"),
    (track.store, "settle", "after"),
    (track, "_write", "after"),
    (steps, "repair", "before"),
]


@pytest.mark.parametrize(
    ("module", "name", "when"), BOUNDARIES, ids=lambda value: getattr(value, "__name__", value)
)
async def test_lane_dies_at_a_boundary__next_pass_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, when: str
) -> None:
    await pay(world, 3)
    original, left = getattr(module, name), [2]

    async def deadly(*arguments: Any) -> Any:
        if left[0] > 0 and when == "before":
            left[0] -= 1
            raise Killed
        result = await original(*arguments)
        if left[0] > 0:
            left[0] -= 1
            raise Killed
        return result

    monkeypatch.setattr(module, name, deadly)

    async def worked_off() -> bool:
        lane = await lease.claim(world.services.engine, uuid4(), 0.05, 50)
        if lane.wallets:
            await _pass(world, lane)
        return await all_terminal(world.services.engine)

    await wait_until_async(worked_off, 20, what="every intent terminal")
    assert left[0] < 2, "the boundary was not reached"
    await assert_nothing_lost_or_doubled(world.services.engine, world.anvil)


async def _pass(world: World, lane: lease.Lane) -> None:
    try:
        await steps.advance(Context(world.services), lane)
        await lease.release(world.services.engine, lane, 0.0)
    except (Killed, lease.LeaseLostError):
        return


async def test_stale_lane__cannot_write(world: World) -> None:
    """Law 10: SIGSTOP, another worker takes over, the first wakes up."""
    await pay(world, 1)
    stale = await lease.claim(world.services.engine, uuid4(), 0.0, 50)
    fresh = await lease.claim(world.services.engine, uuid4(), 5, 50)
    assert list(fresh.wallets) == list(stale.wallets)
    with pytest.raises(lease.LeaseLostError):
        async with lease.fenced(world.services.engine, stale):
            pass
    async with lease.fenced(world.services.engine, fresh) as db:
        assert await store.new_intents(db, fresh.ids, 10)


async def test_released__due_again_after_the_delay_while_there_is_work(world: World) -> None:
    await pay(world, 1)
    lane = await lease.claim(world.services.engine, uuid4(), 60, 50)
    await lease.release(world.services.engine, lane, 0.0)
    again = await lease.claim(world.services.engine, uuid4(), 60, 50)
    assert list(again.wallets) == list(lane.wallets)


async def test_provider_slower_than_the_lease__renewed_and_worked_off(
    faulty: World, proxy: FaultProxy
) -> None:
    """Without renewal each lane would lose its wallet to the next one, for ever."""
    await pay(faulty, 2)
    proxy.faults["eth_estimateGas"] = faults.after(1.0, faults.forwarded)
    with capture_logs() as lines:
        async with faulty.sender(sender_lease_seconds=0.5):
            await faulty.settled(20)
    assert "lease_lost" not in [line["event"] for line in lines]


async def test_too_busy_to_renew_its_lease__takes_no_wallet_from_itself(
    faulty: World, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A starved process: its lanes outlast the lease, and the next lane would start the same work anew, for ever."""
    monkeypatch.setattr(process, "kept", lambda *_: nullcontext())
    await pay(faulty, 2)
    proxy.faults["eth_estimateGas"] = faults.after(1.0, faults.forwarded)
    with capture_logs() as lines:
        async with faulty.sender(sender_lease_seconds=0.2):
            await faulty.settled(60)
    assert "lease_lost" not in [line["event"] for line in lines]


async def test_fifty_workers_one_wallet__nothing_doubled(database: DatabaseUris, tmp_path: Path) -> None:
    """On a chain of its own: anvil writes every later block's state to disk, a thousand recipients with it."""
    with Anvil(block_time=0.1) as chain:
        async with open_world(make_settings(database.backend, [chain.url], tmp_path), chain) as world:
            person = await world.person()
            await asyncio.gather(*(world.transfer(person, POL // 10_000) for _ in range(1_000)))
            stop = asyncio.Event()
            tasks = [asyncio.create_task(Sender(Context(world.services)).run(stop)) for _ in range(50)]
            try:
                await world.settled(120)
            finally:
                stop.set()
                await asyncio.gather(*tasks)


async def test_postgres_connections_cut__sender_goes_on(world: World, database: DatabaseUris) -> None:
    admin = await asyncpg.connect(database.superuser)
    await pay(world, 10)
    async with world.sender():
        for _ in range(5):
            await asyncio.sleep(0.15)
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await admin.close()
        await wait_until_async(world.database_answers, 30, what="the pool to have living connections")
        await world.settled(30)


async def test_gas_drained_then_topped_up__slot_kept(faulty: World, proxy: FaultProxy) -> None:
    person = await faulty.person()
    intent = await faulty.transfer(person, POL // 10)
    proxy.faults[SEND] = faults.times(2, faults.refuse("insufficient funds for gas * price + value"))
    async with faulty.sender():
        await faulty.reaches(intent, "confirmed", 30)
        await faulty.settled(30)


async def test_mined_but_reverted__final_with_the_contracts_reason(
    database: DatabaseUris, tmp_path: Path
) -> None:
    with Anvil(arguments=("--no-mining",)) as chain:
        async with open_world(make_settings(database.backend, [chain.url], tmp_path), chain) as world:
            chain.mine(5)
            person = await world.person()
            call = Call(stubs.TOKEN, b"\1\2\3\4")
            intent = await world.intend(person, "claim_prize", {}, [call], [Spending(None, 7)])
            async with world.sender():
                await world.reaches(intent, "broadcast")
                chain.call("anvil_setCode", stubs.TOKEN, stubs.refuses(stubs.NOT_OPEN))
                chain.mine(4)
                found = await world.reaches(intent, "reverted")
                await world.settled()
            assert found.error_code == "RaffleNotOpen"
            assert (await world.stages(intent))[-2:] == ["mined", "reverted"]


async def test_providers_disagree__waits_until_both_have_the_receipt(
    proxy: FaultProxy, database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    settings = make_settings(database.backend, [chain.url, proxy.url], tmp_path)
    async with open_world(settings, chain) as world:
        proxy.faults[RECEIPT] = faults.empty
        intent = await world.transfer(await world.person())
        async with world.sender():
            await world.reaches(intent, "broadcast")

            async def asked_often() -> bool:
                return proxy.seen[RECEIPT] >= 20

            await wait_until_async(asked_often, 20, what="twenty looks at the receipts")
            assert (await world.intent(intent)).state == "broadcast"
            proxy.faults = {}
            await world.settled()


async def test_key_service_fails__paused_then_signed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [2]
    opened = FileKms.open

    async def throttled(self: FileKms, sealed: bytes, context: Any) -> bytes:
        if left[0] > 0:
            left[0] -= 1
            raise KmsError("throttled")
        return await opened(self, sealed, context)

    monkeypatch.setattr(FileKms, "open", throttled)
    await pay(world, 3)
    async with world.sender():
        await world.settled(20)
    assert left == [0]
