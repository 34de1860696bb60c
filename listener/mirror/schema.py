"""Tables of a registry: one per event, columns typed after the ABI.

| Solidity | column | Python value in `rows` |
|---|---|---|
| address, bytesN, bytes, indexed dynamic argument (its topic hash) | bytea | bytes |
| uint8…uint56, int8…int64 | bigint | int |
| wider integers | numeric(78,0) | int |
| bool | boolean | bool |
| string | text | str |
| arrays, tuples | jsonb | list, tuple |

In jsonb: integers are decimal strings, addresses and bytes lower-case 0x hex, an array a list, a tuple an
object keyed by the snake-cased component names (a list where a component has no name). Names:
`listener.mirror.names`. Every table has the key `(block_number, log_index)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from listener.chain.events import AbiType, Argument, Event
from listener.chain.registry import Registry
from listener.mirror.names import column_names, table_names

FIXED_DDL = (
    "block_number bigint NOT NULL",
    "block_hash bytea NOT NULL",
    "block_time timestamptz NOT NULL",
    "log_index integer NOT NULL",
    "transaction_hash bytea NOT NULL",
    "address bytea NOT NULL",
)
_WIDEST_BIGINT = {"uint": 56, "int": 64}


@dataclass(frozen=True)
class Column:
    """One argument's column."""

    name: str
    sql_type: str
    argument: Argument


@dataclass(frozen=True)
class EventTable:
    """The table of one event of one contract."""

    name: str
    contract: str
    event: Event
    columns: tuple[Column, ...]

    @property
    def ddl(self) -> str:
        """Statement that creates the table."""
        columns = [*FIXED_DDL, *(f"{column.name} {column.sql_type} NOT NULL" for column in self.columns)]
        return (
            f"CREATE TABLE mirror.{self.name} ({', '.join(columns)}, PRIMARY KEY (block_number, log_index))"
        )

    @property
    def shape(self) -> str:
        """The columns as text, to find out whether an existing table is this one."""
        return ", ".join(f"{column.name} {column.sql_type}" for column in self.columns)


def tables_of(registry: Registry) -> list[EventTable]:
    """All tables of a registry, in the order of its contracts and their ABIs."""
    events = [(contract.name, event) for contract in registry.contracts.values() for event in contract.events]
    names = table_names([(contract, event.name, event.signature, event.topic0) for contract, event in events])
    return [
        EventTable(name, contract, event, _columns(event.arguments))
        for name, (contract, event) in zip(names, events, strict=True)
    ]


def _columns(arguments: Sequence[Argument]) -> tuple[Column, ...]:
    names = column_names([argument.name for argument in arguments])
    return tuple(Column(n, sql_type(a.type, a.indexed), a) for n, a in zip(names, arguments, strict=True))


def sql_type(kind: AbiType, indexed: bool = False) -> str:
    """The column type of one argument."""
    if indexed and not kind.is_value:
        return "bytea"
    if kind.kind in _WIDEST_BIGINT:
        return "bigint" if (kind.size or 256) <= _WIDEST_BIGINT[kind.kind] else "numeric(78,0)"
    if kind.kind == "bool":
        return "boolean"
    if kind.kind == "string":
        return "text"
    return "jsonb" if kind.kind in ("array", "tuple") else "bytea"
