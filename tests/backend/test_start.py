"""What a person gets wrong at the start of a process: one sentence that names the setting, soon, and code 2."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from httpx import AsyncClient

from backend.__main__ import main
from backend.services import Services
from tests.backend import stubs
from tests.backend.proxy import DroppedError, FaultProxy
from tests.backend.world import POL, make_settings, open_world
from tests.support.anvil import Anvil, dev_account
from tests.support.processes import Process
from tests.support.waiting import wait_until_async
from tools.ports import free_port
from tools.run.postgres import DatabaseUris

PROCESSES = ("sender", "keeper")


def start(name: str, database_url: str, rpc_url: str, folder: Path, chain_id: int = 31337) -> Process:
    """`python -m backend <name>` with a registry of `chain_id`."""
    registry = {**stubs.registry(), "chain_id": chain_id}
    settings = make_settings(database_url, [rpc_url], folder, registry=registry)
    key = folder / "keeper.key"
    key.write_text(dev_account(8).private_key)
    key.chmod(0o600)
    env = {
        "DATABASE_URL": database_url,
        "RPC_URLS": rpc_url,
        "REGISTRY": str(settings.registry),
        "KMS_FILE": str(settings.kms_file),
        "KEEPER_KEY_FILE": str(key),
        "BEACON_URL": "http://127.0.0.1:1/chain",
        "START_PATIENCE_SECONDS": "1.5",
    }
    return Process([sys.executable, "-m", "backend", name], env=env)


def refusal(process: Process) -> str:
    """The last line, after the log lines, of a process that ended by itself with 2 and without a traceback."""
    assert process.wait() == 2, process.text
    assert "Traceback" not in process.text
    assert "_ready" not in process.text
    return process.text.strip().splitlines()[-1]


def start_all(database_url: str, rpc_url: str, folder: Path, chain_id: int = 31337) -> list[Process]:
    """Every process that must end; all at once, since each waits before it gives up."""
    return [start(name, database_url, rpc_url, folder, chain_id) for name in PROCESSES]


def test_chain_of_another_id__names_both_and_ends(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    for process in start_all(database.backend, chain.url, tmp_path, chain_id=137):
        assert refusal(process) == (
            f"Chain 137, which the registry {tmp_path / 'registry.json'} is of, is served by no provider: "
            f"{chain.url} serves chain 31337. Correct RPC_URLS or REGISTRY."
        )


def test_no_node__says_so_and_ends(database: DatabaseUris, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    for process in start_all(database.backend, url, tmp_path):
        said = refusal(process)
        assert f"{url} does not answer" in said
        assert said.endswith("Start the node, or correct RPC_URLS.")
        assert "trying again in 1 s" in process.text


def test_no_postgres__says_so_and_ends(chain: Anvil, tmp_path: Path) -> None:
    url = f"postgresql://backend:hidden@/tombola?host={tmp_path}"
    shown = f"postgresql://backend:***@/tombola?host={tmp_path}"
    for process in start_all(url, chain.url, tmp_path):
        said = refusal(process)
        assert said.startswith(f"PostgreSQL at {shown} cannot be reached")
        assert said.endswith("Start it, or correct DATABASE_URL.")
        assert "trying again in 1 s" in process.text
        assert "hidden" not in process.text


KEY = "canary-key-of-a-vendor"
DATABASE_URL, RPC_URLS = "postgresql://me@db/x", "http://127.0.0.1:1"
NO_POSTGRES = "  DATABASE_URL: it is no PostgreSQL URL: write it as postgresql://user@host/tombola"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", f"postgres:/me:{KEY}@db/x", NO_POSTGRES),
        ("DATABASE_URL", f"me:{KEY}@db/x", NO_POSTGRES),
        ("DATABASE_URL", f"postgresql://me:{KEY}@[db/x", "  DATABASE_URL: Invalid IPv6 URL"),
        (
            "RPC_URLS",
            f"htps://me:{KEY}@rpc.example/{KEY}",
            "  RPC_URLS: RPC URL 'htps://rpc.example' is not an http(s) URL, such as http://127.0.0.1:8545.",
        ),
        ("RPC_URLS", f"https://[rpc/{KEY}", "  RPC_URLS: Invalid IPv6 URL"),
        (
            "RPC_URLS",
            f"http://me:{KEY}/x@rpc.example",
            "  RPC_URLS: A URL of RPC_URLS has a port that is no number; in a password write / as %2F.",
        ),
    ],
)
def test_url_that_is_none__says_so__without_what_is_secret_in_it(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable, text in {
        "DATABASE_URL": DATABASE_URL,
        "RPC_URLS": RPC_URLS,
        "REGISTRY": "x",
        name: value,
    }.items():
        monkeypatch.setenv(variable, text)
    for process in ("api", "worker", "sender", "keeper", "migrate", "reconcile"):
        assert main([process]) == 2
        assert capsys.readouterr().err == f"The backend cannot start:\n{said}\n"


def test_database_url_of_another_meaning__says_so_at_once(chain: Anvil, tmp_path: Path) -> None:
    said = refusal(start("sender", "postgresql://me:hidden-half/other@host/x", chain.url, tmp_path))
    assert said.startswith("DATABASE_URL is not a PostgreSQL URL")
    assert "hidden" not in said, "a driver takes it for the port"


async def test_node_away_later__tried_again_until_it_is_back(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    async with (
        FaultProxy(chain.url) as proxy,
        open_world(make_settings(database.backend, [proxy.url], tmp_path), chain) as world,
    ):
        person = await world.person()
        with start("sender", database.backend, proxy.url, tmp_path) as sender:

            async def ready() -> bool:
                assert sender.exit_code is None, sender.text
                return "sender_ready" in sender.text

            await wait_until_async(ready, 20, what="the sender ready")

            async def away(_call: object, _forward: object) -> dict[str, object]:
                raise DroppedError

            proxy.faults = dict.fromkeys(("eth_getBlockByNumber", "eth_estimateGas", "eth_chainId"), away)
            await world.transfer(person, POL // 10)

            async def retried() -> bool:
                return '"chain_unreachable"' in sender.text and "trying again in 1 s" in sender.text

            await wait_until_async(retried, 20, what="a line about the node that is away")
            assert sender.exit_code is None
            proxy.faults = {}
            await world.settled(30)


async def test_readyz__providers_of_another_chain__not_ready(client: AsyncClient, services: Services) -> None:
    assert (await client.get("/readyz")).json()["checks"]["chain"] == "ok"
    services.contracts.chain_id = 137
    answer = await client.get("/readyz")
    said = answer.json()["checks"]["chain"]
    assert answer.status_code == 503
    assert "serves chain 31337. Correct RPC_URLS or REGISTRY." in said
