"""A real sender process, killed with SIGKILL at the moment it makes a certain call; another one goes on."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.backend import proxy as faults
from tests.backend.proxy import FaultProxy
from tests.backend.world import POL, make_settings, open_world
from tests.support.anvil import Anvil
from tests.support.processes import Process
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

SEND = "eth_sendRawTransaction"


def start(database: DatabaseUris, proxy: FaultProxy, folder: Path) -> Process:
    """`python -m backend sender`."""
    env = {
        "DATABASE_URL": database.backend,
        "RPC_URLS": proxy.url,
        "REGISTRY": str(folder / "registry.json"),
        "KMS_FILE": str(folder / "kms.key"),
        "SENDER_LEASE_SECONDS": "0.5",
        "SENDER_POLL_SECONDS": "0.05",
        "RESEND_AFTER_SECONDS": "0.4",
    }
    return Process([sys.executable, "-m", "backend", "sender"], env=env)


@pytest.mark.parametrize(
    ("method", "forwarded"),
    [
        ("eth_estimateGas", False),
        (SEND, False),
        (SEND, True),
        ("eth_getTransactionReceipt", True),
    ],
    ids=["in check", "signed, not sent", "sent, not recorded", "in track"],
)
async def test_sigkill__the_next_process_goes_on(
    database: DatabaseUris, chain: Anvil, tmp_path: Path, method: str, forwarded: bool
) -> None:
    running: list[Process] = []

    async def kill(_call: dict[str, Any], forward: Any) -> dict[str, Any]:
        if forwarded:
            await forward()
        os.kill(running[0].pid, signal.SIGKILL)
        raise faults.DroppedError

    async with FaultProxy(chain.url) as proxy:
        settings = make_settings(database.backend, [proxy.url], tmp_path)
        async with open_world(settings, chain) as world:
            person = await world.person()
            for _ in range(4):
                await world.transfer(person, POL // 10)
            proxy.faults[method] = faults.times(1, kill)
            with start(database, proxy, tmp_path) as first:
                running.append(first)

                async def dead() -> bool:
                    return first.exit_code == -signal.SIGKILL

                await wait_until_async(dead, 20, what="the first sender killed")
            with start(database, proxy, tmp_path) as second:
                await world.settled(20)
                assert second.terminate(timeout=3) == 0


async def test_sigterm__drains_within_two_seconds(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    async with (
        FaultProxy(chain.url) as proxy,
        open_world(make_settings(database.backend, [proxy.url], tmp_path), chain) as world,
    ):
        proxy.faults[SEND] = faults.after(30, faults.forwarded)
        await world.transfer(await world.person())
        with start(database, proxy, tmp_path) as sender:

            async def sending() -> bool:
                return proxy.seen[SEND] > 0

            await wait_until_async(sending, 20, what="the transaction on its way")
            assert sender.terminate(timeout=2.5) == 0
        proxy.faults = {}
        async with world.sender():
            await world.settled(20)
