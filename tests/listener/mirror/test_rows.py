"""Packed rows, read back from a real PostgreSQL, are the values that went in."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.chain.events import AbiType, Argument, Event
from listener.mirror.names import column_names
from listener.mirror.rows import EPOCH_2000_SECONDS, compile_packer, sanitised
from listener.mirror.schema import Column, EventTable, sql_type
from listener.mirror.store import copy_rows
from tests.listener.chain.test_abi import events
from tools.run.postgres import DatabaseUris


def table_of(event: Event) -> EventTable:
    names = column_names([argument.name for argument in event.arguments])
    columns = tuple(
        Column(n, sql_type(a.type, a.indexed), a) for n, a in zip(names, event.arguments, strict=True)
    )
    return EventTable("packed", "Test", event, columns)


def as_json(value: Any, kind: AbiType) -> Any:
    """The documented form of a value in jsonb."""
    if kind.kind in ("uint", "int"):
        return str(value)
    if kind.kind in ("array", "tuple"):
        kinds = kind.items * len(value) if kind.kind == "array" else kind.items
        return [as_json(part, item) for part, item in zip(value, kinds, strict=True)]
    return "0x" + value.hex() if isinstance(value, bytes) else value


@pytest.fixture
def db(database: DatabaseUris) -> Any:
    with psycopg.connect(database.listener, autocommit=True) as connection:
        yield connection


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=events())
def test_pack__any_event__reads_back(db: psycopg.Connection[Any], case: tuple[Event, list[Any]]) -> None:
    event, values = case
    values = sanitised(list(values))
    table = table_of(event)
    row = compile_packer(table)(7, b"\1" * 32, 86_400_000_000, 3, b"\2" * 32, b"\3" * 20, tuple(values))
    with db.transaction(force_rollback=True):
        db.execute(table.ddl.encode())
        with db.cursor() as cursor:
            copy_rows(cursor, psycopg.sql.Identifier("mirror", "packed"), [row])
        found = db.execute("SELECT * FROM mirror.packed").fetchone()
    assert found is not None
    time = datetime.fromtimestamp(EPOCH_2000_SECONDS + 86_400, UTC)
    assert found[:6] == (7, b"\1" * 32, time, 3, b"\2" * 32, b"\3" * 20)
    for got, value, column in zip(found[6:], values, table.columns, strict=True):
        wanted = as_json(value, column.argument.type) if column.sql_type == "jsonb" else value
        assert got == (Decimal(wanted) if column.sql_type.startswith("numeric") else wanted)


@pytest.mark.parametrize("value", [0, 1, 9999, 10_000, 10**18, 2**256 - 1, 12_0000_0000, 5 * 10**76])
def test_pack__numeric__exact(db: psycopg.Connection[Any], value: int) -> None:
    event = Event("E", (Argument("value", AbiType("int", 256), False),))
    table = table_of(event)
    pack = compile_packer(table)
    signed = [value, -value] if value < 2**255 else [value]
    rows = [pack(n, b"", 0, 0, b"", b"", (number,)) for n, number in enumerate(signed)]
    with db.transaction(force_rollback=True), db.cursor() as cursor:
        db.execute(table.ddl.encode())
        copy_rows(cursor, psycopg.sql.Identifier("mirror", "packed"), rows)
        found = db.execute("SELECT value, value::text FROM mirror.packed ORDER BY block_number").fetchall()
    assert found == [(Decimal(number), str(number)) for number in signed]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_sanitised__clean_text__unchanged(text: str) -> None:
    wanted = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    assert sanitised([text, (text,)]) == [wanted, (wanted,)]


def test_sanitised__surrogates_of_broken_bytes__replaced() -> None:
    assert sanitised(b"a\xff\0b".decode("utf-8", "surrogateescape")) == "a\ufffd\ufffdb"
