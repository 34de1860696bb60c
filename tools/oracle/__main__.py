"""Command line of the oracle: `init` prints what deployment needs, no argument serves."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from pathlib import Path

import structlog
from aiohttp import web
from eth_account.signers.local import LocalAccount

from listener.chain.registry import Registry, RegistryError, load_registry
from listener.chain.rpc import RpcPool
from listener.chain.settings import LOCAL_CHAIN_ID
from tools.oracle import prover
from tools.oracle.beacon import Beacon, make_app
from tools.oracle.key import load_or_create
from tools.oracle.settings import SettingError, Settings, load_settings, state_dir
from tools.oracle.vrf import VrfAnswerer, load_account

log = logging.getLogger("oracle")
PATIENCE_SECONDS = 5.0
USAGE = "Usage: python -m tools.oracle [init]"


def main(arguments: list[str]) -> int:
    """Exit code 0 after SIGTERM or SIGINT, 1 when it cannot start, 2 for wrong arguments."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    if arguments == ["init"]:
        print(json.dumps(deployment_info(state_dir(os.environ)), indent=2))
        return 0
    if arguments:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        settings = load_settings(os.environ)
        registry = _local_registry(settings.registry)
        account = load_account(settings.oracle_key_file.read_text())
        asyncio.run(_serve(settings, registry, account))
    except (SettingError, RegistryError, LookupError, OSError, ValueError) as error:
        print(f"The oracle cannot run: {error}", file=sys.stderr)
        return 1
    return 0


def deployment_info(folder: Path) -> dict[str, str | int]:
    """What deployment writes into DrandBeacon and registers with the VRF coordinator. Makes missing keys."""
    public = b"".join(part.to_bytes(32) for part in prover.load_or_create(folder).public)
    return {**load_or_create(folder).deployment_info(), "vrf_public_key": public.hex()}


def _local_registry(path: Path) -> Registry:
    registry = load_registry(path)
    if registry.chain_id != LOCAL_CHAIN_ID:
        raise SettingError(
            f"{path} is of chain {registry.chain_id}: the oracle serves chain {LOCAL_CHAIN_ID} only."
        )
    return registry


async def _serve(settings: Settings, registry: Registry, account: LocalAccount) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    key = load_or_create(settings.state_dir)
    beacon = Beacon(key)
    runner = web.AppRunner(make_app(key, beacon), shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", settings.beacon_port).start()
        log.info("beacon %s at http://127.0.0.1:%s", key.chain_hash.hex(), settings.beacon_port)
        async with RpcPool(settings.rpc_urls, registry.chain_id, patience=PATIENCE_SECONDS) as pool:
            proving_key = prover.load_or_create(settings.state_dir)
            await _until(stop, VrfAnswerer(pool, registry, account, proving_key))
    finally:
        beacon.close()
        await runner.cleanup()


async def _until(stop: asyncio.Event, answerer: VrfAnswerer) -> None:
    """Answer until `stop`; an error that ends the answering ends the oracle."""
    answering = asyncio.create_task(answerer.run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((answering, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in (answering, stopping):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await answering


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
