"""Decoders against eth_abi, on random types, random values and damaged data."""

from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, InsufficientDataBytes, NonEmptyPaddingBytes
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from listener.chain.abi import DecodeError, compile_decoder
from listener.chain.events import AbiType, Argument, Event, parse_type

_INTEGERS = st.builds(
    lambda sign, size: f"{sign}int{size * 8}", st.sampled_from(("u", "")), st.integers(1, 32)
)
_WORDS = st.one_of(
    _INTEGERS, st.integers(1, 32).map(lambda n: f"bytes{n}"), st.sampled_from(("address", "bool"))
)
_LEAVES = st.one_of(_WORDS, st.sampled_from(("string", "bytes")))


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        inner.map(lambda t: f"{t}[]"),
        st.builds(lambda t, n: f"{t}[{n}]", inner, st.integers(1, 3)),
        st.lists(inner, min_size=1, max_size=3).map(lambda ts: f"({','.join(ts)})"),
    )


TYPES = st.recursive(_LEAVES, _deeper, max_leaves=4)


def parse(text: str) -> AbiType:
    """A type in eth_abi's spelling, which JSON ABIs do not have for tuples."""
    if text.endswith("]"):
        item, _, size = text[:-1].rpartition("[")
        return AbiType("array", int(size) if size else None, (parse(item),))
    if not text.startswith("("):
        return parse_type(text)
    parts, depth, start = [], 0, 1
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if (sign == "," and depth == 1) or (sign == ")" and depth == 0):
            parts.append(parse(text[start:at]))
            start = at + 1
    return AbiType("tuple", None, tuple(parts), ("",) * len(parts))


def values_of(kind: AbiType) -> st.SearchStrategy[Any]:
    size = kind.size or 0
    if kind.kind == "uint":
        return st.integers(0, 2**size - 1)
    if kind.kind == "int":
        return st.integers(-(2 ** (size - 1)), 2 ** (size - 1) - 1)
    if kind.kind == "array":
        limits = (0, 3) if kind.size is None else (kind.size, kind.size)
        return st.lists(values_of(kind.items[0]), min_size=limits[0], max_size=limits[1])
    if kind.kind == "tuple":
        return st.tuples(*map(values_of, kind.items))
    if kind.kind == "address":
        return st.binary(min_size=20, max_size=20)
    if kind.kind == "bytesN":
        return st.binary(min_size=size, max_size=size)
    return {"bool": st.booleans(), "string": st.text(max_size=70), "bytes": st.binary(max_size=70)}[kind.kind]


@st.composite
def events(draw: st.DrawFn) -> tuple[Event, list[Any]]:
    types = draw(st.lists(TYPES, max_size=5))
    arguments, values, indexed = [], [], 0
    for text in types:
        kind = parse(text)
        is_indexed = kind.is_value and indexed < 3 and draw(st.booleans())
        indexed += is_indexed
        arguments.append(Argument("", kind, is_indexed))
        values.append(draw(values_of(kind)))
    return Event("E", tuple(arguments)), values


def plain(value: Any, kind: AbiType) -> Any:
    """A value as eth_abi gives it, in the form the decoder has: address bytes, lists for arrays."""
    if kind.kind == "address":
        return bytes.fromhex(value[2:]) if isinstance(value, str) else value
    if kind.kind == "array":
        return [plain(part, kind.items[0]) for part in value]
    if kind.kind == "tuple":
        return tuple(plain(part, item) for part, item in zip(value, kind.items, strict=True))
    return value


def as_log(event: Event, values: list[Any]) -> tuple[list[str], str]:
    topics, types, rest = ["0x" + event.topic0.hex()], [], []
    for argument, value in zip(event.arguments, values, strict=True):
        if argument.indexed:
            topics.append("0x" + encode([argument.type.canonical], [value]).hex())
        else:
            types.append(argument.type.canonical)
            rest.append(value)
    return topics, "0x" + encode(types, rest).hex()


@settings(max_examples=400, deadline=None)
@given(events())
def test_decode__any_event__gives_back_the_values(case: tuple[Event, list[Any]]) -> None:
    event, values = case
    topics, data = as_log(event, values)
    wanted = tuple(plain(v, a.type) for v, a in zip(values, event.arguments, strict=True))
    assert compile_decoder(event)(topics, data) == wanted


@settings(max_examples=400, deadline=None)
@given(events(), st.data())
def test_decode__damaged_data__agrees_with_eth_abi_or_refuses(
    case: tuple[Event, list[Any]], draw: st.DataObject
) -> None:
    """Whatever the decoder accepts, eth_abi reads the same; it never crashes in another way."""
    event, values = case
    topics, data = as_log(event, values)
    raw = bytearray.fromhex(data[2:])
    assume(raw)
    for _ in range(draw.draw(st.integers(1, 3))):
        raw[draw.draw(st.integers(0, len(raw) - 1))] = draw.draw(st.integers(0, 255))
    del raw[draw.draw(st.integers(max(0, len(raw) - 40), len(raw))) :]
    try:
        found = compile_decoder(event)(topics, "0x" + raw.hex())
    except DecodeError:
        return
    inputs = [argument for argument in event.arguments if not argument.indexed]
    ours = [value for value, a in zip(found, event.arguments, strict=True) if not a.indexed]
    try:
        theirs = decode([a.type.canonical for a in inputs], bytes(raw), strict=False)
    except (InsufficientDataBytes, NonEmptyPaddingBytes, UnicodeDecodeError, DecodingError, OverflowError):
        return  # stricter about padding and UTF-8 than we are
    assert ours == [plain(value, a.type) for value, a in zip(theirs, inputs, strict=True)]


def event_of(*types: str, indexed: int = 0) -> Event:
    return Event("E", tuple(Argument("", parse(text), n < indexed) for n, text in enumerate(types)))


def word(number: int) -> str:
    return f"{number:064x}"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uint40", 2**40),
        ("uint64", 2**64),
        ("int24", 2**23),
        ("bool", 2),
        ("address", 2**160),
        ("uint128", 2**128),
        ("bytes4", 1),
    ],
)
def test_decode__value_outside_its_type__refused(kind: str, value: int) -> None:
    with pytest.raises(DecodeError):
        compile_decoder(event_of(kind))(["0x"], "0x" + word(value))
    with pytest.raises(DecodeError):
        compile_decoder(event_of(f"{kind}[]"))(["0x"], "0x" + word(32) + word(1) + word(value))


def test_decode__data_too_short__refused() -> None:
    with pytest.raises(DecodeError, match="the data has 31 bytes, the event at least 32"):
        compile_decoder(event_of("uint256"))(["0x"], "0x" + "00" * 31)


def test_decode__wrong_number_of_topics__refused() -> None:
    with pytest.raises(DecodeError, match="topics"):
        compile_decoder(event_of("uint256", indexed=1))(["0x"], "0x" + word(1))


def test_decode__offsets_to_the_same_place__do_not_explode() -> None:
    """Ten levels of arrays whose ten elements all point to one array would be 10^10 values."""
    width, depth = 10, 10
    body = ""
    for _ in range(depth - 1):
        body += word(width) + word(width * 32) * width
    body += word(width) + word(7) * width
    with pytest.raises(DecodeError, match="expands"):
        compile_decoder(event_of("uint256" + "[]" * depth))(["0x"], "0x" + word(32) + body)


def test_decode__broken_utf8__keeps_the_bytes() -> None:
    data = "0x" + word(32) + word(3) + "61ff00".ljust(64, "0")
    (text,) = compile_decoder(event_of("string"))(["0x"], data)
    assert text.encode("utf-8", "surrogateescape") == b"a\xff\0"


def test_decode__string_without_padding__accepted() -> None:
    assert compile_decoder(event_of("string"))(["0x"], "0x" + word(32) + word(3) + "616263") == ("abc",)


def test_decode__indexed_string__is_its_hash() -> None:
    event = Event("E", (Argument("", parse("string"), True), Argument("", parse("uint8"), False)))
    assert compile_decoder(event)(["0x", "0x" + "ab" * 32], "0x" + word(5)) == (b"\xab" * 32, 5)
