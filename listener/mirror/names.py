"""Stable SQL names for contracts, events and arguments.

Rules, in order (they depend on the ABI alone, never on history):
1. snake case: `TicketsBought` → `tickets_bought`, `VRFWord` → `vrf_word`, `_from` → `from`; an unnamed
argument is `arg<position>`.
2. A name that is an SQL key word, a fixed column or a system column gets `_` at its end: `from` → `from_`,
`address` → `address_`.
3. A table is `<contract>_<event>`. When several events of the registry would share it (overloads), each of
them gets `_` and the first 8 hex digits of its topic: `token_transfer_ddf252ad`. Should even those be equal,
Keccak of `Contract.signature` is used.
4. An argument whose name is taken by an earlier one gets `_2`, `_3`, …
5. Names are at most 63 bytes: a longer one is cut to 54 and gets `_` and 8 hex digits of the Keccak hash of
the full name.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from eth_hash.auto import keccak

FIXED_COLUMNS = ("block_number", "block_hash", "block_time", "log_index", "transaction_hash", "address")
_SYSTEM_COLUMNS = frozenset(("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"))
# Words PostgreSQL reserves (pg_get_keywords() categories R and T); the others need no quotes as names.
_RESERVED = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role
    current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
    except false fetch for foreign freeze from full grant group having ilike in initially inner intersect
    into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null
    offset on only or order outer overlaps placing primary references returning right select session_user
    similar some symmetric system_user table tablesample then to trailing true union unique user using
    variadic verbose when where window with
    """.split()  # noqa: SIM905 - a list of quoted words would hide the words
)
_LONGEST = 63


def snake(name: str) -> str:
    """`TicketsBought` → `tickets_bought`; characters SQL names do not have become `_`."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"_+", "_", re.sub(r"[^a-z0-9_]", "_", name.lower())).strip("_")


def _short(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    return f"{name[:54].rstrip('_')}_{keccak(name.encode()).hex()[:8]}"


def column_names(arguments: Sequence[str]) -> list[str]:
    """Column names of an event's arguments, in order."""
    taken: set[str] = set()
    names = []
    for position, argument in enumerate(arguments):
        name = snake(argument) or f"arg{position}"
        if name[0].isdigit():
            name = f"arg_{name}"
        if name in _RESERVED or name in FIXED_COLUMNS or name in _SYSTEM_COLUMNS:
            name += "_"
        name, base, count = _short(name), name, 1
        while name in taken:
            count += 1
            name = _short(f"{base.rstrip('_')}_{count}")
        taken.add(name)
        names.append(name)
    return names


def table_names(events: Iterable[tuple[str, str, str, bytes]]) -> list[str]:
    """Table names of `(contract, event, signature, topic0)`, in order."""
    known = list(events)
    plain = [_plain_table(contract, event) for contract, event, _, _ in known]
    count = Counter(plain)
    hashed = [
        name if count[name] == 1 else _short(f"{name}_{topic0.hex()[:8]}")
        for name, (_, _, _, topic0) in zip(plain, known, strict=True)
    ]
    count = Counter(hashed)
    return [
        name if count[name] == 1 else _short(f"{base}_{keccak(f'{contract}.{signature}'.encode()).hex()[:8]}")
        for name, base, (contract, _, signature, _) in zip(hashed, plain, known, strict=True)
    ]


def _plain_table(contract: str, event: str) -> str:
    name = f"{snake(contract) or 'contract'}_{snake(event) or 'event'}"
    return _short(name + "_" if name in _RESERVED else name)
