"""The supervisor of `make run`, with real PostgreSQL, anvil and small child processes."""

import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.support.processes import Process, http_status
from tests.support.waiting import wait_until
from tools.ports import free_port
from tools.rpc import Rpc
from tools.run.state import StateFolder


class SmallSystem:
    """A supervisor over small services on one state folder; it can be started again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = StateFolder(folder)
        self.port = free_port()
        self.env = {
            "RPC_PORT": str(free_port()),
            "BEACON_PORT": str(free_port()),
            "STRIPE_PORT": str(free_port()),
        }
        self.supervisor: Process | None = None

    def launch(self, *arguments: str) -> Process:
        """Start a supervisor and return at once."""
        command = [sys.executable, "-m", "tests.tools.small_system", "--no-story", *arguments]
        return Process([*command, "--state", str(self.folder), "--port", str(self.port)], self.env)

    def up(self, *arguments: str) -> Process:
        """Start a supervisor and wait until it watches."""
        self.supervisor = self.launch(*arguments)
        self.supervisor.wait_for_output("Ctrl-C stops everything", timeout=60)
        return self.supervisor

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Send a signal and wait until the supervisor has ended."""
        assert self.supervisor is not None
        self.supervisor.signal(number)
        self.supervisor.wait()

    @property
    def rpc(self) -> Rpc:
        return Rpc(f"http://127.0.0.1:{self.state.remembered()['rpc_port']}")

    def children(self) -> dict[str, psutil.Process]:
        """Running services by name."""
        return {name: psutil.Process(pid) for name, pid, _ in json.loads(self.state.processes.read_text())}

    def postgres_uri(self) -> str:
        folder = (self.state.postgres / "postmaster.pid").read_text().splitlines()[4]
        return f"postgresql://postgres@/tombola?host={folder}"

    def ends(self) -> list[str]:
        """Names of the services that ended by themselves, in order."""
        return (self.folder / "ends").read_text().split()


@pytest.fixture
def system() -> Iterator[SmallSystem]:
    # Not below pytest's own folder: every pytest session closes that one to other users, and as root
    # PostgreSQL runs as another user.
    with tempfile.TemporaryDirectory(prefix="tombola-run-", ignore_cleanup_errors=True) as folder:
        system = SmallSystem(Path(folder) / "state")
        yield system
        if system.supervisor is not None:
            system.supervisor.terminate(timeout=20)


def test_run__port_taken__one_sentence(system: SmallSystem) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", system.port))
        other.listen()
        supervisor = system.launch()
        assert supervisor.wait() == 1
    assert supervisor.text.strip() == (
        f"Tombola cannot run: Port {system.port} is taken; choose another one: make run PORT={system.port + 1}."
    )


def test_run__rpc_port_taken__next_one_is_used_said_and_remembered(system: SmallSystem) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(system.env["RPC_PORT"])))
        other.listen()
        supervisor = system.up()
    assert f"Port {system.env['RPC_PORT']} (rpc_port) is taken; using " in supervisor.text
    assert system.rpc.quantity("eth_chainId") == 31337
    assert str(system.rpc.url).split(":")[-1] != system.env["RPC_PORT"]


def test_run__second_supervisor_on_the_folder__is_refused(system: SmallSystem) -> None:
    first = system.up()
    second = system.launch()
    assert second.wait() == 1
    assert "already runs on" in second.text
    assert f"process {first.pid}, http://127.0.0.1:{system.port}" in second.text
    assert http_status(f"http://127.0.0.1:{system.port}/readyz") == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stop__signal__everything_ends_in_order(system: SmallSystem, number: signal.Signals) -> None:
    supervisor = system.up()
    children = system.children()
    assert set(children) == {"anvil", "oracle", "listener", "sender", "keeper", "worker", "api", "stripe"}
    system.stop(number)
    assert supervisor.exit_code == 0
    assert not [name for name, child in children.items() if child.is_running()]
    assert set(system.ends()[:4]) == {"api", "worker", "keeper", "sender"}
    assert set(system.ends()[4:]) == {"listener", "oracle", "stripe"}
    assert not (system.state.postgres / "postmaster.pid").exists()


def test_stop__service_ignores_the_signal__is_killed(system: SmallSystem) -> None:
    supervisor = system.up()
    (system.folder / "stubborn").touch()
    keeper = system.children()["keeper"]
    system.stop()
    assert "Had to kill keeper." in supervisor.text
    assert not keeper.is_running()


def test_run__second_start__goes_on_with_chain_database_and_secrets(system: SmallSystem) -> None:
    system.up()
    wait_until(lambda: system.rpc.block_number >= 3, what="three blocks")
    kept = [system.rpc.call("eth_getBlockByNumber", hex(number), False)["hash"] for number in range(3)]
    with psycopg.connect(system.postgres_uri()) as db:
        db.execute("CREATE TABLE app.kept AS SELECT 42 AS answer")
    secrets = {path.name: path.read_text() for path in system.state.secrets.iterdir()}
    head = system.rpc.block_number
    system.stop()

    system.up()
    again = [system.rpc.call("eth_getBlockByNumber", hex(number), False)["hash"] for number in range(3)]
    assert again == kept
    assert system.rpc.block_number >= head
    with psycopg.connect(system.postgres_uri()) as db:
        assert db.execute("SELECT answer FROM app.kept").fetchone() == (42,)
    assert {path.name: path.read_text() for path in system.state.secrets.iterdir()} == secrets


def test_chain__started_again_after_a_pause__keeps_the_time_of_the_machine(system: SmallSystem) -> None:
    for _ in range(3):
        system.up()
        head = system.rpc.block_number
        wait_until(lambda head=head: system.rpc.block_number > head, what="a block")
        latest = system.rpc.call("eth_getBlockByNumber", "latest", False)
        assert abs(int(latest["timestamp"], 16) - time.time()) < 3
        system.stop()


def test_secrets__first_run__only_the_owner_reads_them(system: SmallSystem) -> None:
    system.up()
    modes = {path.name: path.stat().st_mode & 0o777 for path in system.state.secrets.iterdir()}
    assert modes == dict.fromkeys(
        ["jwt_secret", "kms.key", "keeper.key", "treasury.key", "oracle.key", "stripe.key"], 0o600
    )


def test_run__fresh__starts_over(system: SmallSystem) -> None:
    system.up()
    secret = (system.state.secrets / "jwt_secret").read_text()
    (system.folder / "story.done").touch()
    system.stop()
    system.up("--fresh")
    assert (system.state.secrets / "jwt_secret").read_text() != secret
    assert not (system.folder / "story.done").exists()


def test_watch__service_crashes__says_so_and_starts_it_again(system: SmallSystem) -> None:
    supervisor = system.up()
    os.kill(system.children()["listener"].pid, signal.SIGKILL)
    supervisor.wait_for_output("! listener ended with exit code -9", timeout=5)
    supervisor.wait_for_output("✓ listener works again.", timeout=10)
    assert system.children()["listener"].is_running()


def test_run__supervisor_was_killed__next_one_ends_what_it_left(system: SmallSystem) -> None:
    killed = system.up()
    left = system.children()
    killed.kill()
    assert all(child.is_running() for child in left.values())
    supervisor = system.up()
    assert "Ended what an earlier run left behind" in supervisor.text
    assert not [name for name, child in left.items() if child.is_running()]


def test_run__chain_file_is_cut_off__says_how_to_start_over(system: SmallSystem) -> None:
    system.up()
    system.stop()
    system.state.chain.write_text(system.state.chain.read_text()[:-100])
    supervisor = system.launch()
    assert supervisor.wait() == 1
    assert "is incomplete; start over with `make run FRESH=1`." in supervisor.text


def test_run__another_chain_in_the_folder__is_refused(system: SmallSystem) -> None:
    system.up()
    system.stop()
    system.state.chain.unlink()
    system.state.remember(genesis_time=1_700_000_000)
    supervisor = system.launch()
    assert supervisor.wait() == 1
    assert "is not the one the database mirrors; start over with `make run FRESH=1`." in supervisor.text
