"""What a person gets wrong at start: one sentence each, soon, and nothing half-done in the database."""

import copy
import json
import socket
from pathlib import Path

import psycopg
import pytest

from tests.listener.abis import NAMED, PICKED, RAFFLE, REGISTRY, event, log
from tests.listener.fake_chain import FakeChain
from tests.listener.rig import Rig, actual_keys, expected_keys
from tests.listener.test_run import assert_exact, traffic
from tools.run.postgres import DatabaseUris


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def assert_nothing_written(rig: Rig) -> None:
    assert rig.query("SELECT 1 FROM pg_tables WHERE schemaname = 'mirror'") == []


def one_sentence(text: str) -> str:
    """The last line, after the log lines; there is no traceback."""
    assert "Traceback" not in text
    return text.strip().splitlines()[-1]


def test_start__nobody_answers__says_so(rig: Rig) -> None:
    process = rig.listener(f"http://127.0.0.1:{unused_port()}")
    assert process.wait() == 2
    assert "No RPC provider answers; correct RPC_URLS" in one_sentence(process.text)
    assert_nothing_written(rig)


def test_start__url_is_no_url__says_so(rig: Rig) -> None:
    process = rig.listener("localhost:8545")
    assert process.wait() == 2
    assert "is not an http(s) URL" in one_sentence(process.text)


def test_start__chain_of_another_id__says_both(rig: Rig) -> None:
    with FakeChain(chain_id=1) as chain:
        process = rig.listener(chain.url)
        assert process.wait() == 2
    assert "serves chain 1, not chain 31337" in one_sentence(process.text)
    assert_nothing_written(rig)


def test_start__head_is_no_number__another_provider_is_asked(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(5, seed=90))
    with FakeChain() as odd:
        odd.on_call = lambda call: "latest" if call.method == "eth_blockNumber" else None
        process = rig.listener(odd.url)
        assert process.wait() == 2
        assert "eth_blockNumber answered 'latest'" in one_sentence(process.text)
        rig.mirror_until(chain.head, odd.url, chain.url)
    assert_exact(rig, chain)


def test_start__postgres_away__says_so(chain: FakeChain, rig: Rig, tmp_path: Path) -> None:
    rig.database_url = f"postgresql://listener@/tombola?host={tmp_path}"
    process = rig.listener(chain.url)
    assert process.wait() == 2
    assert "Postgres cannot be reached; start it or correct DATABASE_URL" in one_sentence(process.text)


def test_start__postgres_url_that_is_none__says_so_without_the_password(rig: Rig) -> None:
    rig.database_url = "postgres:/me:open-sesame@db/x"
    process = rig.command("status")
    assert process.wait() == 2
    assert "Postgres cannot be reached" in one_sentence(process.text)
    assert '"(redacted)"' in one_sentence(process.text)
    assert "open-sesame" not in process.text


def test_start__registry_malformed__names_the_key(chain: FakeChain, rig: Rig) -> None:
    broken = copy.deepcopy(REGISTRY)
    broken["contracts"]["Raffle"]["address"] = "0x12"  # type: ignore[index]
    rig.write(broken)
    process = rig.listener(chain.url)
    assert process.wait() == 2
    assert "`contracts.Raffle.address` must be 0x and 40 hex digits" in one_sentence(process.text)


def test_start__option_missing__names_it(rig: Rig) -> None:
    process = rig.command("run", RPC_URLS="")
    assert process.wait() == 2
    assert "RPC_URLS is missing" in process.text


def test_start__mirror_of_another_chain__refused(chain: FakeChain, rig: Rig) -> None:
    rig.mirror_until(chain.head, chain.url)
    rig.write({**REGISTRY, "chain_id": 5})
    with FakeChain(chain_id=5) as other:
        process = rig.listener(other.url)
        assert process.wait() == 1
    assert "mirrors chain 31337, the registry is of chain 5" in one_sentence(process.text)


def test_start__role_may_not_create_the_schema__says_what_to_run(
    chain: FakeChain, rig: Rig, database: DatabaseUris
) -> None:
    with psycopg.connect(database.superuser, autocommit=True) as db:
        db.execute("DROP SCHEMA mirror CASCADE")
        db.execute(f"REVOKE CREATE ON DATABASE {database.name} FROM listener".encode())
    process = rig.listener(chain.url)
    assert process.wait() == 1
    assert "CREATE SCHEMA mirror AUTHORIZATION" in one_sentence(process.text)


def test_start__argument_changed_its_type__asks_for_rebuild(chain: FakeChain, rig: Rig) -> None:
    chain.mine([log(RAFFLE, NAMED, 1, "a")])
    rig.mirror_until(chain.head, chain.url)
    changed = copy.deepcopy(REGISTRY)
    changed["contracts"]["Raffle"]["abi"][0]["inputs"][1]["type"] = "bytes"  # type: ignore[index]
    rig.write(changed)
    process = rig.listener(chain.url)
    assert process.wait() == 1
    assert "python -m listener rebuild" in one_sentence(process.text)
    assert len(rig.rows()["raffle_named"]) == 1
    assert rig.command("rebuild", "--yes").wait() == 0
    rig.mirror_until(chain.head, chain.url)
    assert rig.rows()["raffle_named"] == []


def test_rebuild__while_a_listener_runs__refused(chain: FakeChain, rig: Rig) -> None:
    with rig.listener(chain.url) as process:
        process.wait_for_output("at the head")
        second = rig.command("rebuild", "--yes")
        assert second.wait() == 1
        assert "stop it first" in second.text


def test_status__after_a_run__numbers_of_the_mirror(chain: FakeChain, rig: Rig) -> None:
    chain.mine([log(RAFFLE, NAMED, 1, "a")], [])
    rig.mirror_until(chain.head, chain.url)
    process = rig.command("status", "--json")
    assert process.wait() == 0
    found = json.loads(process.text)
    assert (found["cursor_block"], found["head_block"], found["lag_blocks"]) == (2, 2, 0)
    assert found["rows"]["raffle_named"] == 1
    assert found["leader"] is False


@pytest.mark.parametrize(
    "harm", ["DELETE FROM mirror.raffle_named WHERE id = 7", "UPDATE mirror.raffle_named SET label = 'x'"]
)
def test_check__mirror_was_changed__reports_it(
    chain: FakeChain, rig: Rig, database: DatabaseUris, harm: str
) -> None:
    chain.mine(*traffic(20, seed=50), [log(RAFFLE, NAMED, 7, "a"), log(RAFFLE, PICKED, 7, [1, 2])])
    rig.mirror_until(chain.head, chain.url)
    fine = rig.command("check", RPC_URLS=chain.url)
    assert fine.wait() == 0, fine.text
    assert "0 differences" in fine.text
    with psycopg.connect(database.listener, autocommit=True) as db:
        db.execute(harm.encode())
    process = rig.command("check", RPC_URLS=chain.url)
    assert process.wait() == 1
    assert "mirror.raffle_named" in process.text


def test_registry_grows__new_event_and_contract__only_the_new_is_filled(chain: FakeChain, rig: Rig) -> None:
    """First the raffle's one event; then its second, the factory and its tokens, while live blocks go on."""
    chain.mine(*traffic(80, seed=51))
    rig.write(
        {"chain_id": 31337, "contracts": {"Raffle": {"address": RAFFLE, "first_block": 0, "abi": [NAMED]}}}
    )
    rig.mirror_until(chain.head, chain.url)
    assert list(rig.rows()) == ["raffle_named"]
    chain.mine(*traffic(15, seed=52))
    rig.write(REGISTRY)
    with rig.listener(chain.url, arguments=("--max-span", "9")) as process:
        chain.mine(*traffic(15, seed=53))
        process.wait_for_output("new sources are complete")
        chain.mine(*traffic(5, seed=54))
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


def test_registry_shrinks_and_grows__rows_are_complete(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(30, seed=55))
    rig.mirror_until(chain.head, chain.url)
    rig.write({"chain_id": 31337, "contracts": {"Raffle": REGISTRY["contracts"]["Raffle"]}})  # type: ignore[index]
    chain.mine(*traffic(30, seed=56))
    rig.mirror_until(chain.head, chain.url)
    rig.write(REGISTRY)
    chain.mine(*traffic(10, seed=57))
    rig.mirror_until(chain.head, chain.url)
    assert actual_keys(rig) == expected_keys(chain)


def test_names__sql_words_and_overloads__tables_exist(chain: FakeChain, rig: Rig) -> None:
    order = event("Order", ("address", "from"), ("uint64", "select"), ("int64", "blockNumber"), ("bool", ""))
    overloaded = [event("Set", ("uint256", "value")), event("Set", ("bytes", "value"))]
    rig.write(
        {
            "chain_id": 31337,
            "contracts": {"User": {"address": RAFFLE, "first_block": 0, "abi": [order, *overloaded]}},
        }
    )
    chain.mine([log(RAFFLE, order, "0x" + "11" * 20, 2**63, -5, True), log(RAFFLE, overloaded[1], b"\1")])
    rig.mirror_until(chain.head, chain.url)
    rows = rig.query("SELECT from_, select_, block_number_, arg3 FROM mirror.user_order")
    assert [tuple(row) for row in rows] == [(b"\x11" * 20, 2**63, -5, True)]
    assert sorted(len(rows) for name, rows in rig.rows().items() if name.startswith("user_set_")) == [0, 1]


def test_backend_role__reads_and_does_not_write(chain: FakeChain, rig: Rig, database: DatabaseUris) -> None:
    chain.mine([log(RAFFLE, NAMED, 1, "a")])
    rig.mirror_until(chain.head, chain.url)
    with psycopg.connect(database.backend, autocommit=True) as db:
        assert db.execute("SELECT label FROM mirror.raffle_named").fetchall() == [("a",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("DELETE FROM mirror.raffle_named")
