"""Random event types and values, encoded by eth_abi, with the columns the mirror should show for them.

Nothing here is the listener's code: what a column holds is worked out from the value that was encoded.
"""

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

Part = dict[str, Any]  # an argument or component as a JSON ABI writes it

_VALUE_TYPES = (
    "address", "uint256", "uint64", "uint56", "uint8", "int64", "int256", "int24", "bool", "bytes32", "bytes4",
)  # fmt: skip
_DYNAMIC_TYPES = (
    "string",
    "string",
    "bytes",
    "uint256[]",
    "address[]",
    "string[]",
    "int16[2][]",
    "tuple",
    "tuple[]",
)
_STATIC_ARRAYS = ("uint16[3]", "bytes32[2]", "tuple[2]")
_NAMES = (
    ("amount", "amount"), ("ticketId", "ticket_id"), ("from", "from_"), ("to", "to_"), ("user", "user_"),
    ("address", "address_"), ("blockNumber", "block_number_"), ("_owner", "owner"), ("URI", "uri"), ("maxURILength",
    "max_uri_length"), ("xmin", "xmin_"), ("value", "value"),
)  # fmt: skip
_TEXTS = (
    b"", b"plain", "Grüße 😀\u2028".encode(), b'"\\\'\n\t', b"\\u0000", b"long " * 60,
)  # fmt: skip
_HOSTILE_TEXTS = (b"a\0b", b"\xff\xfe", b"\xed\xa0\x80", b"\0", b"cut \xf0\x9f\x98", b"\\u0000\0")


@dataclass(frozen=True, eq=False)
class Event:
    """One event of an ABI; `columns` are the SQL names of its arguments."""

    name: str
    sql_name: str
    inputs: tuple[Part, ...]
    columns: tuple[str, ...]

    @cached_property
    def signature(self) -> str:
        return f"{self.name}({','.join(canonical(part) for part in self.inputs)})"

    @cached_property
    def topic0(self) -> str:
        return "0x" + keccak(self.signature.encode()).hex()

    @property
    def entry(self) -> Part:
        """The event as a JSON ABI writes it."""
        return {"type": "event", "name": self.name, "anonymous": False, "inputs": list(self.inputs)}


@dataclass(frozen=True, eq=False)
class Emission:
    """Topics and data of one log of `event`, and what they mean.

    `fate`: "row", "altered" (a row with U+FFFD in it, and a problem) or "undecodable" (a problem only).
    `row` holds the values of the argument columns; `address_of` the address in each address argument.
    """

    event: Event
    topics: tuple[str, ...]
    data: str
    fate: str
    row: tuple[Any, ...]
    address_of: dict[str, str]


def canonical(part: Part) -> str:
    """The type as signatures spell it."""
    kind: str = part["type"]
    if kind.startswith("tuple"):
        return f"({','.join(canonical(c) for c in part['components'])}){kind[5:]}"
    return kind


def random_event(rng: Random, name: str, sql_name: str) -> Event:
    """An event with up to five arguments, of which up to three are indexed."""
    inputs, columns, indexed = [], [], 0
    for position in range(rng.randrange(6)):
        kind = rng.choice(rng.choice((_VALUE_TYPES, _VALUE_TYPES, _DYNAMIC_TYPES, _STATIC_ARRAYS)))
        abi_name, column = rng.choice(_NAMES) if rng.random() < 0.9 else ("", f"arg{position}")
        if column in columns:
            abi_name, column = f"{'abcdef'[position]}Extra", f"{'abcdef'[position]}_extra"
        part: Part = {"type": kind, "name": abi_name, "indexed": indexed < 3 and rng.random() < 0.4}
        if kind.startswith("tuple"):
            part["components"] = _components(rng)
        indexed += part["indexed"]
        inputs.append(part)
        columns.append(column)
    return Event(name, sql_name, tuple(inputs), tuple(columns))


def _components(rng: Random) -> list[Part]:
    is_named = rng.random() < 0.7
    names = ("itemId", "note", "who")
    kinds = [rng.choice((*_VALUE_TYPES, "string", "uint256[]")) for _ in range(rng.randint(1, 3))]
    return [{"type": kind, "name": names[n] if is_named else ""} for n, kind in enumerate(kinds)]


_KEYS = {"itemId": "item_id", "note": "note", "who": "who"}


def emission(rng: Random, event: Event, addresses: tuple[str, ...], hostility: float) -> Emission:
    """A random log of `event`; address arguments are chosen from `addresses`."""
    values = [_value(rng, part["type"], part, addresses, hostility) for part in event.inputs]
    topics, kinds, rest, row, address_of, is_clean = [event.topic0], [], [], [], {}, True
    for part, value in zip(event.inputs, values, strict=True):
        if part["indexed"] and part["type"] not in _VALUE_TYPES:
            digest = rng.randbytes(32)
            topics.append("0x" + digest.hex())
            row.append(digest)
            continue
        if part["indexed"]:
            topics.append("0x" + encode([part["type"]], [value]).hex())
        else:
            kinds.append(
                canonical(part).replace("string", "bytes")
            )  # the same encoding, and takes broken UTF-8
            rest.append(value)
        if part["type"] == "address":
            address_of[part["name"]] = value
        column, clean = _column(part, value)
        row.append(column)
        is_clean &= clean
    data = encode(kinds, rest)
    if rng.random() < hostility:
        topics, data = _spoilt(rng, event, topics, data)
        return Emission(event, tuple(topics), "0x" + data.hex(), "undecodable", (), {})
    if rng.random() < 0.03:
        data += rng.randbytes(32)  # more than the event needs is no fault
    fate = "row" if is_clean else "altered"
    return Emission(event, tuple(topics), "0x" + data.hex(), fate, tuple(row), address_of)


def _spoilt(rng: Random, event: Event, topics: list[str], data: bytes) -> tuple[list[str], bytes]:
    """Topics and data that are no encoding of the event."""
    ways = ["cut"] * bool(data) + ["fewer"] * (len(topics) > 1) + ["more"] * (len(topics) < 4)
    unindexed = [part for part in event.inputs if not part["indexed"]]
    if unindexed and unindexed[0]["type"] in ("string", "bytes", "uint256[]", "string[]"):
        ways += ["outside"]
    if unindexed and unindexed[0]["type"] in ("bool", "address", "uint8", "uint56", "uint64"):
        ways += ["dirty"]
    way = rng.choice(ways)
    if way == "fewer":
        return topics[:-1], data
    if way == "more":
        return [*topics, "0x" + rng.randbytes(32).hex()], data
    if way == "outside":
        return topics, rng.choice((len(data), 2**63, 2**255)).to_bytes(32, "big") + data[32:]
    if way == "dirty":
        return topics, b"\xff" + data[1:]
    return topics, data[: rng.randrange(min(len(data), 32))]


def _value(rng: Random, kind: str, part: Part, addresses: tuple[str, ...], hostility: float) -> Any:
    if kind.endswith("]"):
        item, _, size = kind[:-1].rpartition("[")
        length = int(size) if size else rng.choice((0, 1, 2, 2, 5, 40) if rng.random() < 0.2 else (0, 1, 2))
        return [_value(rng, item, part, addresses, hostility) for _ in range(length)]
    if kind == "tuple":
        return tuple(_value(rng, c["type"], c, addresses, hostility) for c in part["components"])
    if kind == "address":
        return rng.choice(addresses)
    if kind == "bool":
        return rng.random() < 0.5
    if kind == "string":
        return rng.choice(_HOSTILE_TEXTS if rng.random() < hostility else _TEXTS)
    if kind == "bytes":
        return rng.randbytes(rng.choice((0, 1, 31, 32, 33, 100)))
    if kind.startswith("bytes"):
        return rng.randbytes(int(kind[5:]))
    bits = int(kind.lstrip("uint"))
    low, high = (0, 2**bits - 1) if kind[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return (
        rng.choice((low, high, rng.randint(low, high), rng.randint(max(low, -10), 10), 10_000))
        if bits > 16
        else rng.randint(low, high)
    )


def _column(part: Part, value: Any) -> tuple[Any, bool]:
    """What the column of an argument holds, and whether it holds it unaltered."""
    kind: str = part["type"]
    if kind.endswith("]") or kind == "tuple":
        return _json(kind, part, value)
    if kind == "address":
        return bytes.fromhex(value[2:]), True
    if kind == "string":
        return _text(value)
    return value, True


def _json(kind: str, part: Part, value: Any) -> tuple[Any, bool]:
    if kind.endswith("]"):
        item = kind[: kind.rindex("[")]
        pairs = [_json(item, part, one) for one in value]
        return [shown for shown, _ in pairs], all(clean for _, clean in pairs)
    if kind == "tuple":
        parts = part["components"]
        pairs = [_json(c["type"], c, one) for c, one in zip(parts, value, strict=True)]
        is_clean = all(clean for _, clean in pairs)
        if not parts[0]["name"]:
            return [shown for shown, _ in pairs], is_clean
        return {_KEYS[c["name"]]: shown for c, (shown, _) in zip(parts, pairs, strict=True)}, is_clean
    if kind == "string":
        return _text(value)
    if kind == "address":
        return value.lower(), True
    if kind == "bool":
        return value, True
    if kind.startswith("bytes"):
        return "0x" + value.hex(), True
    return str(value), True


def _text(raw: bytes) -> tuple[str, bool]:
    shown = raw.decode("utf-8", "replace").replace("\0", "\ufffd")
    return shown, shown.encode() == raw
