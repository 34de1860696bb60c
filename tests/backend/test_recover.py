"""After a restore: each way in which the chain and a forgetful database can disagree, and who goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import to_hex
from backend.intents.service import Call
from backend.policies import service as policies
from backend.recovery.command import NOT_COMPARED, SOME_KEPT, recover, run
from backend.recovery.freezing import freeze_everything
from backend.recovery.service import NotYetError, Report
from backend.settings import Settings
from tests.backend import proxy as faults
from tests.backend.proxy import FaultProxy
from tests.backend.signing import signed
from tests.backend.world import POL, Person, World, fresh_address, make_settings
from tests.support.anvil import Anvil
from tools.run.postgres import DatabaseUris

SEND, COUNT, BLOCK = "eth_sendRawTransaction", "eth_getTransactionCount", "eth_getBlockByNumber"


@pytest.fixture
def chain() -> Iterator[Anvil]:
    """One of its own: it is stopped, and nothing makes it go on by itself as quickly as before."""
    with Anvil(block_time=0.1) as anvil:
        yield anvil


@pytest.fixture
async def ways(chain: Anvil) -> AsyncIterator[tuple[FaultProxy, FaultProxy]]:
    """Two providers, which must agree."""
    async with FaultProxy(chain.url) as one, FaultProxy(chain.url) as other:
        yield one, other


@pytest.fixture
def settings(database: DatabaseUris, ways: tuple[FaultProxy, FaultProxy], tmp_path: Path) -> Settings:
    """Settings that name them."""
    return make_settings(database.backend, [way.url for way in ways], tmp_path)


class After:
    """A database that was just restored: every wallet is frozen, and no block moves by itself."""

    def __init__(self, world: World, database: DatabaseUris) -> None:
        self.world, self._database = world, database
        world.anvil.call("evm_setIntervalMining", 0)

    def freeze(self) -> None:
        with psycopg.connect(self._database.backend) as db:
            freeze_everything(db, datetime.now(UTC))

    def a_final_block(self) -> None:
        """One that is younger than all that has happened: times of blocks are whole seconds."""
        self.world.anvil.call("evm_increaseTime", 2)
        self.world.mine()

    async def report(self, *, accept: bool = False) -> Report:
        return await recover(self.world.services, accept=accept)

    async def goes_on(self, person: Person) -> bool:
        async with self.world.services.engine.connect() as db:
            query = text("SELECT frozen_at IS NULL FROM app.wallet WHERE id = :id")
            return bool(await db.scalar(query, {"id": person.wallet_id}))

    async def sends(self, person: Person, nonce: int, **call: Any) -> None:
        """The wallet sends what our books do not know."""
        raw = await signed(self.world, person, nonce, **{"to": fresh_address(), **call})
        self.world.anvil.call(SEND, to_hex(raw))


async def test_recover__who_goes_on_and_who_waits(
    world: World,
    settings: Settings,
    database: DatabaseUris,
    ways: tuple[FaultProxy, FaultProxy],
    capsys: pytest.CaptureFixture[str],
) -> None:
    quiet, held, strange, group, signer = people = [await world.person() for _ in range(5)]
    # Before: `held` is frozen by somebody, a transaction of `signer` is signed that no node has, `group` wants two calls.
    async with AsyncSession(world.services.engine) as db, db.begin():
        await policies.freeze(db, held.wallet_id, "looked at", "admin")
    for way in ways:
        way.faults[SEND] = faults.swallow
    signed_one = await world.transfer(signer)
    async with world.sender():
        await world.passes(signed_one, "broadcast")
    for way in ways:
        way.faults = {}
    first, second = fresh_address(), fresh_address()
    both = await world.intend(group, "transfer", {}, [Call(first, b"", POL), Call(second, b"", POL)])
    after = After(world, database)
    after.freeze()

    # The final block has to be younger than the restore, and told: else nothing is decided.
    with pytest.raises(NotYetError, match="before the restore"):
        await after.report()
    assert await run(settings, accept=False, patience=0.0) == NOT_COMPARED
    assert "Try again in a few minutes." in capsys.readouterr().out
    after.a_final_block()

    # Of two providers one says nothing of how much was sent, or more than the other.
    ways[0].faults[COUNT] = faults.refuse("not now")
    report = await after.report()
    assert report.kept == {one.address: "too few providers tell how much it has sent" for one in people}
    ways[0].faults[COUNT] = faults.answer("0x1")
    assert len((await after.report()).kept) == len(people)
    ways[0].faults = {}
    assert not any([await after.goes_on(one) for one in people])

    # What is in a block that is not final, or in none, keeps its wallet; `quiet` and `held` are done with.
    await after.sends(strange, 0)
    await after.sends(group, 0, to=first)
    await after.sends(signer, 0)
    report = await after.report()
    assert (report.released, report.adopted, report.forgotten) == (2, 0, {})
    for one in (strange, group, signer):
        assert report.kept[one.address] == "1 of its transactions are not final yet: run it again"
    assert (await after.goes_on(quiet), await after.goes_on(held)) == (True, False)

    # Final, and none of it is what was asked for: nobody goes on by himself, and a provider is not believed.
    after.a_final_block()
    ways[0].faults[BLOCK] = ways[1].faults[BLOCK] = _with_other_values
    with pytest.raises(NotYetError, match=r"a provider tells 0x[0-9a-f]{64} wrongly"):
        await after.report()
    ways[0].faults = ways[1].faults = {}
    report = await after.report()
    assert report.kept.keys() == {one.address for one in (strange, group, signer)}
    assert report.kept[strange.address] == report.kept[group.address] == "1 transactions of no known intent"
    assert "is not what was signed with that nonce: look at it by hand" in report.kept[signer.address]
    assert (await world.intent(both)).state == "created"

    # An operator has looked: what was sent counts as sent, and the rest of a group is not sent.
    assert await run(settings, accept=True, patience=0.0) == SOME_KEPT
    told = capsys.readouterr().out
    assert "2 wallets go on, 1 stay frozen. 0 transactions were found" in told
    assert f"{signer.address} stays frozen" in told
    assert [await after.goes_on(one) for one in (strange, group, signer)] == [True, True, False]
    rest = await world.intent(both)
    assert (rest.state, rest.error_code) == ("rejected", "sent_in_part")


async def _with_other_values(_call: dict[str, Any], forward: Any) -> dict[str, Any]:
    """Each transaction of a block pays another sum than the one that was signed."""
    answer: dict[str, Any] = await forward()
    for one in (answer["result"] or {}).get("transactions", []):
        if isinstance(one, dict):
            one["value"] = "0x7"
    return answer
