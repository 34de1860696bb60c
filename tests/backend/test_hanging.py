"""A process that lives and does nothing is noticed, and a database that falls silent holds nobody for ever."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from backend.db import Waits
from backend.jobs import process as worker_process
from backend.metrics import PULSE
from backend.metrics import serve as serve_metrics
from backend.sender import process as sender_process
from backend.sender.lease import claim
from backend.services import open_services
from backend.settings import Settings
from listener import pulse
from tests.backend.reads.facts import registry_document
from tests.backend.working import worker
from tests.backend.world import World, make_settings
from tests.support.anvil import Anvil
from tests.support.processes import Process
from tests.support.silence import SilentWay
from tests.support.waiting import wait_until, wait_until_async
from tools.ports import free_port
from tools.run.postgres import DatabaseUris

IMPATIENT_LISTENER = """
import sys
from listener import service
from listener.__main__ import main
service.DATABASE_SILENT = 4.0
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path) -> Settings:
    """Settings that know the real contracts, so that the listener makes all tables."""
    made = make_settings(database.backend, [chain.url], tmp_path, registry=registry_document())
    return made.model_copy(update={"metrics_port": free_port()})


def health(port: int) -> tuple[int, dict[str, Any]]:
    """What a process says of itself on its metrics port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def says(port: int, status: int, *late: str) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        code, told = await asyncio.to_thread(health, port)
        return code == status and set(late) <= set(told.get("late", ()))

    return asked


async def test_loop_that_turns_no_more__health_says_503_until_it_does(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = world.services.settings.metrics_port
    assert port is not None
    serve_metrics(world.services.settings)
    monkeypatch.setattr(sender_process, "TURN_SECONDS", 2.0)
    monkeypatch.setattr(pulse, "EVENT_LOOP", 2.0)
    go_on = asyncio.Event()

    async def hanging(*arguments: Any) -> Any:
        await go_on.wait()
        return await claim(*arguments)

    async with PULSE.event_loop(), world.sender():
        await wait_until_async(says(port, 200), what="a process that works")
        assert {"event loop", "sender"} <= health(port)[1]["loops"].keys()
        monkeypatch.setattr(sender_process, "claim", hanging)
        await wait_until_async(says(port, 503, "sender"), what="a sender that waits without end")
        assert "event loop" not in health(port)[1]["late"]
        go_on.set()
        await wait_until_async(says(port, 200), what="a sender that goes on")

        seen = threading.Thread(
            target=lambda: wait_until(lambda: "event loop" in health(port)[1].get("late", ()))
        )
        seen.start()
        seen.join()  # nothing turns here until then
        await wait_until_async(says(port, 200), what="an event loop that goes on")


async def test_slow_key_service__lane_that_signs_much_is_not_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, late = [0.0], []
    beats = pulse.Pulse(lambda: clock[0])
    kms, ada = world.services.kms, await world.person()
    open_key = kms.open

    async def slow(*arguments: Any) -> bytes:
        clock[0] += 0.9 * sender_process.LANE_SECONDS
        late.extend(beats.late())
        return await open_key(*arguments)

    monkeypatch.setattr(sender_process, "PULSE", beats)
    monkeypatch.setattr(kms, "open", slow)
    *_, last = [await world.transfer(ada) for _ in range(3)]
    async with world.sender():
        await world.passes(last, "signed")
    assert clock[0] >= 2.7 * sender_process.LANE_SECONDS
    assert not [name for name in late if name.startswith("lane")]


async def test_database_that_falls_silent__sender_goes_on__worker_and_listener_say_that_they_hang(
    world: World, chain: Anvil, database: DatabaseUris, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, port = world.services.settings, free_port()
    monkeypatch.setattr(worker_process, "SILENT_SECONDS", 4.0)
    async with SilentWay(database.backend) as way:
        silent = settings.model_copy(update={"database_url": way.uri(database.backend)})
        listener: list[str | Path] = [
            sys.executable,
            "-c",
            IMPATIENT_LISTENER,
            "run",
            "--registry",
            settings.registry,
        ]
        listener += ["--rpc-url", chain.url, "--metrics-port", str(port)]
        waits = Waits(statement=1.0)
        with Process([*listener, "--database-url", way.uri(database.listener)]) as process:
            async with open_services(silent, "tombola sender", waits) as services:
                ada = await world.person()
                sending = World(services, chain)
                async with sending.sender(), worker(services):
                    await world.reaches(await world.transfer(ada), "confirmed")
                    await wait_until_async(_leads(port), 60, what="a listener that mirrors")
                    with way.silent():
                        await world.reaches(await world.transfer(ada), "confirmed")
                        await wait_until_async(_is_late("default jobs"), 60, what="a worker that hangs")
                        await wait_until_async(says(port, 503, "mirror"), 60, what="a listener that hangs")
                    # The kernel ends such connections where the network is to blame; now they are ended.
                    await wait_until_async(_is_in_time, 60, what="a worker that goes on")
                    await wait_until_async(says(port, 200), 60, what="a listener that goes on")
            assert process.exit_code is None, process.text
            # It ends the way it came, which this event loop carries.
            assert await asyncio.to_thread(process.terminate) == 0


def _leads(port: int) -> Callable[[], Awaitable[bool]]:
    async def leading() -> bool:
        try:
            return (await asyncio.to_thread(health, port))[1].get("role") == "leader"
        except OSError:
            return False

    return leading


def _is_late(name: str) -> Callable[[], Awaitable[bool]]:
    async def late() -> bool:
        return name in PULSE.late()

    return late


async def _is_in_time() -> bool:
    return not PULSE.late()
