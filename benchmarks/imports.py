"""Benchmark of imports: `python -m benchmarks.imports [--rows N …] [--format csv]`.

Lists of 10,000, 100,000 and 1,000,000 rows (account, comment, time, likes) are read from the file store into a
PostgreSQL of its own, as the worker does it, in a process of its own for each. Printed: seconds, rows a second, peak
resident memory of the process and how much of it the import added, and beside it a bare COPY of the same rows into the
same table, keys and references included, which is the least that storing them takes.
"""

import argparse
import asyncio
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import openpyxl
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import make_engine
from backend.files.folder import FolderStore
from backend.files.links import FileLinks
from backend.jobs.process import TASKS
from backend.migrate import migrate
from backend.participants.importing import read_import
from benchmarks.memory import most_memory
from tools.run.postgres import Postgres

ROWS = (10_000, 100_000, 1_000_000)
NAMES = ["username", "comment", "posted_at", "likes"]
MIB = 2**20


def rows(count: int) -> Iterator[list[str]]:
    """As a platform exports them; one account in ten comes again, in another spelling."""
    for n in range(count):
        name = f"@Person_{n - 7}" if n % 10 == 9 else f"person_{n}"
        yield [
            name,
            f"Good luck to @friend_{n % 977}, number {n}",
            f"2026-11-01T10:{n % 60:02}:00Z",
            str(n % 50),
        ]


def write_list(path: Path, count: int, kind: str) -> None:
    """The list as a file."""
    if kind == "xlsx":
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in chain([NAMES], rows(count)):
            sheet.append(row)
        book.save(path)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if kind == "csv":
            csv.writer(file).writerows(chain([NAMES], rows(count)))
        else:
            for row in rows(count):
                file.write(json.dumps(dict(zip(NAMES, row, strict=True))) + "\n")


async def make_contest(engine: AsyncEngine) -> UUID:
    """A draft of somebody."""
    user, contest = uuid4(), uuid4()
    async with engine.begin() as db:
        person = 'INSERT INTO app."user" (id, email, password_hash) VALUES (:id, :email, :hash)'
        await db.execute(text(person), {"id": user, "email": f"{user}@example.org", "hash": "-"})
        draft = (
            "INSERT INTO app.contest (id, owner_id, title, rules, post_reference, winners, alternates)"
            " VALUES (:id, :owner, 'Bench', '-', '-', 1, 0)"
        )
        await db.execute(text(draft), {"id": contest, "owner": user})
    return contest


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """The list's bytes."""
    file = await asyncio.to_thread(path.open, "rb")
    with file:
        while piece := await asyncio.to_thread(file.read, MIB):
            yield piece


async def one_import(database_url: str, folder: Path, path: Path) -> dict[str, float]:
    """Seconds, and memory in MiB."""
    for module in TASKS:  # as the worker has them in memory
        import_module(module)
    engine, files = make_engine(database_url, 3), FolderStore(folder, FileLinks([], "http://127.0.0.1"))
    contest, row = await make_contest(engine), uuid4()
    key = f"imports/{row}"
    size = await files.write(key, pieces(path))
    async with engine.begin() as db:
        waits = (
            "INSERT INTO app.contest_import (id, contest_id, source, file_name, file_key, bytes_total)"
            " VALUES (:id, :contest, 'file', 'list', :key, :size)"
        )
        await db.execute(text(waits), {"id": row, "contest": contest, "key": key, "size": size})
    services: Any = SimpleNamespace(engine=engine, files=files, import_places=asyncio.Semaphore(1))
    before, started = most_memory(), time.perf_counter()
    await read_import(services, row)
    seconds, peak = time.perf_counter() - started, most_memory()
    async with engine.connect() as db:
        done = await db.execute(
            text("SELECT state, rows FROM app.contest_import WHERE id = :id"), {"id": row}
        )
        state, count = done.one()
    if state != "done":
        raise SystemExit(f"The import is {state} after {count} rows.")
    copied = await bare_copy(engine, database_url, row)
    await engine.dispose()
    return {"seconds": seconds, "copy": copied, "peak": peak, "before": before, "mib": size / MIB}


async def bare_copy(engine: AsyncEngine, database_url: str, from_import: UUID) -> float:
    """Seconds to COPY the rows that the import stored, as a client sends them, into another contest."""
    contest, row = await make_contest(engine), uuid4()
    async with engine.begin() as db:
        other = "INSERT INTO app.contest_import (id, contest_id, source) VALUES (:id, :contest, 'file')"
        await db.execute(text(other), {"id": row, "contest": contest})
    driver = await asyncpg.connect(database_url)
    out = io.BytesIO()
    columns = "number, row_number, account_key, account, comment, posted_at, likes"
    query = f"SELECT $1::uuid, $2::uuid, {columns} FROM app.participant WHERE import_id = $3"
    await driver.copy_from_query(query, contest, row, from_import, output=out, format="binary")
    out.seek(0)
    started = time.perf_counter()
    await driver.copy_to_table(
        "participant",
        schema_name="app",
        source=out,
        format="binary",
        columns=["contest_id", "import_id", *columns.split(", ")],
    )
    seconds = time.perf_counter() - started
    await driver.close()
    return seconds


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, nargs="+", default=ROWS)
    options.add_argument("--format", choices=("csv", "jsonl", "xlsx"), default="csv")
    options.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(asyncio.run(one_import(given.one[0], Path(given.one[1]), Path(given.one[2])))))
        return
    with tempfile.TemporaryDirectory(prefix="tombola-bench-") as name:
        folder = Path(name)
        server = Postgres(folder / "postgres")
        try:
            server.start()
            uris = server.create_database("imports")
            migrate(uris.backend)
            print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores; {given.format}")
            print(
                f"{'rows':>9} {'MiB':>6} {'s':>7} {'rows/s':>8} {'COPY s':>7} {'ratio':>6} {'peak MiB':>9} {'added':>6}"
            )
            for count in given.rows:
                path = folder / f"{count}.{given.format}"
                write_list(path, count, given.format)
                command = [sys.executable, "-m", "benchmarks.imports", "--one", uris.backend, name, str(path)]
                told = json.loads(
                    subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                )
                print(
                    f"{count:>9,} {told['mib']:>6.1f} {told['seconds']:>7.2f} {count / told['seconds']:>8,.0f}"
                    f" {told['copy']:>7.2f} {told['seconds'] / told['copy']:>6.1f} {told['peak']:>9.0f}"
                    f" {told['peak'] - told['before']:>6.0f}",
                    flush=True,
                )
                path.unlink()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
