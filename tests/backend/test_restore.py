"""A database is destroyed and restored to a chosen second: its rows, books, keys and mirror, and no money sent twice."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backend.audit.chain import chain as chain_audit
from backend.audit.verify import verify
from backend.hexes import to_hex
from backend.ledger.comparison import compare_database
from backend.migrate import migrate
from backend.recovery.command import recover
from backend.recovery.service import NotYetError, Report
from backend.services import Services
from tests.backend import proxy as faults
from tests.backend.backup_kit import Cluster, backend, certificate, lost_and_found, said
from tests.backend.ledger.books import Books
from tests.backend.proxy import FaultProxy
from tests.backend.reads.real_chain import RealChain
from tests.backend.signing import signed
from tests.backend.world import POL, Person, World, fresh_address, make_settings, open_world
from tests.support.anvil import Anvil
from tests.support.processes import Process
from tests.support.waiting import wait_until, wait_until_async

SEND = "eth_sendRawTransaction"


@pytest.fixture
def real() -> Iterator[RealChain]:
    """Real contracts on a chain with a block every 0.1 s."""
    with Anvil(block_time=0.1) as anvil:
        yield RealChain(anvil)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A database server to lose."""
    with lost_and_found() as made:
        migrate(made.uris.backend)
        yield made


@pytest.fixture
async def proxy(real: RealChain) -> AsyncIterator[FaultProxy]:
    """The sender's way to the chain."""
    async with FaultProxy(real.anvil.url) as opened:
        yield opened


async def scalar(world: World, query: str, **values: Any) -> Any:
    async with world.services.engine.connect() as db:
        return await db.scalar(text(query), values)


def balance(world: World, address: str) -> int:
    return int(world.anvil.call("eth_getBalance", address, "latest"), 16)


def listener(command: str, registry: Path, world: World, database: str, *more: str) -> str:
    arguments = ["--registry", str(registry), "--rpc-url", world.anvil.url, "--database-url", database, *more]
    with Process([sys.executable, "-m", "listener", command, *arguments]) as process:
        assert process.wait() == 0, process.text
        return process.text


def next_second(cluster: Cluster) -> datetime:
    """A whole second that nothing is committed in, and that has passed."""
    at = cluster.tick(1).replace(microsecond=0) + timedelta(seconds=1)
    wait_until(lambda: datetime.now(UTC) > at, what="the next second")
    return at


async def world_of_books(world: World, cluster: Cluster) -> None:
    """Movements of credits, and events in the audit log, some chained."""
    books = Books(world.services.engine, cluster.uris.backend)
    payer, payee = await books.account(100), await books.account()
    await books.transfer(payer, payee, 30)
    await chain_audit(world.services.engine)
    await books.transfer(payee, payer, 5)


async def nobody_is_due(world: World, people: Sequence[Person]) -> bool:
    query = "SELECT count(*) FROM app.wallet WHERE id = ANY (:ids) AND (due_at IS NOT NULL OR lease_owner IS NOT NULL)"
    return bool(await scalar(world, query, ids=[person.wallet_id for person in people]) == 0)


async def recovered(world: World) -> Report:
    """Compare with the chain, as soon as a block is final that is younger than the restore."""
    while True:
        try:
            return await recover(world.services, accept=False)
        except NotYetError:
            world.mine(1)


async def books_and_audit(services: Services) -> None:
    """Ledger sums are balanced and the audit log is what was chained."""
    await chain_audit(services.engine)
    assert await compare_database(services.engine) == []
    verdict = await verify(services.engine)
    assert (verdict.faults, verdict.head[0] > 0) == ([], True)


async def test_restore_to_a_second__rows_books_keys_mirror_and_nothing_is_sent_twice(
    cluster: Cluster, real: RealChain, proxy: FaultProxy, tmp_path: Path
) -> None:
    mine, my_key = certificate(tmp_path, "operator")
    _, strange_key = certificate(tmp_path, "stranger")
    settings = make_settings(cluster.uris.backend, [proxy.url], tmp_path, registry=real.registry())
    picture = settings.files_dir / "pictures" / "one.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"a picture")
    metrics = tmp_path / "backup.prom"
    env = cluster.environment(
        BACKUP_CERTIFICATE=mine,
        BACKUP_METRICS_FILE=metrics,
        KMS_FILE=settings.kms_file,
        FILES_DIR=settings.files_dir,
    )
    before_all = cluster.tick(1)
    async with open_world(settings, real.anvil) as world:
        ada, bob, dora, eve = people = [await world.person() for _ in range(4)]
        with backend(env, "backup", "--follow") as follower:
            follower.wait_for_output("backup_made")
            assert (
                f"tombola_backup_timestamp_seconds {datetime.now(UTC).timestamp():.0f}"[:-2]
                in metrics.read_text()
            )

            # Until the chosen second. Of `dora` a transaction is signed that no node has.
            async with world.sender():
                await world.reaches(await world.transfer(ada), "confirmed")
                proxy.faults[SEND] = faults.swallow
                to_dora = fresh_address()
                bumped = await world.transfer(dora, to=to_dora)
                await world.passes(bumped, "broadcast")
            await world_of_books(world, cluster)
            real.mirror(tmp_path, cluster.uris.listener)
            to_ada, unwanted, to_eve = fresh_address(), fresh_address(), fresh_address()
            sent = await world.transfer(ada, to=to_ada)
            cancelled = await world.transfer(eve, to=unwanted)
            sent_too = await world.transfer(eve, to=to_eve)
            cluster.tick()
            at = next_second(cluster)
            cluster.next_segment()

            # What will be forgotten: these are sent, one is cancelled, bob asks for one more, dora's is bumped.
            cluster.tick()
            await world.cancel(eve, cancelled)
            better = await signed(world, dora, 0, to_dora)
            proxy.faults = {}
            real.anvil.call(SEND, to_hex(better))
            wait_until(lambda: balance(world, to_dora) == POL, what="the better offer mined")
            to_bob = fresh_address()
            forgotten = await world.transfer(bob, to=to_bob)
            async with world.sender():
                for intent in (sent, sent_too, forgotten):
                    await world.reaches(intent, "confirmed")
            cluster.next_segment()
            last = cluster.tick()
            wait_until(cluster.streamed, what="the log on the backup's disk")
    cluster.destroy()
    settings.kms_file.rename(tmp_path / "lost.key")
    picture.unlink()

    # What cannot be done is said, and leaves nothing behind.
    target = cluster.folder / "again"

    def refused(moment: datetime, *more: str | Path) -> str:
        words = said(env, "restore", "--at", moment.isoformat(), "--to", target, *more, code=2)
        assert not target.exists()
        return words

    assert "The first backup was whole at" in refused(before_all)
    assert "in the future" in refused(datetime.now(UTC) + timedelta(hours=1))
    assert f"The last change in the backup's log was at {last:%Y-%m-%d %H:%M}" in refused(datetime.now(UTC))
    assert "is another key" in refused(at, "--key", strange_key, "--keys-to", tmp_path / "keys")
    *_, holds_it, _ = sorted((cluster.backups / "wal" / "00000001").glob("0*[0-9A-F]"))
    hidden = holds_it.rename(holds_it.with_name("hidden"))
    assert f"lacks segment {holds_it.name}" in refused(at)
    hidden.rename(holds_it)

    # The database as it was at that second, the keys, the files.
    words = said(
        *(env, "restore", "--at", at.isoformat(), "--to", target, "--files-to", settings.files_dir),
        *("--key", my_key, "--keys-to", tmp_path / "keys"),
    )
    assert "4 wallets are frozen" in words
    assert picture.read_bytes() == b"a picture"
    (tmp_path / "keys" / "kms_file").rename(settings.kms_file)
    uris = cluster.start(target)
    settings = settings.model_copy(update={"database_url": uris.backend})
    async with open_world(settings, real.anvil) as world:
        world.people = people
        ticks = cluster.ticks()
        assert len(ticks) == 5
        assert max(ticks) <= at
        await books_and_audit(world.services)

        # Nothing moves before the chain was asked. Without that eve's payment would get the next nonce, and go out again.
        async with world.sender():
            await wait_until_async(
                lambda: nobody_is_due(world, (ada, eve)), 30, what="every wallet looked at"
            )
        assert (await world.intent(sent)).state == (await world.intent(sent_too)).state == "created"
        report = await recovered(world)
        assert list(report.kept) == [bob.address], report
        assert (report.released, report.adopted) == (3, 3)
        assert [to_bob in one for one in report.forgotten[bob.address]] == [True]
        env |= {
            "DATABASE_URL": uris.backend,
            "RPC_URLS": real.anvil.url,
            "REGISTRY": str(settings.registry),
        }
        assert "stays frozen: 1 transactions of no known intent" in said(env, "recover", code=1)
        assert "1 wallets go on, 0 stay frozen" in said(env, "recover", "--accept-forgotten")
        async with world.sender():
            await world.reaches(await world.transfer(ada), "confirmed")
            await world.settled()
        for address in (to_ada, to_eve, to_bob, to_dora):
            assert balance(world, address) == POL
        states = [(await world.intent(one)).state for one in (sent, sent_too, bumped, cancelled)]
        assert states == ["confirmed"] * 4
        await books_and_audit(world.services)
        words = said(env, "recover", "--freeze", at.isoformat())  # as after a restore that was not ours
        assert "4 wallets were frozen." in words
        assert "4 wallets go on, 0 stay frozen. 0 transactions" in words

        # The mirror goes on from where it was, is equal to the chain, and can be made again from nothing.
        real.mirror(tmp_path, uris.listener)
        for made_anew in (False, True):
            if made_anew:
                listener("rebuild", settings.registry, world, uris.listener, "--yes")
            assert "0 differences" in listener("check", settings.registry, world, uris.listener)
