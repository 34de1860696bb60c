"""Reports, the largest and files, over one story: two raffles, a token, a contest, an account that acts."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from pyarrow import parquet

from backend.analytics.check import check
from backend.analytics.folding import NothingMirroredError, advance
from backend.settings import Settings
from tests.backend.analytics.expected import days_ago
from tests.backend.reads.contest_kit import Person, draw, opening_of
from tests.backend.reads.facts import ChainOfFacts, address, event, shown
from tests.backend.reads.naive import ZERO
from tests.backend.reads.stories import granted, plan_created, raffle_created, tickets_bought, token_created
from tools.run.postgres import DatabaseUris

URL = "/api/v1/analytics"
TOKEN, ANN, BEN = address(0x70), address(0xB1), address(0xB2)
DAY = 86_400
FEE, FUNDS = 21_000 * 30 * 10**9, 10**24


def transfer(giver: bytes, receiver: bytes, value: int) -> Any:
    return event("Token", "Transfer", _at=TOKEN, **{"from": giver, "to": receiver, "value": value})


@pytest.fixture
async def story(app: FastAPI, facts: ChainOfFacts, olga: Person, settings: Settings) -> ChainOfFacts:
    """Olga's raffle sells on two days; somebody else's on the second; everything is folded."""
    mine = bytes.fromhex(olga.wallet[2:])
    contest = await olga.draft()
    rule = [{"kind": "entries_per_person", "most": 3}]
    assert (await olga.http.put(f"/api/v1/contests/{contest['id']}/filters", json=rule)).is_success
    draw(facts, opening_of(settings.database_url, await olga.commit(contest)))
    facts.block(
        token_created(TOKEN),
        raffle_created(1, organiser=mine),
        raffle_created(2, title="=1+1"),
        transfer(ZERO, ANN, FUNDS),
        plan_created(1, TOKEN, creator=mine),
        granted(1, 1, ANN, 1_000),
    )
    facts.block(tickets_bought(0, 3, ANN, 0), transfer(ANN, BEN, FUNDS // 4))
    facts.block(
        tickets_bought(3, 2, BEN, 1),
        tickets_bought(5, 1, ANN, 2),
        tickets_bought(0, 4, BEN, 0, raffle_id=2),
        number=DAY + 7_200,
        final=DAY + 7_200,
    )
    with psycopg.connect(settings.database_url) as db:
        db.execute(
            "INSERT INTO app.slot (wallet_id, nonce, intent_id, position, gas_limit, state, fee, winner, succeeded,"
            " block_number, block_hash, final_at) SELECT i.wallet_id, 0, i.id, 0, 21000, 'signed', %s, NULL, NULL,"
            " NULL, NULL, NULL FROM app.intent i",
            [FEE],
        )
        (slot,) = db.execute("SELECT id FROM app.slot").fetchone() or (None,)
        db.execute(
            "INSERT INTO app.attempt (hash, slot_id, raw, max_fee, priority_fee) VALUES ('\\x01', %s, '\\x', 1, 1)",
            [slot],
        )
        db.execute(
            "UPDATE app.slot SET state = 'final', winner = '\\x01', succeeded = true, block_number = 1,"
            " block_hash = '\\x01', final_at = now()"
        )
    assert await advance(app.state.services.engine)
    return facts


async def get(who: Person, path: str = "", **params: Any) -> Any:
    answer = await who.http.get(f"{URL}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def lines(report: Any, metric: str) -> dict[str, tuple[str | None, list[str]]]:
    """Dimension → total and values."""
    (found,) = (one for one in report["metrics"] if one["metric"] == metric)
    return {
        line["dimension"]: (line["total"], [point["value"] for point in line["points"]])
        for line in found["lines"]
    }


def promote(settings: Settings, name: str, role: str) -> None:
    with psycopg.connect(settings.database_url) as db:
        db.execute('UPDATE app."user" SET role = %s WHERE email = %s', [role, f"{name}@example.org"])


async def test_reports__of_platform_self_raffle_and_token__say_what_happened(
    app: FastAPI, story: ChainOfFacts, olga: Person, otto: Person, settings: Settings
) -> None:
    whole = {"span": "day", "since": f"{_iso(0)}", "until": f"{_iso(3)}"}
    promote(settings, "otto", "support")
    native, token = ZERO.hex(), TOKEN.hex()
    platform = await get(otto, **whole)
    assert lines(platform, "tickets")[native] == ("10", ["3", "7"])
    assert lines(platform, "volume")[native] == (str(10 * 10**17), [str(3 * 10**17), str(7 * 10**17)])
    assert lines(platform, "players")[""] == (None, ["1", "2"])
    assert lines(platform, "new_players")[""] == ("2", ["1", "1"])
    assert lines(platform, "holders")[token] == ("2", ["2"])
    assert lines(platform, "supply")[token] == (str(FUNDS), [str(FUNDS)])
    assert lines(platform, "draws_by_platform") == {"file": ("1", ["1"])}
    assert lines(platform, "draws_by_filter") == {"entries_per_person": ("1", ["1"])}
    (volume,) = (one for one in platform["metrics"] if one["metric"] == "volume")
    assert (volume["lines"][0]["symbol"], volume["lines"][0]["token"]) == ("POL", None)
    assert platform["final_until"] == f"{_iso(1)[:11]}02:00:00Z"
    now = await get(otto, span="hour", metric=["sign_ups", "gas", "transactions"])
    assert lines(now, "sign_ups")[""][0] == "1"
    assert lines(now, "gas")["user"][0] == str(FEE)

    mine = await get(olga, "/mine", **whole)
    assert lines(mine, "tickets")[native] == ("6", ["3", "3"])
    assert lines(mine, "granted")[token][0] == "1000"
    assert lines(mine, "contest_draws")[""][0] == "1"
    assert lines(await get(olga, "/mine", metric="gas"), "gas")["user"][0] == str(FEE)
    nobody = await get(otto, "/mine", **whole)
    assert all(not metric["lines"] for metric in nobody["metrics"])

    later = await get(otto, "/raffles/1", span="day", since=_iso(1), until=_iso(2))
    assert lines(later, "tickets")[native] == ("3", ["3"])
    (tickets,) = (one for one in later["metrics"] if one["metric"] == "tickets")
    assert tickets["lines"][0]["before"] == "3"
    held = await get(otto, f"/tokens/{shown(TOKEN)}", span="day", since=_iso(1), until=_iso(2))
    assert lines(held, "holders")[token] == ("2", []), "a level stands until it changes"
    assert lines(held, "top_10")[token] == (str(FUNDS), [])
    spread = await get(otto, f"/tokens/{shown(TOKEN)}/concentration")
    assert spread["largest"][0] == {"holders": 1, "amount": str(FUNDS - FUNDS // 4)}
    assert (spread["holders"], spread["half_held_by"], spread["supply"]) == (2, 1, str(FUNDS))

    best = await get(otto, "/top", kind="raffles", metric="tickets", **whole)
    assert [(one["number"], one["name"], one["value"]) for one in best["items"]] == [
        ("1", "Meadow raffle", "6"),
        ("2", "=1+1", "4"),
    ]
    organisers = await get(otto, "/top", kind="organisers", **whole)
    largest = organisers["items"][0]
    assert (largest["address"], largest["value"]) == (olga.wallet, str(6 * 10**17))
    assert [
        one["name"] for one in (await get(otto, "/top", kind="tokens", metric="transfers", **whole))["items"]
    ] == ["Meadow"]


async def test_files__csv_and_parquet__hold_the_same_whole_numbers(
    app: FastAPI, story: ChainOfFacts, olga: Person, otto: Person, settings: Settings
) -> None:
    with psycopg.connect(settings.database_url) as db:
        db.execute(
            "INSERT INTO app.analytics VALUES ('', 'credits_spent', 'hour', to_timestamp(%s), '=cmd()', %s)",
            [days_ago(59), 2**256 - 1],
        )
    promote(settings, "otto", "support")
    params = {"span": "day", "since": _iso(0), "until": _iso(3)}
    answer = await otto.http.get(f"{URL}/export", params=params)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {"metric": "credits_spent", "dimension": "'=cmd()", "value": str(2**256 - 1)}.items() <= next(
        row for row in rows if row["metric"] == "credits_spent"
    ).items()
    sold = [row["value"] for row in rows if row["metric"] == "tickets"]
    assert sold == ["3", "7"]
    answer = await otto.http.get(f"{URL}/export", params={**params, "format": "parquet"})
    assert answer.headers["content-disposition"].endswith('-day.parquet"')
    table = parquet.read_table(io.BytesIO(answer.content)).to_pylist()
    assert [str(Decimal(row["value"])) for row in table] == [row["value"] for row in rows]
    assert [row["at"].isoformat().replace("+00:00", "Z") for row in table] == [row["at"] for row in rows]
    assert next(row for row in table if row["metric"] == "volume")["decimals"] == 18
    mine = await olga.http.get(f"{URL}/mine/export", params={**params, "metric": "tickets"})
    assert mine.content.decode().count("\n") == 3


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "range_refused"),
        ({"span": "hour", "since": "2026-01-01T00:00:00Z", "until": "2026-06-01T00:00:00Z"}, "range_refused"),
        ({"since": "0001-01-01T00:00:00Z"}, "range_refused"),
        ({"metric": "luck"}, "metric_unknown"),
        ({"metric": "sign_ups"}, "metric_unknown"),
    ],
)
async def test_report__a_question_without_an_answer__says_why(
    olga: Person, params: dict[str, str], code: str
) -> None:
    answer = await olga.http.get(f"{URL}/mine", params=params)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_check__a_figure_that_was_changed__is_found(
    app: FastAPI, story: ChainOfFacts, settings: Settings
) -> None:
    engine = app.state.services.engine
    assert (await check(engine)).differences == []
    with psycopg.connect(settings.database_url) as db:
        db.execute(
            "UPDATE app.analytics SET value = value + 1 WHERE metric = 'tickets' AND scope = 'r1' AND at = "
            "(SELECT min(at) FROM app.analytics WHERE metric = 'tickets')"
        )
        db.execute("DELETE FROM app.analytics WHERE metric = 'players' AND scope = 'r1' AND span = 'day'")
    found = await check(engine)
    assert [(one.metric, one.stored, one.found) for one in found.differences] == [
        ("players", None, 1),
        ("tickets", 4, 3),
    ]


async def test_figures__a_contract_filled_in_late__start_over(
    app: FastAPI, story: ChainOfFacts, otto: Person, database: DatabaseUris
) -> None:
    engine = app.state.services.engine
    buyer = address(0xB7)
    with psycopg.connect(database.listener) as db:
        db.execute("UPDATE mirror.source SET missing_from = 3 WHERE table_name = 'raffle_tickets_bought'")
    with pytest.raises(NothingMirroredError):
        await advance(engine)
    story.fill({6: [tickets_bought(6, 9, buyer, 3)]}, story.head)
    assert await advance(engine)
    sold = await get(otto, "/raffles/1", metric="tickets", since=_iso(0), until=_iso(1))
    assert lines(sold, "tickets")[ZERO.hex()][0] == "12"
    assert (await check(engine)).differences == []


def _iso(day: int) -> str:
    return datetime.fromtimestamp(days_ago(60) + day * DAY, UTC).isoformat().replace("+00:00", "Z")
