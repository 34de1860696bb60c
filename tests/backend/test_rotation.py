"""Rotation of the master key under traffic, killed in the middle, with rows that do not open. Fault test 36."""

from __future__ import annotations

import base64
import signal
import sys
from typing import Any

import pytest
from eth_account import Account
from sqlalchemy import text

from backend.hexes import checksum
from backend.rotation import service
from backend.rotation.columns import COLUMNS
from backend.rotation.service import rotate
from backend.wallets.keys import key_context
from backend.wallets.kms import FileKms, KmsError, KmsUnavailable
from backend.wallets.kms.envelope import unpack
from backend.wallets.kms.file import add_master_key, read_master_keys
from tests.backend.world import POL, Person, World
from tests.support.processes import Process
from tests.support.waiting import wait_until_async


async def sql(world: World, statement: str, **values: Any) -> Any:
    async with world.services.engine.begin() as db:
        return await db.execute(text(statement), values)


async def masters(world: World) -> list[str]:
    """Under which master key each wallet's key is."""
    rows = (await sql(world, "SELECT sealed FROM app.wallet_key ORDER BY wallet_id")).scalars()
    return [unpack(sealed)[0].master for sealed in rows]


def environment(world: World) -> dict[str, str]:
    settings = world.services.settings
    return {
        "DATABASE_URL": settings.database_url,
        "RPC_URLS": ",".join(settings.rpc_urls),
        "REGISTRY": str(settings.registry),
        "KMS_FILE": str(settings.kms_file),
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "backend", "rotate-keys", *arguments]


async def test_columns__every_sealed_column_of_the_schema_is_listed(world: World) -> None:
    found = await sql(
        world,
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'app' AND column_name LIKE 'sealed%'",
    )
    assert {tuple(row) for row in found} == {(one.table, one.column) for one in COLUMNS}


async def test_row_copied_to_another_wallet_user_or_version__does_not_open(world: World) -> None:
    ada, eve = await world.person(), await world.person()
    kms = world.services.kms
    sealed = (
        await sql(world, "SELECT sealed FROM app.wallet_key WHERE wallet_id = :id", id=ada.wallet_id)
    ).scalar_one()
    key = await kms.open(sealed, key_context(ada.wallet_id, ada.id, "user", 1))
    assert Account.from_key(key).address == ada.address
    for wrong in (
        key_context(eve.wallet_id, ada.id, "user", 1),
        key_context(ada.wallet_id, eve.id, "user", 1),
        key_context(ada.wallet_id, None, "treasury", 1),
        key_context(ada.wallet_id, ada.id, "user", 2),
    ):
        with pytest.raises(KmsError):
            await kms.open(sealed, wrong)
    await sql(
        world,
        "UPDATE app.wallet_key SET sealed = :sealed WHERE wallet_id = :id",
        sealed=sealed,
        id=eve.wallet_id,
    )
    stolen = await world.transfer(eve)
    honest = await world.transfer(ada)
    async with world.sender():
        await world.reaches(honest, "confirmed")
    assert await world.stages(stolen) == ["created"]
    report = await rotate(world.services.engine, kms)
    assert report.stuck == set()  # under the newest already: nothing to look at
    add_master_key(world.services.settings.kms_file)
    report = await rotate(world.services.engine, kms)
    assert report.stuck == {f"wallet_key ({eve.wallet_id}, 1)"}
    assert report.rewrapped == 1


async def test_rotate__while_everybody_signs__nothing_lost(world: World) -> None:
    people = [await world.person() for _ in range(12)]
    for person in people:
        await world.transfer(person, POL // 10)
    async with world.sender():
        for _ in range(3):
            name = add_master_key(world.services.settings.kms_file)
            for person in people:
                await world.transfer(person, POL // 10)
            newcomer = await world.person()
            await world.transfer(newcomer, POL // 10)
            report = await rotate(world.services.engine, world.services.kms, batch=5)
            assert (report.master, report.stuck, report.unfinished) == (name, set(), False)
            assert set(await masters(world)) == {name}
        await world.settled(30)
    assert (await rotate(world.services.engine, world.services.kms)).rewrapped == 0
    assert len(read_master_keys(world.services.settings.kms_file)) == 4


async def test_rotate__killed_in_the_middle__the_next_run_ends_it(world: World) -> None:
    """The process is killed with SIGKILL while its second batch waits for a row lock that this test holds."""
    people = [await world.person() for _ in range(6)]
    old = set(await masters(world))
    last = max(person.wallet_id for person in people)
    script = "import asyncio, backend.rotation.service as s; s.rotate.__kwdefaults__['batch'] = 2; "
    script += "import sys; from backend.__main__ import main; sys.exit(main(['rotate-keys', '--new-key']))"
    async with world.services.engine.connect() as db, db.begin():
        await db.execute(text("SELECT 1 FROM app.wallet_key WHERE wallet_id = :id FOR UPDATE"), {"id": last})
        with Process([sys.executable, "-c", script], env=environment(world)) as rotation:

            async def half_done() -> bool:
                found = set(await masters(world))
                blocked = await sql(
                    world,
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE application_name = 'tombola rotate-keys' AND wait_event_type = 'Lock'",
                )
                return len(found) == 2 and blocked.scalar_one() > 0

            await wait_until_async(half_done, 30, what="some batches committed, one waiting")
            rotation.signal(signal.SIGKILL)

            async def dead() -> bool:
                return rotation.exit_code == -signal.SIGKILL

            await wait_until_async(dead, 10, what="the rotation killed")
    half = await masters(world)
    assert len(set(half)) == 2
    assert old < set(half)
    for person in people:  # half of them under each master key: everybody signs
        await world.transfer(person, POL // 10)
    async with world.sender():
        await world.settled(30)
    with Process(command(), env=environment(world)) as second:
        assert second.wait() == 0, second.text
        assert "No row is under an older one" in second.text
    assert len(set(await masters(world))) == 1
    assert set(await masters(world)).isdisjoint(old)
    events = await sql(world, "SELECT action, actor FROM app.audit_event")
    assert ("master_key.rotate", "command:rotate-keys") in {tuple(row) for row in events}


class Away:
    """A key service that is away for its first requests."""

    def __init__(self, kms: FileKms, failures: int) -> None:
        self._kms = kms
        self.failures = failures

    async def rewrap(self, sealed: bytes, context: Any) -> bytes:
        if self.failures > 0:
            self.failures -= 1
            raise KmsUnavailable("throttled")
        return await self._kms.rewrap(sealed, context)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kms, name)


async def test_rotate__key_service_away_for_a_while__waits_and_ends(world: World) -> None:
    for _ in range(3):
        await world.person()
    path = world.services.settings.kms_file
    add_master_key(path)
    away = Away(FileKms.load(path, create=False), 4)
    report = await rotate(world.services.engine, away, pause=0.01, pauses=10)
    assert (report.rewrapped, report.stuck) == (3, set())
    add_master_key(path)
    away.failures = 1_000
    with pytest.raises(KmsUnavailable):
        await rotate(world.services.engine, away, pause=0.001, pauses=3)


async def test_rotate__row_replaced_meanwhile__not_overwritten(world: World) -> None:
    person = await world.person()
    kms = world.services.kms
    context = key_context(person.wallet_id, person.id, "user", 1)
    add_master_key(world.services.settings.kms_file)
    fresh = await kms.seal(b"\7" * 32, context)

    class Racing(Away):
        async def rewrap(self, sealed: bytes, given: Any) -> bytes:
            await sql(world, "UPDATE app.wallet_key SET sealed = :fresh", fresh=fresh)
            return await super().rewrap(sealed, given)

    racing = Racing(FileKms.load(world.services.settings.kms_file, create=False), 0)
    report = await service.rotate(world.services.engine, racing)
    assert report.rewrapped == 0
    assert (await sql(world, "SELECT sealed FROM app.wallet_key")).scalar_one() == fresh


async def test_key_material__in_no_log_and_not_in_the_database(world: World) -> None:
    """Real processes sign, fail and rotate; then their logs and a dump hold no key in any form."""
    people = [await world.person() for _ in range(3)]
    keys = [await private_key(world, person) for person in people]
    broken = people[-1]
    await sql(
        world,
        "UPDATE app.wallet_key SET sealed = (SELECT sealed FROM app.wallet_key WHERE wallet_id = :other)"
        " WHERE wallet_id = :id",
        id=broken.wallet_id,
        other=people[0].wallet_id,
    )
    intents = [await world.transfer(person, POL // 10) for person in people]
    env = environment(world) | {"LOG_LEVEL": "debug", "SENDER_POLL_SECONDS": "0.05"}
    with Process([sys.executable, "-m", "backend", "sender"], env=env) as sender:
        for intent in intents[:-1]:
            await world.reaches(intent, "confirmed", 30)
        sender.wait_for_output("kms_failed", 10)
        sender.terminate()
    with Process(command("--new-key"), env=env) as rotation:
        assert rotation.wait() == 1  # one row does not open, and it says which
        assert str(broken.wallet_id) in rotation.text
    kms_file = world.services.settings.kms_file
    dump = await dumped(world)
    written = (sender.text + rotation.text).encode() + dump
    assert people[0].address.lower()[2:].encode() in dump  # the search finds what is there
    for key in [*keys, *read_master_keys(kms_file)]:
        for form in forms(key):
            assert form not in written


async def private_key(world: World, person: Person) -> bytes:
    sealed = (
        await sql(world, "SELECT sealed FROM app.wallet_key WHERE wallet_id = :id", id=person.wallet_id)
    ).scalar_one()
    key = await world.services.kms.open(sealed, key_context(person.wallet_id, person.id, "user", 1))
    assert checksum(Account.from_key(key).address) == person.address
    return key


async def dumped(world: World) -> bytes:
    """Every row of schema `app` as text, bytes as hex and as they are."""
    tables = (
        await sql(world, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'app'")
    ).scalars()
    parts = []
    for table in tables.all():
        rows = (await sql(world, f'SELECT * FROM app."{table}"')).all()
        for row in rows:
            parts += [value if isinstance(value, bytes) else str(value).encode() for value in row]
            parts += [value.hex().encode() for value in row if isinstance(value, bytes)]
    return b"\n".join(parts)


def forms(key: bytes) -> list[bytes]:
    """How 32 bytes may be written; base64 without its ends, which depend on where it begins."""
    texts = [key.hex(), key.hex().upper(), str(int.from_bytes(key)), str(int.from_bytes(key, "little"))]
    texts += [base64.b64encode(bytes(shift) + key).decode()[4:-4] for shift in range(3)]
    texts += [base64.urlsafe_b64encode(bytes(shift) + key).decode()[4:-4] for shift in range(3)]
    texts += [str(list(key))[1:-1], repr(key)[2:-1]]
    return [key, *(one.encode() for one in texts)]
