"""Imports through the API and the worker: they add up, can be given up, and survive the death of who reads them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from backend.participants import importing, store
from backend.participants.importing import read_import
from backend.participants.service import MOST_IMPORTS
from tests.backend.participants.test_reading import workbook
from tests.backend.reads.contest_kit import URL, Person
from tests.backend.test_jobs_killed import lines, start
from tests.backend.working import comes_true, value, worker

DATA = Path("tests/data")
NOTHING_LEFT = "SELECT count(*) = 0 FROM jobs.procrastinate_jobs WHERE queue_name = 'imports'"


async def rows_of(person: Person, contest: Any) -> list[Any]:
    query = text(
        "SELECT number, row_number, account_key, comment FROM app.participant WHERE contest_id = :id ORDER BY number"
    )
    async with person.services.engine.connect() as db:
        return [tuple(row) for row in await db.execute(query, {"id": contest["id"]})]


def files_of(person: Person) -> list[Path]:
    folder = person.services.settings.files_dir / "imports"
    return list(folder.iterdir()) if folder.exists() else []


async def paste(person: Person, contest: Any, words: str, **columns: str) -> Any:
    answer = await person.http.post(f"{URL}/{contest['id']}/imports", json={"text": words, **columns})
    assert answer.status_code == 202, answer.text
    await read_import(person.services, UUID(answer.json()["id"]))
    return await person.get(f"/{contest['id']}/imports/{answer.json()['id']}")


async def test_several_imports__add_up__duplicates_over_all_of_them(olga: Person) -> None:
    contest = (await olga.make()).json()
    first = await olga.bring(contest, "username,comment\nana,hi\n@Ben,x\n,y\n")
    book = await olga.bring(contest, workbook([["username", "likes"], ["ANA", 3], ["clara", "many"]]))
    pasted = await paste(olga, contest, "@dora\r\nÀna\n ben ")
    shown = await olga.get(f"/{contest['id']}")

    assert [row[:3] for row in await rows_of(olga, contest)] == [
        *((1, 2, "ana"), (2, 3, "ben"), (3, 2, "ana"), (4, 3, "clara")),
        *((5, 1, "dora"), (6, 2, "àna"), (7, 3, "ben")),
    ]
    assert shown["counts"] == {
        "rows": 8,
        "accepted": 7,
        "duplicates": 2,
        "rejected": 1,
        "unique": 5,
        "rejected_for": {"blank_account": 1},
    }
    assert (first["columns"], first["bytes_read"]) == ({"account": "username", "comment": "comment"}, 34)
    assert (book["unread"], book["columns"]["likes"]) == ({"likes": 1}, "likes")
    assert (pasted["source"], pasted["file_name"], pasted["rows"]) == ("paste", None, 3)
    listed = await olga.get(f"/{contest['id']}/imports")
    assert [one["id"] for one in listed["items"]] == [first["id"], book["id"], pasted["id"]]


async def test_import_deleted__takes_its_participants_with_it(olga: Person) -> None:
    contest = (await olga.make()).json()
    first = await olga.bring(contest, "username\nana\n\nben\n")
    await olga.bring(contest, "username\nana\nclara\n")
    gone = await olga.http.delete(f"{URL}/{contest['id']}/imports/{first['id']}")
    again = await olga.http.delete(f"{URL}/{contest['id']}/imports/{first['id']}")
    shown = await olga.get(f"/{contest['id']}")

    assert (gone.status_code, again.json()["code"]) == (204, "import_not_found")
    assert [row[2] for row in await rows_of(olga, contest)] == ["ana", "clara"]
    assert shown["counts"]["rows"] == shown["counts"]["unique"] == 2
    assert (await olga.get(f"/{contest['id']}/rejections"))["items"] == []


async def test_import_cancelled_while_it_is_read__nothing_of_it_stays(
    olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.participants.csv_file.MOST_ROWS", 10)
    contest = (await olga.make()).json()
    accepted = (await olga.upload(contest, "username\n" + "".join(f"user {n}\n" for n in range(50)))).json()
    commit = await olga.post(f"/{contest['id']}/commit")
    write, stopped = importing._write, []

    async def cancelled_after_one(services: Any, reading: Any, batch: Any) -> None:
        await write(services, reading, batch)
        if not stopped:
            stopped.append(await olga.http.delete(f"{URL}/{contest['id']}/imports/{reading.import_id}"))

    monkeypatch.setattr(importing, "_write", cancelled_after_one)
    await read_import(olga.services, UUID(accepted["id"]))
    shown = await olga.get(f"/{contest['id']}/imports/{accepted['id']}")

    assert (commit.status_code, commit.json()["code"]) == (409, "import_running")
    assert stopped[0].status_code == 204
    assert (shown["state"], shown["rows"], shown["error"]) == ("cancelled", 0, None)
    assert await rows_of(olga, contest) == []


async def test_list_that_turns_out_bad__fails_with_its_reason_and_leaves_nothing(
    olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.participants.csv_file.MOST_ROWS", 10)
    contest = (await olga.make()).json()
    good = "".join(f"user {n}\n" for n in range(50))
    failed = await olga.bring(contest, b"username\n" + good.encode() + "José\n".encode("latin-1"))
    empty = await olga.bring(contest, "username\n")
    nobody = await olga.bring(contest, "a,b\n1,2\n")

    assert (failed["state"], failed["rows"], failed["error"]["code"]) == ("failed", 0, "not_utf8")
    assert "Latin-1" in failed["error"]["message"]
    assert "line 52" in failed["error"]["message"]
    assert (empty["error"]["code"], nobody["error"]["code"]) == ("empty", "no_account_column")
    assert await rows_of(olga, contest) == []
    async with worker(olga.services):
        await comes_true(olga.services, NOTHING_LEFT)
    assert files_of(olga) == []


async def test_comment_that_comes_again__rejected(olga: Person) -> None:
    contest = (await olga.make()).json()
    await olga.bring(contest, "username,comment_id\nana,1\nben,2\nben,2\nclara,\ndora,\n")
    await olga.bring(contest, "username,comment_id\nana,1\nana,3\n")
    rejected = (await olga.get(f"/{contest['id']}/rejections"))["items"]

    assert [row[2] for row in await rows_of(olga, contest)] == ["ana", "ben", "clara", "dora", "ana"]
    assert [(one["row"], one["reason"]) for one in rejected] == [
        (4, "comment_repeated"),
        (2, "comment_repeated"),
    ]


async def test_events__progress_and_the_end(olga: Person) -> None:
    contest = (await olga.make()).json()
    brought = await olga.bring(contest, "username\nana\nben\n,\n")
    async with olga.services.engine.connect() as db:
        query = text("SELECT event, payload FROM app.event WHERE subject = :id ORDER BY id")
        told = [tuple(row) for row in await db.execute(query, {"id": brought["id"]})]
    assert [event for event, _ in told] == ["import.progress", "import.finished"]
    assert told[1][1]["state"] == "done"
    assert (told[1][1]["rows"], told[1][1]["rejected_for"]) == (3, {"blank_account": 1})


BAD_REQUESTS: list[tuple[dict[str, Any], int, str]] = [
    ({"json": {"text": ""}}, 422, "invalid_input"),
    ({"json": {"text": "a\0b"}}, 422, "invalid_input"),
    ({"json": {"text": "ana", "colour": "red"}}, 422, "invalid_input"),
    ({"content": b"{", "headers": {"content-type": "application/json"}}, 422, "invalid_input"),
    ({"content": b"ana", "headers": {"content-type": "text/plain"}}, 400, "upload_malformed"),
    ({"files": {"other": ("a.csv", "username\n")}}, 400, "upload_malformed"),
    ({"files": {"file": ("a.csv", "username\n")}, "data": {"colour": "red"}}, 422, "invalid_input"),
    ({"files": {"file": ("a.csv", "username\n")}, "data": {"column": "x" * 5_000}}, 400, "upload_malformed"),
]


async def test_bad_requests__refused_and_leave_nothing(olga: Person) -> None:
    contest = (await olga.make()).json()
    path = f"{URL}/{contest['id']}/imports"
    for request, status, code in BAD_REQUESTS:
        answer = await olga.http.post(path, **request)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    unknown = await olga.http.post(f"{URL}/{uuid4()}/imports", json={"text": "ana"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "contest_not_found")
    assert (await olga.get(f"/{contest['id']}/imports"))["items"] == []
    assert files_of(olga) == []


async def test_upload_above_the_limit__refused_while_it_arrives(
    olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.participants.upload.MAX_FILE_BYTES", 1_000_000)
    monkeypatch.setattr("backend.participants.upload._FORM_BYTES", 0)
    contest = (await olga.make()).json()
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nusername\n'
        for _ in range(100):
            sent += 100_000
            yield b"x" * 100_000

    announced = await olga.upload(contest, "username\n" + "x" * 1_000_001)
    headers = {"content-type": "multipart/form-data; boundary=b"}
    streamed = await olga.http.post(f"{URL}/{contest['id']}/imports", content=endless(), headers=headers)

    assert (announced.status_code, announced.json()["code"]) == (413, "file_too_large")
    assert (streamed.status_code, streamed.json()["code"]) == (413, "file_too_large")
    assert sent <= 1_200_000


async def test_more_imports_or_participants_than_a_contest_may_have__refused(
    olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.participants.service.MOST_IMPORTS", 2)
    monkeypatch.setattr(store, "MOST_PARTICIPANTS", 3)
    contest = (await olga.make()).json()
    await olga.bring(contest, "username\nana\nben\n")
    failed = await olga.bring(contest, "username\nclara\ndora\n")
    third = await olga.upload(contest)

    assert (failed["state"], failed["error"]["code"]) == ("failed", "too_many_rows")
    assert len(await rows_of(olga, contest)) == 2
    assert (third.status_code, third.json()["code"]) == (409, "too_many_imports")
    assert MOST_IMPORTS > 2


async def test_ten_thousand_rows__by_the_worker(olga: Person) -> None:
    expected = json.loads((DATA / "participants-10k.expected.json").read_text())
    contest = (await olga.make()).json()
    accepted = (await olga.upload(contest, (DATA / "participants-10k.csv").read_bytes())).json()
    assert (accepted["state"], accepted["rows"]) == ("waiting", 0)
    async with worker(olga.services):
        await comes_true(olga.services, "SELECT state = 'done' FROM app.contest_import", timeout=60)
        await comes_true(olga.services, NOTHING_LEFT)
    counts = (await olga.get(f"/{contest['id']}"))["counts"]
    assert (counts["rows"], counts["unique"]) == (expected["rows"], expected["unique_accounts"])
    assert files_of(olga) == []


async def test_worker_killed_in_the_middle__the_next_goes_on__nothing_twice_nothing_lost(
    olga: Person,
) -> None:
    total = 120_000
    rows = "".join(f"user {n},comment {n}\r\n" if n % 10 else f",nobody {n}\n" for n in range(total))
    contest = (await olga.make()).json()
    accepted = (await olga.upload(contest, "username,comment\n" + rows)).json()
    world: Any = SimpleNamespace(services=olga.services)
    with start(world) as first:
        await comes_true(olga.services, "SELECT rows > 0 FROM app.contest_import", timeout=300)
        first.kill()
    stored = await value(olga.services, "SELECT rows FROM app.contest_import")
    participants = await value(olga.services, "SELECT count(*) FROM app.participant")
    rejections = await value(olga.services, "SELECT count(*) FROM app.contest_rejection")
    assert 0 < stored < total, "killed too late: the test shows nothing"
    assert participants + rejections == stored
    with start(world) as second:
        await comes_true(olga.services, "SELECT state = 'done' FROM app.contest_import", timeout=300)
        assert lines(second, "job_rescued")
    shown = await olga.get(f"/{contest['id']}/imports/{accepted['id']}")
    assert (shown["rows"], shown["rejected"]) == (total, total // 10)
    found = await rows_of(olga, contest)
    assert [row[0] for row in found] == list(range(1, len(found) + 1))
    assert [(row[2], row[3]) for row in found] == [
        (f"user {n}", f"comment {n}") for n in range(total) if n % 10
    ]
    assert await value(olga.services, "SELECT count(*) FROM app.contest_rejection") == total // 10
