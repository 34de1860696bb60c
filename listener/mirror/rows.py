"""Rows in PostgreSQL's binary COPY format, packed by code compiled once per table.

`compile_packer(table)` returns a function that packs one event. It raises UnicodeEncodeError for text
PostgreSQL cannot hold (bytes that are no UTF-8, kept as surrogates by the decoder; NUL); `sanitised` replaces
those by U+FFFD, and the caller records the original bytes.
"""

import json
import struct
from collections.abc import Callable
from typing import Any

from listener.chain.events import AbiType
from listener.mirror.names import column_names
from listener.mirror.schema import EventTable

# (block_number, block_hash, block_time_us, log_index, transaction_hash, address, values) → one row
Packer = Callable[[int, bytes, int, int, bytes, bytes, tuple[Any, ...]], bytes]

COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER = b"\xff\xff"
EPOCH_2000_SECONDS = 946_684_800  # PostgreSQL counts time from 2000-01-01
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def compile_packer(table: EventTable) -> Packer:
    """Compile the packer of one table: one `struct` call per run of fixed-size columns."""
    scope: dict[str, Any] = {"numeric": _numeric, "text": _text, "blob": _blob}
    runs: list[str] = []
    layout = ">h iq i32s iq ii i32s i20s"
    count = 6 + len(table.columns)
    fields = [
        f"{count}",
        "8, number",
        "32, block_hash",
        "8, time",
        "4, index",
        "32, transaction",
        "20, address",
    ]

    def close_run() -> None:
        nonlocal layout, fields
        if fields:
            name = f"pack{len(scope)}"
            scope[name] = struct.Struct(layout).pack
            runs.append(f"{name}({', '.join(fields)})")
        layout, fields = ">", []

    for position, column in enumerate(table.columns):
        value, kind = f"v{position}", column.argument.type
        fixed = _fixed_field(kind, column.sql_type, column.argument.indexed)
        if fixed is not None:
            layout += fixed[0]
            fields.append(f"{fixed[1]}, {value}")
            continue
        close_run()
        if column.sql_type == "jsonb":
            scope[f"json{position}"] = json_writer(kind)
            runs.append(f"text('\\x01' + json{position}({value}))")
        else:
            runs.append(
                f"{ {'numeric(78,0)': 'numeric', 'text': 'text', 'bytea': 'blob'}[column.sql_type] }({value})"
            )
    close_run()
    names = "".join(f"v{position}, " for position in range(len(table.columns)))
    lines = [
        "def pack(number, block_hash, time, index, transaction, address, values):",
        f"    ({names}) = values" if names else "    pass",
        f"    return {' + '.join(runs)}",
    ]
    # The source holds only what this function wrote: positions, sizes and fixed names.
    exec("\n".join(lines), scope)  # noqa: S102
    packer: Packer = scope["pack"]
    return packer


def _fixed_field(kind: AbiType, sql_type: str, indexed: bool) -> tuple[str, int] | None:
    """Struct code and byte length of a column of fixed size; None for the others."""
    if sql_type == "bigint":
        return "iq", 8
    if sql_type == "boolean":
        return "i?", 1
    if sql_type == "bytea":
        size = 32 if indexed and not kind.is_value else {"address": 20, "bytesN": kind.size}.get(kind.kind)
        return (f"i{size}s", size) if size else None
    return None


_LENGTH = struct.Struct(">i").pack
_NUMERIC = [struct.Struct(f">ihhHh{n}H").pack for n in range(22)]
_SMALL_NUMERICS: list[bytes] = []  # ids and counts come again and again


def _numeric(value: int) -> bytes:
    """NUMERIC: digits to the base 10,000, most significant first, without trailing zeros."""
    if 0 <= value < len(_SMALL_NUMERICS):
        return _SMALL_NUMERICS[value]
    magnitude, digits = abs(value), []
    while magnitude:
        magnitude, digit = divmod(magnitude, 10_000)
        digits.append(digit)
    weight = len(digits) - 1
    digits.reverse()
    while digits and digits[-1] == 0:
        digits.pop()
    count = len(digits)
    return _NUMERIC[count](
        8 + 2 * count, count, weight if count else 0, 0x4000 if value < 0 else 0, 0, *digits
    )


_SMALL_NUMERICS += [_numeric(value) for value in range(4096)]


def _text(value: str) -> bytes:
    encoded = value.encode()
    if b"\0" in encoded:
        raise UnicodeEncodeError("utf-8", value, 0, 1, "PostgreSQL text holds no NUL")
    return _LENGTH(len(encoded)) + encoded


def _blob(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


def json_writer(kind: AbiType) -> Callable[[Any], str]:
    """A function writing one value as JSON text (see `listener.mirror.schema` for the form)."""
    if kind.kind in ("uint", "int"):
        return lambda value: f'"{value}"'
    if kind.kind == "bool":
        return lambda value: "true" if value else "false"
    if kind.kind == "string":
        return _json_string
    if kind.kind == "array":
        item = kind.items[0]
        if item.kind in ("uint", "int"):
            return lambda value: '["' + '","'.join(map(str, value)) + '"]' if value else "[]"
        write = json_writer(item)
        return lambda value: f"[{','.join(map(write, value))}]"
    if kind.kind == "tuple":
        return _tuple_writer(kind)
    return lambda value: f'"0x{value.hex()}"'


def _tuple_writer(kind: AbiType) -> Callable[[Any], str]:
    writers = [json_writer(item) for item in kind.items]
    if not all(kind.names):
        return lambda value: f"[{','.join(write(part) for write, part in zip(writers, value, strict=True))}]"
    keys = [f"{json.dumps(name.rstrip('_') or name)}:" for name in column_names(kind.names)]

    def write_object(value: Any) -> str:
        parts = (key + write(part) for key, write, part in zip(keys, writers, value, strict=True))
        return f"{{{','.join(parts)}}}"

    return write_object


def _json_string(value: str) -> str:
    if "\0" in value:
        raise UnicodeEncodeError("utf-8", value, 0, 1, "PostgreSQL jsonb holds no NUL")
    return json.dumps(value, ensure_ascii=False)


def sanitised(value: Any) -> Any:
    """The value with every NUL and every byte that is no UTF-8 replaced by U+FFFD, at any depth."""
    if isinstance(value, str):
        clean = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return clean.replace("\0", _REPLACEMENT)
    if isinstance(value, (list, tuple)):
        return type(value)(sanitised(part) for part in value)
    return value
