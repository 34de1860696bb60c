"""Events as an ABI declares them: canonical types, signature, topic0."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from eth_hash.auto import keccak

# Six digits of length and a depth of 32 are more than the EVM can emit; recursion needs some bound.
_ARRAY = re.compile(r"^(?P<item>.+)\[(?P<length>[0-9]{0,6})\]$")
_DEEPEST = 32
_INTEGER = re.compile(r"^(u?)int([0-9]{0,3})$")
_BYTES = re.compile(r"^bytes([0-9]{1,2})$")
MAX_INDEXED = 3


class AbiError(ValueError):
    """An ABI entry that is no valid event; the message says which part and why."""


@dataclass(frozen=True)
class AbiType:
    """One Solidity type. `kind`: uint int address bool bytesN bytes string array tuple.

    `size` is bits for integers, bytes for bytesN, the length of a fixed array (None when dynamic).
    `items` holds the element type of an array or the component types of a tuple.
    """

    kind: str
    size: int | None = None
    items: tuple["AbiType", ...] = ()
    names: tuple[str, ...] = ()

    @cached_property
    def canonical(self) -> str:
        """The spelling that enters the signature hash, such as `(uint256,address)[]`."""
        if self.kind in ("uint", "int"):
            return f"{self.kind}{self.size}"
        if self.kind == "bytesN":
            return f"bytes{self.size}"
        if self.kind == "array":
            return f"{self.items[0].canonical}[{'' if self.size is None else self.size}]"
        if self.kind == "tuple":
            return f"({','.join(item.canonical for item in self.items)})"
        return self.kind

    @cached_property
    def is_dynamic(self) -> bool:
        """Whether the encoding has no fixed length, so that the head holds an offset."""
        if self.kind in ("string", "bytes"):
            return True
        if self.kind == "array":
            return self.size is None or self.items[0].is_dynamic
        return any(item.is_dynamic for item in self.items)

    @cached_property
    def head_bytes(self) -> int:
        """Length of this type's part in a head, in bytes."""
        if self.is_dynamic:
            return 32
        if self.kind == "array":
            return (self.size or 0) * self.items[0].head_bytes
        if self.kind == "tuple":
            return sum(item.head_bytes for item in self.items)
        return 32

    @property
    def is_value(self) -> bool:
        """Whether the type fits one word, so that an indexed argument holds the value and not its hash."""
        return self.kind not in ("string", "bytes", "array", "tuple")


@dataclass(frozen=True)
class Argument:
    """One argument of an event, in the order of the declaration."""

    name: str
    type: AbiType
    indexed: bool


@dataclass(frozen=True)
class Event:
    """One event of an ABI. `signature` is canonical, `topic0` its Keccak hash."""

    name: str
    arguments: tuple[Argument, ...]
    anonymous: bool = False
    signature: str = field(init=False)
    topic0: bytes = field(init=False)

    def __post_init__(self) -> None:
        types = ",".join(argument.type.canonical for argument in self.arguments)
        object.__setattr__(self, "signature", f"{self.name}({types})")
        object.__setattr__(self, "topic0", keccak(self.signature.encode()))

    @property
    def declaration(self) -> str:
        """The signature that also says what is indexed: `Transfer(address indexed,address indexed,uint256)`."""
        types = (a.type.canonical + " indexed" * a.indexed for a in self.arguments)
        return f"{self.name}({','.join(types)})"

    @property
    def indexed(self) -> tuple[Argument, ...]:
        """Arguments that live in the topics."""
        return tuple(argument for argument in self.arguments if argument.indexed)


def parse_type(text: str, components: Sequence[Any] = (), depth: int = 0) -> AbiType:
    """Parse a type of a JSON ABI (`uint256[2][]`, `tuple[]` with its components), inside `depth` others."""
    if depth > _DEEPEST:
        raise AbiError(f"a type is nested more than {_DEEPEST} deep")
    array = _ARRAY.match(text)
    if array:
        length = array["length"]
        return AbiType(
            "array", int(length) if length else None, (parse_type(array["item"], components, depth + 1),)
        )
    if text == "tuple":
        if not components:
            raise AbiError("a tuple has no `components`")
        parsed = [_parse_argument(component, depth + 1) for component in components]
        return AbiType("tuple", None, tuple(p.type for p in parsed), tuple(p.name for p in parsed))
    if text in ("address", "bool", "string", "bytes"):
        return AbiType(text)
    if text == "function":
        return AbiType("bytesN", 24)
    integer = _INTEGER.match(text)
    if integer:
        bits = int(integer[2] or 256)
        if bits % 8 == 0 and 8 <= bits <= 256:
            return AbiType("uint" if integer[1] else "int", bits)
    fixed = _BYTES.match(text)
    if fixed and 1 <= int(fixed[1]) <= 32:
        return AbiType("bytesN", int(fixed[1]))
    raise AbiError(f"type {text!r:.80} is not a Solidity type")


def _parse_argument(entry: Any, depth: int = 0) -> Argument:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise AbiError(f"an argument must be an object with a `type`, got {entry!r:.80}")
    name = entry.get("name") or ""
    if not isinstance(name, str):
        raise AbiError(f"an argument's name must be a string, got {name!r:.80}")
    components = entry.get("components") or ()
    if not isinstance(components, Sequence) or isinstance(components, str):
        raise AbiError(f"`components` of {name or 'an argument'} must be a list")
    return Argument(name, parse_type(entry["type"], components, depth), bool(entry.get("indexed", False)))


def parse_event(entry: dict[str, Any]) -> Event:
    """Parse one ABI entry of type `event`."""
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise AbiError("an event has no `name`")
    if not name.replace("$", "_").isidentifier():
        raise AbiError(f"{name!r:.80} is no name of an event")
    inputs = entry.get("inputs", [])
    if not isinstance(inputs, list):
        raise AbiError(f"`inputs` of event {name} must be a list")
    try:
        event = Event(
            name, tuple(_parse_argument(item) for item in inputs), bool(entry.get("anonymous", False))
        )
    except AbiError as error:
        raise AbiError(f"event {name}: {error}") from None
    if len(event.indexed) > MAX_INDEXED + event.anonymous:
        raise AbiError(
            f"event {name} has {len(event.indexed)} indexed arguments, the EVM has room for {MAX_INDEXED}"
        )
    return event


def events_of(abi: Sequence[Any]) -> Iterator[Event]:
    """The events of an ABI in its order, each signature once; anonymous ones are left out (no topic names
    them).
    """
    seen = set()
    for entry in abi:
        if not isinstance(entry, dict):
            raise AbiError(f"an ABI is a list of objects, found {entry!r:.80}")
        if entry.get("type") != "event":
            continue
        event = parse_event(entry)
        if event.anonymous or event.signature in seen:
            continue
        seen.add(event.signature)
        yield event
