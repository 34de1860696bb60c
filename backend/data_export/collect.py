"""Writing a copy: one snapshot of the database, row by row into a ZIP on the disk, so memory does not grow with it.

README.txt            what this is
contents.json         files with their rows, and what is kept back, with the reason
<area>.json           {"<table>": [row, …], …}
csv/<table>.csv       the same rows for a spreadsheet
csv/statement-<currency>.csv
avatar.webp, uploads/…, certificates/…
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import IO, Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.certificates.gather import facts_of
from backend.certificates.service import certificate
from backend.contests import store
from backend.csv_lines import BYTE_ORDER_MARK, csv_line
from backend.data_export.sources import AREAS, NOT_IN_IT, SOURCES, Source
from backend.files.store import FileMissing
from backend.ledger.statement import write_csv
from backend.mirror import MirrorNotReady, open_snapshot
from backend.profile.pictures import avatar_file
from backend.services import Services

_ROWS_AT_ONCE = 500
README = """This is everything that {site} keeps about your account, as of {when}.

Each area is a JSON file; csv/ has the same rows for a spreadsheet. Times are UTC, amounts are in the smallest unit of
their currency. contents.json lists the files, and what is kept back with the reason: secrets above all. Where staff
did something to your account you see the role they have, not who they are.

What is on the chain is public and not repeated here. Your wallet there: {address}
{site}/account shows it; {site}/api/v1/accounts/{address} is the same for programs.
"""
_AVATAR = text('SELECT avatar_key FROM app."user" WHERE id = :user')
_UPLOADS = text("""
    SELECT i.id, i.file_key, i.file_name FROM app.contest_import i JOIN app.contest c ON c.id = i.contest_id
    WHERE c.owner_id = :user AND i.file_key IS NOT NULL
""")
_PUBLISHED = text(
    "SELECT id FROM app.contest WHERE owner_id = :user AND contest_key IS NOT NULL ORDER BY seq"
)
_CURRENCIES = text("SELECT currency FROM app.ledger_account WHERE user_id = :user ORDER BY currency")
_WALLET = text("SELECT encode(address, 'hex') FROM app.wallet WHERE user_id = :user")


@dataclass
class _Zip:
    """The ZIP that is being written. `rows`: how many each table has, by file."""

    file: zipfile.ZipFile
    names: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    def open(self, name: str) -> IO[bytes]:
        """A file to write to; one at a time."""
        self.names.append(name)
        return self.file.open(name, "w", force_zip64=True)

    async def put(self, name: str, chunks: AsyncIterator[bytes]) -> None:
        """A whole file, piece by piece."""
        with self.open(name) as into:
            async for chunk in chunks:
                into.write(chunk)


async def collect(services: Services, user_id: UUID, into: IO[bytes]) -> None:
    """Write the copy. Raises FilesUnavailable, CertificateFailed: then it is to be made again."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
        made = _Zip(file)
        async with services.engine.connect() as connection:
            db = await connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            for area in AREAS:
                await _area(made, db, user_id, [source for source in SOURCES if source.area == area])
            values = {"user": user_id}
            avatar = await db.scalar(_AVATAR, values)
            uploads = (await db.execute(_UPLOADS, values)).all()
            published = list(await db.scalars(_PUBLISHED, values))
            currencies = list(await db.scalars(_CURRENCIES, values))
            address = await db.scalar(_WALLET, values)
        for currency in currencies:
            name = f"csv/statement-{currency.lower()}.csv"
            await made.put(name, write_csv(services.engine, user_id, currency))
        if avatar is not None:
            await _stored(made, services, "avatar.webp", avatar_file(avatar))
        for upload in uploads:
            ending = PurePosixPath(upload.file_name or "").suffix
            await _stored(made, services, f"uploads/{upload.id}{ending}", upload.file_key)
        for contest_id in published:
            await _certificate(made, services, user_id, contest_id)
        _describe(made, services, f"0x{address}")


async def _area(made: _Zip, db: AsyncConnection, user_id: UUID, sources: list[Source]) -> None:
    with made.open(f"{sources[0].area}.json") as into:
        for number, source in enumerate(sources):
            into.write(("{" if number == 0 else ",\n").encode())
            into.write(f'"{source.table}": ['.encode())
            rows = 0
            async for row in _rows(db, source, user_id):
                into.write((",\n" if rows else "\n").encode())
                into.write(json.dumps(row, ensure_ascii=False).encode())
                rows += 1
            into.write(b"]")
            made.rows[source.table] = rows
        into.write(b"}\n")
    for source in sources:
        if made.rows[source.table]:
            await made.put(f"csv/{source.table}.csv", _csv(db, source, user_id))


async def _csv(db: AsyncConnection, source: Source, user_id: UUID) -> AsyncIterator[bytes]:
    yield BYTE_ORDER_MARK + csv_line(*source.shown)
    async for row in _rows(db, source, user_id):
        yield csv_line(*(_cell(value) for value in row.values()))


async def _rows(db: AsyncConnection, source: Source, user_id: UUID) -> AsyncIterator[dict[str, Any]]:
    options = {"yield_per": _ROWS_AT_ONCE}
    async with db.stream(text(source.query), {"user": user_id}, execution_options=options) as found:
        async for row in found.mappings():
            yield {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    """As JSON has it: times in ISO 8601, bytes in hex, amounts as text, which no reader rounds."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bytes():
            return f"0x{value.hex()}"
        case UUID() | Decimal():
            return str(value)
        case list():
            return [_value(one) for one in value]
        case _:
            return value


def _cell(value: Any) -> str | int:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, int | str) else json.dumps(value, ensure_ascii=False)


async def _stored(made: _Zip, services: Services, name: str, key: str) -> None:
    """A file of the store; one that went meanwhile is left out, and contents.json does not name it."""
    try:
        await services.files.size(key)
    except FileMissing:
        return
    await made.put(name, services.files.read(key))


async def _certificate(made: _Zip, services: Services, user_id: UUID, contest_id: UUID) -> None:
    """Of a draw that is final; others have none yet."""
    try:
        async with open_snapshot(services.engine) as mirror:
            row, fact = await store.visible(mirror.db, contest_id, user_id)
            if fact is None or not fact.is_drawn or not mirror.as_of.is_final([fact]):
                return
            url = f"{services.settings.site}/contests/{contest_id}"
            facts = await facts_of(mirror.db, row, fact, url)
    except MirrorNotReady:
        return
    paper = await certificate(services.files, facts, row["language"])
    with made.open(f"certificates/{contest_id}.pdf") as into:
        into.write(paper)


def _describe(made: _Zip, services: Services, address: str) -> None:
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    site = services.settings.site
    kept_back: dict[str, str | Mapping[str, str]] = {
        source.table: source.kept_back for source in SOURCES if source.kept_back
    }
    contents = {
        "made_at": datetime.now(UTC).isoformat(),
        "files": made.names,
        "rows": made.rows,
        "columns_kept_back": kept_back,
        "tables_not_in_it": NOT_IN_IT,
    }
    with made.open("contents.json") as into:
        into.write(json.dumps(contents, ensure_ascii=False, indent=1).encode())
    with made.open("README.txt") as into:
        into.write(README.format(site=site, when=when, address=address).encode())
