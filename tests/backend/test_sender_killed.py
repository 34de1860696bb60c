"""A real sender process, killed with SIGKILL at the moment it makes a certain call; another one goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from tests.backend import proxy as faults
from tests.backend.proxy import FaultProxy
from tests.backend.world import POL, make_settings, open_world
from tests.support.anvil import Anvil
from tests.support.processes import Process
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

SEND = "eth_sendRawTransaction"
PATIENCE = 180.0
"""Seconds until something that must come has come: on a machine where everybody works, a start alone takes many."""


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
        "RPC_TIMEOUT_SECONDS": f"{PATIENCE:g}",
        "START_PATIENCE_SECONDS": f"{PATIENCE:g}",
    }
    return Process([sys.executable, "-m", "backend", "sender"], env=env)


# The call at which the sender dies, and whether the node got it: in check; signed but not sent; sent but not
# recorded; in track.
DEATHS = [
    ("eth_estimateGas", False),
    (SEND, False),
    (SEND, True),
    ("eth_getTransactionReceipt", True),
]


async def test_sigkill_at_every_step__the_next_process_goes_on(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    async with (
        FaultProxy(chain.url) as proxy,
        open_world(make_settings(database.backend, [proxy.url], tmp_path), chain) as world,
    ):
        person = await world.person()
        for method, reached in DEATHS:
            await world.transfer(person, POL // 10)
            await world.transfer(person, POL // 10)
            await _die(database, proxy, tmp_path, method, reached)
        with start(database, proxy, tmp_path) as last:
            await world.settled(PATIENCE)
            assert last.terminate() == 0


async def _die(database: DatabaseUris, proxy: FaultProxy, folder: Path, method: str, reached: bool) -> None:
    """Run a sender until it makes the call, and kill it there."""
    running: list[Process] = []

    async def kill(_call: dict[str, Any], forward: Any) -> dict[str, Any]:
        if reached:
            await forward()
        os.kill(running[0].pid, signal.SIGKILL)
        raise faults.DroppedError

    proxy.faults[method] = faults.times(1, kill)
    with start(database, proxy, folder) as sender:
        running.append(sender)

        async def dead() -> bool:
            return sender.exit_code == -signal.SIGKILL

        await wait_until_async(dead, PATIENCE, what=f"the sender killed at {method}")


async def test_sigterm_while_a_provider_hangs__ends_by_itself(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    async with (
        FaultProxy(chain.url) as proxy,
        open_world(make_settings(database.backend, [proxy.url], tmp_path), chain) as world,
    ):
        never = asyncio.Event()  # only the sender itself can end the waiting: set when it has ended

        async def hang(_call: dict[str, Any], forward: Any) -> dict[str, Any]:
            answer: dict[str, Any] = await forward()
            await never.wait()
            return answer

        proxy.faults[SEND] = hang
        await world.transfer(await world.person())
        with start(database, proxy, tmp_path) as sender:

            async def sending() -> bool:
                return proxy.seen[SEND] > 0

            await wait_until_async(sending, PATIENCE, what="the transaction on its way")
            assert sender.terminate() == 0
        never.set()
        proxy.faults = {}
        async with world.sender():
            await world.settled(PATIENCE)
