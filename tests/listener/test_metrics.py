"""What a scrape of the running listener says while providers and chains misbehave."""

import itertools
import re
import socket
import time
import tomllib
import urllib.error
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from prometheus_client import generate_latest

from listener import __version__
from listener.chain import faults
from listener.mirror.batch import BlockMark, Facts
from listener.mirror.store import Store
from listener.sync.metrics import Metrics
from tests.listener.abis import NAMED, RAFFLE, log
from tests.listener.fake_chain import GENESIS_TIME, Call, FakeChain, Refusal, Reply
from tests.listener.push import PushServer
from tests.listener.rig import Rig, expected_keys
from tests.listener.scrape import Scraped, watched
from tests.listener.test_run import assert_exact, traffic
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
PLACE = ("listener_cursor_block", "listener_head_block", "listener_lag_blocks", "listener_lag_seconds")


@pytest.fixture
def other() -> Iterator[FakeChain]:
    with FakeChain() as served:
        yield served


def test_backfill__events_rows_and_place(chain: FakeChain, rig: Rig) -> None:
    broken = log(RAFFLE, NAMED, 2, "x")
    broken["data"] = "0x" + "ff" * 40
    chain.mine(*traffic(120, seed=80), [log(RAFFLE, NAMED, 1, "a\0b"), broken])
    with watched(rig, chain.url) as listener:
        found = listener.wait_for("listener_cursor_block", chain.head)
        assert found["listener_head_block"] == chain.head
        assert found["listener_finalized_block"] == chain.final
        assert found["listener_lag_blocks"] == found["listener_lag_seconds"] == 0
        assert found["listener_leader"] == 1
        stored = {table: len(rows) for table, rows in rig.rows().items()}
        assert {table: found["listener_rows_total", "table", table] for table in stored} == stored
        assert found["listener_events_total"] == sum(map(len, expected_keys(chain).values()))
        assert found["listener_problems_total", "kind", "altered"] == 1
        assert found["listener_problems_total", "kind", "undecodable"] == 1
        assert found["listener_spans_total"] == found["listener_commit_duration_seconds_count"] > 1
        assert found["listener_reorg_depth_blocks_count"] == 0
        assert time.time() - found["listener_last_commit_timestamp_seconds"] < 60
        assert found["process_resident_memory_bytes"] > 2**20


def test_requests__are_all_counted_by_method(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(50, seed=81))
    with watched(rig, chain.url) as listener:
        listener.wait_for("listener_lag_blocks", 0)
        chain.on_request = lambda calls: Reply(503, "") if len(calls) else None
        listener.wait_for("listener_rpc_state", 1, "provider", chain.url, "state", "resting")
        found = listener.scrape()
        assert found.total("listener_rpc_duration_seconds_count") == chain.requests
        methods = {key[2] for key in found.samples if key[0] == "listener_rpc_duration_seconds_count"}
        assert methods == {"eth_chainId", "eth_blockNumber", "eth_getBlockByNumber", "eth_getLogs"}


def test_slow_answers__show_in_the_histogram(chain: FakeChain, rig: Rig) -> None:
    def slow(calls: list[Call]) -> None:
        if any(call.method == "eth_getLogs" for call in calls):
            time.sleep(0.3)

    chain.on_request = slow
    chain.mine([log(RAFFLE, NAMED, 1, "x")])
    labels = ("method", "eth_getLogs", "provider", chain.url)
    with watched(rig, chain.url) as listener:
        found = listener.wait_for("listener_cursor_block", chain.head)
        name = "listener_rpc_duration_seconds"
        asked = found[f"{name}_count", *labels]
        assert asked >= 1
        assert found[f"{name}_bucket", "le", "0.25", *labels] == 0
        assert found[f"{name}_sum", *labels] >= 0.3 * asked


def test_faults__each_is_counted_under_its_kind(chain: FakeChain, rig: Rig) -> None:
    """Every other request fails, so that the breaker stays closed."""
    faulty = [
        *[Reply(429, "", {"Retry-After": "0.01"})] * 4,
        *[Reply(500)] * 3,
        Reply(200, "[{"),
        Reply(200, "[]"),
        Reply(404),
    ]
    with watched(rig, chain.url) as listener:
        listener.wait_for("listener_lag_blocks", 0)
        assert listener.scrape().errors(chain.url) == {}
        chain.mine(*traffic(3, seed=82))
        replies = itertools.chain.from_iterable((reply, None) for reply in faulty)
        chain.on_request = lambda calls: next(replies, None)
        labels = ("kind", "http_4xx", "provider", chain.url)
        found = listener.wait_for("listener_rpc_errors_total", 1, *labels)
        assert found.errors(chain.url) == {"rate_limited": 4, "http_5xx": 3, "malformed": 2, "http_4xx": 1}
        listener.wait_for("listener_cursor_block", chain.head)
    assert_exact(rig, chain)


def test_range_refused__is_counted(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(60, seed=83))
    refusals = itertools.count()

    def limited(call: Call) -> None:
        wanted = call.params[0] if call.method == "eth_getLogs" else {}
        if "fromBlock" in wanted and int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) >= 7:
            next(refusals)
            raise Refusal("block range too large", -32005)

    chain.on_call = limited
    with watched(rig, chain.url) as listener:
        found = listener.wait_for("listener_cursor_block", chain.head)
        assert found.errors(chain.url) == {"range": next(refusals)}


def test_reorg_of_3__depth_in_the_histogram(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=84))
    with watched(rig, chain.url) as listener:
        listener.wait_for("listener_cursor_block", chain.head)
        chain.fork(3, traffic(3, seed=85))
        found = listener.wait_for("listener_reorg_depth_blocks_count", 1)
        assert found["listener_reorg_depth_blocks_sum"] == 3
        assert found["listener_reorg_depth_blocks_bucket", "le", "2.0"] == 0
        assert found["listener_reorg_depth_blocks_bucket", "le", "3.0"] == 1
        listener.wait_for("listener_cursor_block", chain.head)
    assert_exact(rig, chain)


def test_logs_fail_while_the_chain_goes_on__lag_in_blocks_and_seconds(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(10, seed=86))
    with watched(rig, chain.url) as listener:
        listener.wait_for("listener_cursor_block", 10)
        chain.on_call = fail_logs
        chain.mine(*traffic(7, seed=87))
        found = listener.wait_for("listener_lag_blocks", 7)
        assert (found["listener_cursor_block"], found["listener_head_block"]) == (10, 17)
        assert found["listener_lag_seconds"] == 7
        age = time.time() - (GENESIS_TIME + 17)
        assert found["listener_head_age_seconds"] == pytest.approx(age, abs=60)
        assert listener.health()["lag_blocks"] == 7
        listener.process.wait_until(lambda: listener.scrape()["listener_retries_total"] > 0)
        chain.on_call = None
        assert listener.wait_for("listener_lag_blocks", 0)["listener_lag_seconds"] == 0


def test_logs_are_slow__spans_are_in_flight(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=90))
    chain.hold = lambda calls: any(call.method == "eth_getLogs" for call in calls)
    with watched(rig, chain.url, arguments=("--max-span", "5")) as listener:
        listener.process.wait_until(lambda: listener.scrape()["listener_spans_in_flight"] > 1)
        chain.hold = None
        listener.wait_for("listener_cursor_block", chain.head)
        listener.wait_for("listener_spans_in_flight", 0)


def fail_logs(call: Call) -> Any:
    if call.method == "eth_getLogs":
        raise Refusal("upstream is busy, try again")
    return None


def test_two_providers__one_rests_one_is_refused(chain: FakeChain, other: FakeChain, rig: Rig) -> None:
    other.on_request = lambda calls: Reply(500)
    with FakeChain(chain_id=5) as foreign, watched(rig, other.url, foreign.url, chain.url) as listener:
        found = listener.wait_for("listener_rpc_state", 1, "provider", foreign.url, "state", "refused")
        assert found.errors(foreign.url) == {"wrong_chain": 1}
        found = listener.wait_for("listener_rpc_state", 1, "provider", other.url, "state", "resting")
        assert set(found.errors(other.url)) == {"http_5xx"}
        assert found["listener_rpc_state", "provider", chain.url, "state", "ready"] == 1
        listener.wait_for("listener_cursor_block", chain.head)


def test_standby__claims_nothing_until_it_leads(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=88))
    with watched(rig, chain.url) as first, watched(rig, chain.url) as second:
        first.wait_for("listener_cursor_block", chain.head)
        second.process.wait_for_output("standing by")
        found = second.scrape()
        assert found["listener_leader"] == 0
        assert not any(name in found for name in PLACE)
        assert found["listener_events_total"] == 0
        assert second.health() == {"role": "standby"}
        assert first.health()["role"] == "leader"
        first.process.kill()
        found = second.wait_for("listener_leader", 1)
        found = second.wait_for("listener_cursor_block", chain.head)
        assert all(name in found for name in PLACE)
        chain.mine([log(RAFFLE, NAMED, 1, "x")])
        assert second.wait_for("listener_cursor_block", chain.head)["listener_events_total"] == 1
        health = second.health()
        assert health.pop("last_commit_age_seconds") < 60
        assert health == {
            "role": "leader", "cursor_block": chain.head, "head_block": chain.head, "lag_blocks": 0
        }  # fmt: skip


def test_lead_lost__claims_nothing_until_it_leads_again(chain: FakeChain, rig: Rig) -> None:
    """Another session waits for the leader's lock and gets it when the leader's connection is cut."""
    with watched(rig, chain.url) as listener, psycopg.connect(rig.database_url, autocommit=True) as db:
        listener.wait_for("listener_cursor_block", chain.head)
        (leader,) = rig.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")
        with ThreadPoolExecutor() as waiting:
            locked = waiting.submit(db.execute, "SELECT pg_advisory_lock(%s, %s)", Store.lock_of(31337))
            wait_until(lambda: len(rig.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")) == 2)
            rig.query("SELECT pg_terminate_backend(%s)", *leader)
            locked.result(10)
        listener.process.wait_for_output("standing by")
        found = listener.scrape()
        assert found["listener_leader"] == 0
        assert not any(name in found for name in PLACE)
        assert listener.health() == {"role": "standby"}
        db.execute("SELECT pg_advisory_unlock_all()")
        chain.mine([log(RAFFLE, NAMED, 1, "x")])
        assert listener.wait_for("listener_cursor_block", chain.head)["listener_leader"] == 1


def test_push__subscription_notices_and_losses(chain: FakeChain, rig: Rig) -> None:
    with PushServer(chain) as push:
        name = push.url.removesuffix("/v2/secret-key")
        with watched(rig, chain.url, push.url) as listener:
            push.wait_for_subscriber()
            listener.wait_for("listener_lag_blocks", 0)
            for block in traffic(5, seed=89):
                push.mine(chain, block)
                listener.wait_for("listener_cursor_block", chain.head)
            found = listener.wait_for("listener_push_notices_total", 5, "provider", name)
            assert found["listener_push_subscribed", "provider", name] == 1
            assert found["listener_push_losses_total", "provider", name] == 0
            assert found["listener_head_to_commit_seconds_count"] == 5
            push.cut()
            listener.wait_for("listener_push_losses_total", 1, "provider", name)
            assert "secret-key" not in listener.text()


def test_scrape__a_client_that_says_nothing__holds_up_nobody(chain: FakeChain, rig: Rig) -> None:
    with watched(rig, chain.url) as listener:
        listener.wait_for("listener_lag_blocks", 0)
        with socket.create_connection(("127.0.0.1", listener.port)) as silent:
            silent.send(b"GET /metrics HT")
            chain.mine([log(RAFFLE, NAMED, 1, "x")])
            listener.wait_for("listener_cursor_block", chain.head)
            assert listener.process.terminate() == 0


def test_scrape__other_paths__404(chain: FakeChain, rig: Rig) -> None:
    with watched(rig, chain.url) as listener, pytest.raises(urllib.error.HTTPError, match="404"):
        listener.text("/secrets")


def test_port_in_use__says_so(chain: FakeChain, rig: Rig) -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        process = rig.listener(chain.url, arguments=("--metrics-port", str(port)))
        assert process.wait() == 2
    assert f"--metrics-port {port} cannot be used: Address already in use." in process.text


def test_docs__name_every_metric_and_no_other(chain: FakeChain, rig: Rig) -> None:
    documented = set(
        re.findall(r"^\| `(listener_\w+)`", (ROOT / "docs/listener-metrics.md").read_text(), re.M)
    )
    replies = iter([Reply(500)])
    with PushServer(chain) as push, watched(rig, chain.url, push.url) as listener:
        push.wait_for_subscriber()
        listener.wait_for("listener_lag_blocks", 0)
        chain.on_request = lambda calls: next(replies, None)
        push.mine(chain, [log(RAFFLE, NAMED, 1, "x")])
        listener.wait_for("listener_cursor_block", chain.head)
        names = set(re.findall(r"^# TYPE (listener_\w+)", listener.text(), re.M))
    assert names == documented


def test_docs__name_every_kind_of_error() -> None:
    text = (ROOT / "docs/listener-metrics.md").read_text()
    classes = [known for known in vars(faults).values() if isinstance(known, type)]
    kinds = {known.kind for known in classes if issubclass(known, faults.RpcError)}
    assert len(kinds) > 5
    assert all(f"`{kind}`" in text for kind in kinds)


def test_info__version_is_that_of_the_project(chain: FakeChain, rig: Rig) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert __version__ == project["version"]
    with watched(rig, chain.url) as listener:
        keys = [key for key in listener.scrape().samples if key[0] == "listener_build_info"]
        assert keys[0][1:3] == ("chain_id", "31337")
        assert keys[0][-1] == __version__


def test_many_tables__series_are_bounded() -> None:
    metrics = Metrics()
    mark = BlockMark(1, b"", b"", 0)
    for number in range(1000):
        metrics.committed(Facts(1, 1, rows={f"t{number}": [b"", b""]}, end=mark, events=2), 0.01)
    found = Scraped(generate_latest(metrics.registry).decode())
    series = [key for key in found.samples if key[0] == "listener_rows_total"]
    assert len(series) == 201
    assert found["listener_rows_total", "table", "other"] == 1600
