"""The helpers every other test stands on."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.support.anvil import Anvil, dev_account
from tests.support.guard import left_over
from tests.support.postgres import PostgresForTests
from tests.support.processes import ROOT, Process
from tests.support.waiting import wait_until
from tools.rpc import Rpc
from tools.run.postgres import DatabaseUris


def test_postgres__fresh_database__is_version_18_with_both_schemas(database: DatabaseUris) -> None:
    with psycopg.connect(database.superuser) as db:
        version = db.execute("SHOW server_version").fetchone()
        owners = dict(
            db.execute(
                "SELECT nspname, nspowner::regrole::text FROM pg_namespace WHERE nspname IN ('mirror', 'app')"
            ).fetchall()
        )
    assert version is not None
    assert version[0].startswith("18.")
    assert owners == {"mirror": "listener", "app": "backend"}


def test_postgres__backend_role__reads_mirror_but_cannot_write(database: DatabaseUris) -> None:
    with psycopg.connect(database.listener) as db:
        db.execute("CREATE TABLE mirror.fact (n int)")
        db.execute("INSERT INTO mirror.fact VALUES (7)")
    with psycopg.connect(database.backend) as db:
        assert db.execute("SELECT n FROM mirror.fact").fetchone() == (7,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("INSERT INTO mirror.fact VALUES (8)")


def test_postgres__create_database_again__changes_nothing(postgres: PostgresForTests) -> None:
    first = postgres.create_database("twice")
    with psycopg.connect(first.backend) as db:
        db.execute("CREATE TABLE app.kept (n int)")
    assert postgres.create_database("twice") == first
    with psycopg.connect(first.backend) as db:
        assert db.execute("SELECT count(*) FROM app.kept").fetchone() == (0,)
    postgres.drop_database("twice")


def test_anvil__started__has_chain_id_and_funded_dev_account(anvil: Anvil) -> None:
    assert anvil.rpc.quantity("eth_chainId") == 31337
    assert dev_account(0).address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert anvil.rpc.quantity("eth_getBalance", dev_account(9).address, "latest") == 10_000 * 10**18


def test_anvil__mine__adds_blocks(anvil: Anvil) -> None:
    before = anvil.rpc.block_number
    anvil.mine(3)
    assert anvil.rpc.block_number == before + 3


def test_process__ends_early__says_what_it_wrote() -> None:
    with (
        Process([sys.executable, "-c", "print('no such setting'); raise SystemExit(3)"]) as process,
        pytest.raises(RuntimeError, match=r"(?s)ended with 3.*no such setting"),
    ):
        process.wait_for_output("ready")


def test_process__context_left__is_terminated(tmp_path: Path) -> None:
    with Process([sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]) as process:
        process.wait_for_output("up")
    assert process.exit_code == -15


def test_process__its_starter_killed__ends_too() -> None:
    program = "from tests.support.anvil import Anvil; print(Anvil().url, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        chain = Rpc(starter.stdout.readline().strip())
        assert chain.answers
        starter.kill()
    wait_until(lambda: not chain.answers, 60, what="the end of the anvil")


def test_guard__ended_before__not_killed() -> None:
    assert left_over(["+7\n", "+8\n", "-7\n"]) == {8}


def test_wait_until__never_true__names_what_was_awaited() -> None:
    with pytest.raises(TimeoutError, match="the moon"):
        wait_until(lambda: False, timeout=0.2, what="the moon")
