"""Values to bytes and back by an ABI: structs as named tuples, accounts and contracts as addresses."""

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from eth_abi import decode, encode
from eth_utils import keccak, to_checksum_address

Entry = dict[str, Any]


def type_of(parameter: Entry) -> str:
    """The canonical type: structs written out."""
    if not parameter["type"].startswith("tuple"):
        return str(parameter["type"])
    return f"({','.join(type_of(part) for part in parameter['components'])}){parameter['type'][5:]}"


@lru_cache(maxsize=4096)
def checksum(address: str) -> str:
    return to_checksum_address(address)


def plain(value: Any) -> Any:
    """What eth_abi can encode: an account or contract becomes its address, everything inside a sequence too."""
    if hasattr(value, "address"):
        return value.address
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def _writer(parameter: Entry) -> Callable[[Any], Any]:
    """Turns what tests write into what eth_abi encodes: bytes may be hex, structs may be dicts."""
    kind = parameter["type"]
    if kind.endswith("]"):
        inner = _writer(parameter | {"type": kind[: kind.rindex("[")]})
        return lambda items: [inner(item) for item in items]
    if kind == "tuple":
        return _tuple_writer(parameter["components"])
    return _bytes if kind.startswith("bytes") else plain


def _tuple_writer(parts: Sequence[Entry]) -> Callable[[Any], Any]:
    names, writers = [part["name"] for part in parts], [_writer(part) for part in parts]

    def write(value: Any) -> Any:
        values = [value[name] for name in names] if isinstance(value, dict) else value
        return [put(item) for item, put in zip(values, writers, strict=True)]

    return write


def _bytes(value: Any) -> Any:
    return bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else value


def _reader(parameter: Entry) -> Callable[[Any], Any] | None:
    """Turns what eth_abi decodes into what tests read; None where nothing changes."""
    kind = parameter["type"]
    if kind.endswith("]"):
        inner = _reader(parameter | {"type": kind[: kind.rindex("[")]})
        return list if inner is None else lambda items: [inner(item) for item in items]
    if kind == "address":
        return checksum
    if kind != "tuple":
        return None
    return tuple_reader(parameter["components"])


def tuple_reader(parameters: Sequence[Entry]) -> Callable[[Any], Any]:
    """Names for the parts where all of them have one."""
    names = [part["name"] for part in parameters]
    make: Callable[..., Any] = (
        namedtuple("Values", names, rename=True) if all(names) else lambda *parts: tuple(parts)
    )
    readers = [_reader(part) for part in parameters]
    return lambda values: make(
        *(value if read is None else read(value) for value, read in zip(values, readers, strict=True))
    )


class Parameters:
    """A list of inputs or outputs."""

    def __init__(self, parameters: Sequence[Entry]) -> None:
        self.names = [part["name"] for part in parameters]
        self.types = [type_of(part) for part in parameters]
        self._writers = [_writer(part) for part in parameters]
        self._parameters = parameters

    @cached_property
    def _read(self) -> Callable[[Any], Any]:
        return tuple_reader(self._parameters)

    def encode(self, values: Sequence[Any]) -> bytes:
        if len(values) != len(self.types):
            raise TypeError(f"takes {len(self.types)} arguments ({', '.join(self.types)}), got {len(values)}")
        return encode(self.types, [write(value) for write, value in zip(self._writers, values, strict=True)])

    def decode(self, data: bytes) -> Any:
        return self._read(decode(self.types, data))


@dataclass(frozen=True)
class FunctionAbi:
    """One function: its selector, how it is called and what it answers."""

    name: str
    signature: str
    selector: bytes
    inputs: Parameters
    outputs: Parameters
    is_view: bool

    @classmethod
    def of(cls, entry: Entry) -> "FunctionAbi":
        inputs = Parameters(entry["inputs"])
        signature = f"{entry['name']}({','.join(inputs.types)})"
        is_view = entry["stateMutability"] in ("view", "pure")
        outputs = Parameters(entry["outputs"])
        return cls(entry["name"], signature, keccak(text=signature)[:4], inputs, outputs, is_view)

    def result(self, data: bytes) -> Any:
        if not self.outputs.types:
            return None
        values = self.outputs.decode(data)
        return values[0] if len(self.outputs.types) == 1 else values


@dataclass(frozen=True)
class ErrorAbi:
    """One custom error."""

    name: str
    signature: str
    selector: bytes
    inputs: Parameters

    @classmethod
    def of(cls, entry: Entry) -> "ErrorAbi":
        inputs = Parameters(entry["inputs"])
        signature = f"{entry['name']}({','.join(inputs.types)})"
        return cls(entry["name"], signature, keccak(text=signature)[:4], inputs)

    def arguments(self, data: bytes) -> dict[str, Any]:
        return dict(zip(self.inputs.names, self.inputs.decode(data[4:]), strict=True))


class EventLog:
    """One event: `event_name`, `address` of who emitted it, and its arguments as attributes."""

    def __init__(self, name: str, address: str, arguments: dict[str, Any]) -> None:
        self.event_name = name
        self.address = address
        self.arguments = arguments

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["arguments"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __repr__(self) -> str:
        return f"{self.event_name}({', '.join(f'{k}={v!r}' for k, v in self.arguments.items())})"


@dataclass(frozen=True)
class EventAbi:
    """One event: how topics and data become arguments."""

    name: str
    topic: bytes
    names: tuple[str, ...]
    indexed: Parameters
    plain: Parameters

    @classmethod
    def of(cls, entry: Entry) -> "EventAbi":
        types = ",".join(type_of(part) for part in entry["inputs"])
        indexed = [part for part in entry["inputs"] if part["indexed"]]
        # A value that does not fit a topic is there as its hash.
        topics = [part if _fits(part["type"]) else part | {"type": "bytes32"} for part in indexed]
        return cls(
            entry["name"],
            keccak(text=f"{entry['name']}({types})"),
            tuple(part["name"] for part in entry["inputs"]),
            Parameters(topics),
            Parameters([part for part in entry["inputs"] if not part["indexed"]]),
        )

    @property
    def key(self) -> tuple[bytes, int]:
        return self.topic, len(self.indexed.types)

    def decode(self, address: str, topics: Sequence[bytes], data: bytes) -> EventLog:
        values = dict(zip(self.indexed.names, self.indexed.decode(b"".join(topics[1:])), strict=True))
        values |= dict(zip(self.plain.names, self.plain.decode(data), strict=True))
        return EventLog(self.name, checksum(address), {name: values[name] for name in self.names})


def _fits(kind: str) -> bool:
    return not (kind.endswith("]") or kind in ("string", "bytes") or kind.startswith("tuple"))


class Registry:
    """Errors and events of all contracts, because one contract passes on what another one says."""

    def __init__(self, abis: Sequence[Sequence[Entry]]) -> None:
        self.errors: dict[bytes, ErrorAbi] = {}
        self.events: dict[tuple[bytes, int], EventAbi] = {}
        for abi in abis:
            for entry in abi:
                if entry["type"] == "error":
                    error = ErrorAbi.of(entry)
                    self.errors[error.selector] = error
                elif entry["type"] == "event" and not entry["anonymous"]:
                    event = EventAbi.of(entry)
                    self.events[event.key] = event
