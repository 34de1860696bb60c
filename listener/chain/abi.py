"""Events compiled to decoders, once per event: fixed-offset slices for static data, a bounded walk for
dynamic data.

`compile_decoder(event)` returns a function `(topics, data) -> values` over the hex strings of a log, one
value per argument: int, bool, bytes (address, bytesN, bytes, and the 32-byte hash of an indexed dynamic
argument), str, list (arrays), tuple (tuples). A str keeps bytes that are no UTF-8 as lone surrogates
(`surrogateescape`), so nothing is lost here.

Values outside their type are refused (DecodeError), as is data that points outside itself or whose nested
values expand to more than its own length by pointing twice at the same place. Missing or dirty padding behind a string is
accepted: old contracts emit it. Equality with eth_abi is a property test.
"""

import struct
from binascii import unhexlify
from collections.abc import Callable, Sequence
from typing import Any

from listener.chain.events import AbiType, Event

Decoder = Callable[[Sequence[str], str], tuple[Any, ...]]
Reader = Callable[[bytes, int, "Budget"], Any]
FlatReader = Callable[[bytes, int], Any]

_MOST_UNROLLED_WORDS = 64


class DecodeError(ValueError):
    """The log is no encoding of the event; the message says what is wrong."""


class Budget:
    """How many more bytes a walk may read; a fair encoding never needs more than the data has."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, count: int) -> None:
        """Take `count` bytes from the budget."""
        self.left -= count
        if self.left < 0:
            raise DecodeError("the data expands to more than its own length")


def compile_decoder(event: Event) -> Decoder:
    """Compile the decoder of one event. It raises DecodeError, and ValueError where the log holds no hex."""
    return _Compiler(event).compile()


class _Compiler:
    """Writes the source of one decoder: a single `struct` call over topics and head, range checks, then the
    values.
    """

    def __init__(self, event: Event) -> None:
        self.event = event
        self.layout = ">"
        self.checks: list[str] = []
        self.scope: dict[str, Any] = {"DecodeError": DecodeError, "Budget": Budget}
        self.fields = 0

    def compile(self) -> Decoder:
        indexed = self.event.indexed
        topics_bytes = 32 * len(indexed)
        values: dict[int, str] = {}
        ordered = sorted(enumerate(self.event.arguments), key=lambda pair: not pair[1].indexed)
        for position, argument in ordered:
            if not argument.indexed:
                values[position] = self._head(argument.type, topics_bytes)
            elif argument.type.is_value:
                values[position] = self._value(argument.type)
            else:
                values[position] = self._field("32s")
        hex_parts = [f"topics[{n + 1}][2:]" for n in range(len(indexed))] + ["data[2:]"]
        fields = "".join(f"v{n}, " for n in range(self.fields))
        lengths = "".join(f" or len(topics[{n + 1}]) != 66" for n in range(len(indexed)))
        lines = [
            "def decode(topics, data):",
            f"    if len(topics) != {len(indexed) + 1}{lengths}:",
            f"        raise DecodeError('the log has %d topics, the event {len(indexed) + 1}' % len(topics))",
            f"    raw = fromhex({' + '.join(hex_parts)})",
            f"    if len(raw) < {struct.calcsize(self.layout)}:",
            f"        raise DecodeError('the data has %d bytes, the event at least "
            f"{struct.calcsize(self.layout) - topics_bytes}' % (len(raw) - {topics_bytes}))",
            f"    ({fields}) = unpack(raw)" if self.fields else "    pass",
            *(
                f"    if {check}: raise DecodeError('argument value {n} is outside its type')"
                for n, check in enumerate(self.checks)
            ),
            f"    budget = Budget(len(raw) - {topics_bytes})"
            if "budget" in "".join(values.values())
            else "    pass",
            f"    return ({''.join(values[n] + ', ' for n in range(len(values)))})",
        ]
        self.scope |= {
            "unpack": struct.Struct(self.layout).unpack_from,
            "fromhex": unhexlify,
            "number": int.from_bytes,
        }
        # The source holds positions, sizes and fixed names that this class wrote, nothing of the ABI's text.
        exec("\n".join(lines), self.scope)  # noqa: S102
        decoder: Decoder = self.scope["decode"]
        return decoder

    def _field(self, code: str) -> str:
        self.layout += code
        self.fields += 1
        return f"v{self.fields - 1}"

    def _check(self, condition: str) -> None:
        self.checks.append(condition)

    def _head(self, kind: AbiType, base: int) -> str:
        """Expression of one argument in the data, whose first byte is `base`."""
        if not kind.is_dynamic and kind.head_bytes <= 32 * _MOST_UNROLLED_WORDS:
            return self._static(kind)
        name, flat = f"read{len(self.scope)}", _flat_reader(kind)
        self.scope[name] = flat or _reader(kind)
        if kind.is_dynamic:
            padding, offset = self._field("24s"), self._field("Q")
            self._check(f"{padding} != {bytes(24)!r}")
            at = f"{base} + {offset}"
        else:
            at = str(struct.calcsize(self.layout))
            self.layout += f"{kind.head_bytes}x"
        return f"{name}(raw, {at})" if flat else f"{name}(raw, {at}, budget)"

    def _static(self, kind: AbiType) -> str:
        if kind.kind == "tuple":
            return f"({''.join(self._static(item) + ', ' for item in kind.items)})"
        if kind.kind == "array":
            return f"[{', '.join(self._static(kind.items[0]) for _ in range(kind.size or 0))}]"
        return self._value(kind)

    def _value(self, kind: AbiType) -> str:
        """Expression of one word; appends its fields to the layout and its range check."""
        size = kind.size or 0
        if kind.kind == "address":
            padding, value = self._field("12s"), self._field("20s")
            self._check(f"{padding} != {bytes(12)!r}")
            return value
        if kind.kind == "bool":
            padding, value = self._field("31s"), self._field("B")
            self._check(f"{padding} != {bytes(31)!r} or {value} > 1")
            return f"{value} == 1"
        if kind.kind == "bytesN":
            value = self._field(f"{size}s")
            if size < 32:
                padding = self._field(f"{32 - size}s")
                self._check(f"{padding} != {bytes(32 - size)!r}")
            return value
        if size <= 64:
            padding, value = self._field("24s"), self._field("Q" if kind.kind == "uint" else "q")
            if kind.kind == "uint":
                self._check(
                    f"{padding} != {bytes(24)!r}" + (f" or {value} >= {1 << size}" if size < 64 else "")
                )
            else:
                low, high = -(1 << (size - 1)), 1 << (size - 1)
                sign = f"{padding} != ({bytes([255] * 24)!r} if {value} < 0 else {bytes(24)!r})"
                self._check(sign + (f" or not {low} <= {value} < {high}" if size < 64 else ""))
            return value
        word = self._field("32s")
        if kind.kind == "int":
            if size < 256:
                self._check(
                    f"not {-(1 << (size - 1))} <= number({word}, 'big', signed=True) < {1 << (size - 1)}"
                )
            return f"number({word}, 'big', signed=True)"
        if size < 256:
            self._check(f"{word}[:{32 - size // 8}] != {bytes(32 - size // 8)!r}")
        return f"number({word}, 'big')"


def _word(raw: bytes, at: int) -> bytes:
    word = raw[at : at + 32]
    if len(word) != 32:
        raise DecodeError("the data points outside itself")
    return word


def _length(raw: bytes, at: int) -> int:
    return int.from_bytes(_word(raw, at), "big")


def _reader(kind: AbiType) -> Reader:
    """A function reading a value that starts at a position, not at an offset word."""
    flat = _flat_reader(kind)
    if flat is not None:
        return _counted(flat, kind.items[0].head_bytes if kind.items else 1)
    if kind.kind == "array":
        return _array_reader(kind)
    if kind.kind == "tuple":
        return _tuple_reader(kind)
    return _word_reader(kind)


def _counted(read: FlatReader, step: int) -> Reader:
    def read_counted(raw: bytes, at: int, budget: Budget) -> Any:
        value = read(raw, at)
        budget.spend(len(value) * step)
        return value

    return read_counted


def _flat_reader(kind: AbiType) -> FlatReader | None:
    """Reader of what holds no offsets, so that it is never longer than the data; None for other types."""
    if kind.kind in ("bytes", "string"):
        return _read_bytes if kind.kind == "bytes" else _read_string
    if kind.kind != "array" or kind.items[0].is_dynamic:
        return None
    return _flat_array_reader(kind)


def _read_bytes(raw: bytes, at: int) -> bytes:
    start = at + 32
    end = start + int.from_bytes(raw[at:start], "big")
    # A length that lies outside the data reads as 0 or short, and then `start` is too far.
    if end > len(raw):
        raise DecodeError("a string or bytes argument is longer than the data")
    return raw[start:end]


def _read_string(raw: bytes, at: int) -> str:
    start = at + 32
    end = start + int.from_bytes(raw[at:start], "big")
    if end > len(raw):
        raise DecodeError("a string or bytes argument is longer than the data")
    return raw[start:end].decode("utf-8", "surrogateescape")


def _flat_array_reader(kind: AbiType) -> FlatReader:
    item, fixed = kind.items[0], kind.size
    read, step = _reader(item), item.head_bytes
    plain_number = item.kind == "uint" and item.size == 256

    def read_array(raw: bytes, at: int) -> list[Any]:
        length, start = fixed, at
        if length is None:
            start = at + 32
            length = int.from_bytes(raw[at:start], "big")
        end = start + length * step
        if end > len(raw):
            raise DecodeError("an array is longer than the data")
        if plain_number:
            return [int.from_bytes(raw[n : n + 32], "big") for n in range(start, end, 32)]
        unlimited = Budget(end - start)
        return [read(raw, n, unlimited) for n in range(start, end, step)] if step else []

    return read_array


def _array_reader(kind: AbiType) -> Reader:
    """Reader of an array of dynamic items, whose offsets may point twice at the same place."""
    read, fixed = _reader(kind.items[0]), kind.size

    def read_array(raw: bytes, at: int, budget: Budget) -> list[Any]:
        length, start = (_length(raw, at), at + 32) if fixed is None else (fixed, at)
        end = start + length * 32
        if end > len(raw):
            raise DecodeError("an array is longer than the data")
        budget.spend(length * 32)
        return [read(raw, start + _length(raw, n), budget) for n in range(start, end, 32)]

    return read_array


def _tuple_reader(kind: AbiType) -> Reader:
    parts = [(_reader(item), item.head_bytes, item.is_dynamic) for item in kind.items]

    def read_tuple(raw: bytes, at: int, budget: Budget) -> tuple[Any, ...]:
        values, head = [], at
        for read, step, dynamic in parts:
            values.append(read(raw, at + _length(raw, head), budget) if dynamic else read(raw, head, budget))
            head += step
        return tuple(values)

    return read_tuple


def _word_reader(kind: AbiType) -> Reader:
    """Reader of one word, with the same range checks as the compiled code."""
    size = kind.size or 0
    if kind.kind in ("uint", "int"):
        return _integer_reader(size, signed=kind.kind == "int")
    left, right = {"address": (12, 32), "bool": (31, 32), "bytesN": (0, size)}[kind.kind]
    before, after = bytes(left), bytes(32 - right)
    is_bool = kind.kind == "bool"

    def read_word(raw: bytes, at: int, budget: Budget) -> Any:
        word = _word(raw, at)
        if word[:left] != before or word[right:] != after:
            raise DecodeError("a value is outside its type")
        if is_bool:
            if word[31] > 1:
                raise DecodeError("a bool is neither 0 nor 1")
            return word[31] == 1
        return word[left:right]

    return read_word


def _integer_reader(bits: int, *, signed: bool) -> Reader:
    low, high = (-(1 << (bits - 1)), 1 << (bits - 1)) if signed else (0, 1 << bits)

    def read_integer(raw: bytes, at: int, budget: Budget) -> int:
        value = int.from_bytes(_word(raw, at), "big", signed=signed)
        if not low <= value < high:
            raise DecodeError("an integer is outside its type")
        return value

    return read_integer
