"""`listener status` and `listener rebuild`, as the operator runs them."""

import copy
import json
import os
import pty
import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from tests.listener.abis import NAMED, RAFFLE, REGISTRY, log
from tests.listener.fake_chain import GENESIS_TIME, Call, FakeChain
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, traffic
from tests.listener.test_start import one_sentence, unused_port
from tools.run.postgres import DatabaseUris

CONTRACTS: dict[str, Any] = copy.deepcopy(dict(REGISTRY)["contracts"])  # type: ignore[arg-type]
ONLY_RAFFLE = {"chain_id": 31337, "contracts": {"Raffle": CONTRACTS["Raffle"]}}


def status(rig: Rig, *arguments: str, **environment: str) -> dict[str, Any]:
    process = rig.command("status", "--json", *arguments, **environment)
    assert process.wait() == 0, process.text
    found: dict[str, Any] = json.loads(process.text)
    return found


def test_status__at_the_head__every_number(chain: FakeChain, rig: Rig) -> None:
    nul = log(RAFFLE, NAMED, 1, "a\0b")
    chain.mine([nul, log(RAFFLE, NAMED, 2, "a")], *([[]] * 20))
    with rig.listener(chain.url) as process:
        process.wait_until(lambda: rig.cursor() == chain.head)
        found = status(rig)
    assert found["rows"] == {
        "problem": 1,
        "raffle_named": 2,
        "raffle_picked": 0,
        "token_factory_token_created": 0,
        "token_transfer": 0,
    }
    wanted = {
        "chain_id": 31337,
        "cursor_block": 21,
        "head_block": 21,
        "lag_blocks": 0,
        "lag_seconds": 0,
        "finalized_block": 11,
        "leader": True,
        "filling": [],
        "stopped": [],
        "problems": 1,
        "estimated": [],
        "registry": {"new": [], "gone": [], "changed": []},
    }
    assert {key: found[key] for key in wanted} == wanted
    assert found["cursor_time"] == datetime.fromtimestamp(GENESIS_TIME + 21, UTC).isoformat()


def test_status__behind__lag_in_blocks_and_seconds(chain: FakeChain, rig: Rig) -> None:
    """The chain's blocks are a second apart; the listener is stopped before it has read all."""
    chain.mine(*traffic(30, seed=90))
    with rig.listener(chain.url) as process:
        process.wait_until(lambda: rig.cursor() == chain.head)
        chain.on_call = lambda call: (
            [] if call.method == "eth_getLogs" else None
        )  # blooms disagree: no progress
        chain.mine(*([[log(RAFFLE, NAMED, 1, "x")]] * 4))
        process.wait_until(lambda: rig.query("SELECT head_number FROM mirror.cursor") == [(34,)])
        process.kill()
    found = status(rig)
    assert (found["lag_blocks"], found["lag_seconds"], found["leader"]) == (4, 4, False)


def test_status__for_people__says_the_same(chain: FakeChain, rig: Rig) -> None:
    chain.mine([log(RAFFLE, NAMED, 1, "a")])
    rig.mirror_until(chain.head, chain.url)
    rig.write(ONLY_RAFFLE)
    process = rig.command("status")
    assert process.wait() == 0
    lines = process.text.splitlines()
    assert "cursor     1  2023-11-14T22:13:21+00:00" in lines
    assert any(line.startswith("listener   none runs, last news ") for line in lines)
    assert "registry   gone: token_factory_token_created, token_transfer" in lines
    assert ["1", "raffle_named"] in [line.split() for line in lines]


def test_status__while_new_sources_are_filled__how_far(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(100, seed=91))
    rig.write(ONLY_RAFFLE)
    rig.mirror_until(chain.head, chain.url)
    rig.write(REGISTRY)
    assert status(rig)["registry"]["new"] == ["token_factory_token_created", "token_transfer"]

    def from_block(call: Call) -> int:
        return int(call.params[0].get("fromBlock", "0x0"), 16) if call.method == "eth_getLogs" else 0

    chain.hold = lambda calls: any(from_block(call) > 40 for call in calls)
    with rig.listener(chain.url, arguments=("--max-span", "9")) as process:
        process.wait_until(lambda: rig.query("SELECT 1 FROM mirror.source WHERE missing_from > 30"))
        filling = status(rig)["filling"]
        chain.hold = None
    assert [one["table"] for one in filling] == ["token_factory_token_created", "token_transfer"]
    assert all(one["from_block"] + one["blocks_left"] == 101 and one["from_block"] > 30 for one in filling)


def test_status__many_rows__estimated_and_exact_on_demand(
    chain: FakeChain, rig: Rig, database: DatabaseUris
) -> None:
    rig.mirror_until(chain.head, chain.url)
    with psycopg.connect(rig.database_url, autocommit=True) as db:
        db.execute(
            "INSERT INTO mirror.raffle_named SELECT n, '', now(), 0, '', '', n, 'x' FROM generate_series(1, 30000) n"
        )
    found = status(rig)
    assert found["estimated"] == ["raffle_named"]
    assert found["rows"]["raffle_named"] == pytest.approx(30_000, rel=0.01)
    with psycopg.connect(database.superuser, autocommit=True) as db:
        db.execute("ANALYZE mirror.raffle_named")
        db.execute("SELECT pg_stat_reset()")  # as after a crash: the planner knows
    assert status(rig)["rows"]["raffle_named"] == pytest.approx(30_000, rel=0.1)
    exact = status(rig, "--exact")
    assert (exact["rows"]["raffle_named"], exact["estimated"]) == (30_000, [])
    people = rig.command("status")
    assert people.wait() == 0
    assert "~ is an estimate" in people.text


def test_status__registry_unusable__said_and_the_rest_shown(chain: FakeChain, rig: Rig) -> None:
    rig.mirror_until(chain.head, chain.url)
    rig.registry.write_text("{")
    assert "is not JSON" in status(rig)["registry"]["problem"]
    rig.write({**REGISTRY, "chain_id": 5})
    assert "is of chain 5" in status(rig)["registry"]["problem"]


def test_status__no_mirror__exit_code_1(rig: Rig) -> None:
    process = rig.command("status")
    assert process.wait() == 1
    assert "The database has no mirror yet" in one_sentence(process.text)


def test_status__no_database__exit_code_2(rig: Rig) -> None:
    for url in (f"postgresql://listener@127.0.0.1:{unused_port()}/x", "no url"):
        process = rig.command("status", DATABASE_URL=url)
        assert process.wait() == 2
        assert "Postgres cannot be reached" in one_sentence(process.text)


def test_rebuild__with_registry_and_provider__mirrors_again_to_the_head(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=92))
    rig.mirror_until(chain.head, chain.url)
    with psycopg.connect(rig.database_url, autocommit=True) as db:
        db.execute("UPDATE mirror.raffle_named SET label = 'wrong'")
    process = rig.command("rebuild", "--yes", RPC_URLS=chain.url)
    assert process.wait() == 0, process.text
    assert_exact(rig, chain)
    assert rig.query("SELECT count(*) FROM mirror.raffle_named WHERE label = 'wrong'") == [(0,)]
    with rig.listener(chain.url) as running:
        chain.mine(*traffic(5, seed=93))
        running.wait_until(lambda: rig.cursor() == chain.head)
        assert_exact(rig, chain)


def test_rebuild__provider_or_registry_wrong__nothing_is_dropped(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=94))
    rig.mirror_until(chain.head, chain.url)
    before = rig.rows()
    silent = rig.command("rebuild", "--yes", RPC_URLS=f"http://127.0.0.1:{unused_port()}")
    rig.registry.write_text("{")
    broken = rig.command("rebuild", "--yes", RPC_URLS=chain.url)
    assert (silent.wait(), broken.wait()) == (2, 2)
    assert rig.rows() == before


def test_rebuild__nobody_said_yes__nothing_is_dropped(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=95))
    rig.mirror_until(chain.head, chain.url)
    before = rig.rows()
    process = rig.command("rebuild")
    assert process.wait() == 2
    assert "repeat with --yes" in one_sentence(process.text)
    assert rig.rows() == before


@pytest.mark.parametrize(("answer", "code"), [(b"n\n", 1), (b"y\n", 0)])
def test_rebuild__asked_on_a_terminal__names_the_views_and_obeys(
    chain: FakeChain, rig: Rig, answer: bytes, code: int
) -> None:
    rig.mirror_until(chain.head, chain.url)
    with psycopg.connect(rig.database_url, autocommit=True) as db:
        db.execute("CREATE VIEW mirror.names AS SELECT label FROM mirror.raffle_named")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "listener", "rebuild", "--database-url", rig.database_url]
    process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    os.write(ours, answer)
    said = process.communicate(timeout=10)[0].decode()
    os.close(ours)
    os.close(theirs)
    assert "and the views mirror.names? [y/N]" in said
    assert process.returncode == code
    left = rig.query(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'mirror'::regnamespace AND relkind = 'v'"
    )
    assert left == [(code,)]


def test_rebuild__interrupted__goes_on_with_the_next_run(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(200, seed=96))
    rig.mirror_until(chain.head, chain.url)
    process = rig.command("rebuild", "--yes", "--max-span", "2", RPC_URLS=chain.url)
    process.wait_until(lambda: 5 < rig.cursor() < 150)
    process.signal(signal.SIGTERM)
    assert process.wait() == 0
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)
