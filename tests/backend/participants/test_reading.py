"""Lists of every format → participants: the same whatever pieces the bytes arrive in, and from wherever one goes on."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend.participants import batch, json_file
from backend.participants.batch import Participant, Rejection
from backend.participants.reading import read, starts_at
from listener.chain.draw.entries import read_entries
from listener.chain.draw.list_file import ListFileError

DATA = Path("tests/data")
Read = tuple[list[Participant], list[Rejection], dict[str, int]]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """The bytes in pieces of one size."""
    return (data[at : at + size] for at in range(0, len(data), size))


def read_all(data: bytes, size: int = 65_536, pasted: bool = False, **asked: str) -> Read:
    """Everything a list says."""
    taken, rejected, unread = [], [], {}
    for one in read(pieces(data, size), asked, pasted=pasted):
        taken += one.participants
        rejected += one.rejections
        unread = one.position["unread"]
    return taken, rejected, unread


def resumed(data: bytes, pasted: bool = False, **asked: str) -> Read:
    """The same, begun anew after every batch with nothing but the position, as it comes out of the database."""
    taken, rejected, unread = [], [], {}
    position = None
    while True:
        start = starts_at(position)
        one = next(read(pieces(data[start:], 7), asked, position, pasted=pasted), None)
        if one is None:
            return taken, rejected, unread
        taken += one.participants
        rejected += one.rejections
        position = json.loads(json.dumps(one.position))
        unread = position["unread"]


def outcome(data: bytes, size: int, **asked: Any) -> Read | str:
    """What is read, or that nothing is."""
    try:
        return read_all(data, size, **asked)
    except ListFileError:
        return "refused"


def code(data: bytes, **asked: Any) -> str:
    with pytest.raises(ListFileError) as refused:
        read_all(data, **asked)
    assert str(refused.value).endswith("."), str(refused.value)
    return refused.value.code


def workbook(rows: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


LINE = st.text(st.sampled_from("ab@é,;\t\"'\r\n 1İ"), max_size=12)
TEXTS = st.builds(
    lambda header, lines, ends: "".join(
        line + end for line, end in zip([header, *lines], ends * len(lines) + ends, strict=False)
    ),
    st.sampled_from(["username,comment", "a;username", "username", "\ufeffuser\tdate\tx", "nobody"]),
    st.lists(LINE, max_size=12),
    st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=1, max_size=4),
)


@given(text=TEXTS, size=st.integers(1, 40), pasted=st.booleans())
@example(text="username\r\nana\r\nben", size=10, pasted=False)
@settings(max_examples=300, deadline=None)
def test_text_in_pieces__as_in_one(text: str, size: int, pasted: bool) -> None:
    data = text.encode()
    assert outcome(data, size, pasted=pasted) == outcome(data, len(data) + 1, pasted=pasted)


@given(text=TEXTS)
@settings(max_examples=300, deadline=None)
def test_text__rules_of_the_list_file(text: str) -> None:
    """What verification reads from a file is what an import takes of it."""
    data = text.encode()
    try:
        expected = read_entries(data)
    except ListFileError:
        assert outcome(data, 99) == "refused"
        return
    taken, rejected, _ = read_all(data)
    kept = [(one.reason, one.row_number) for one in rejected if "which is no text" not in one.detail]
    assert kept == [(str(one.reason), one.row) for one in expected.rejections]
    odd = [one for one in rejected if "which is no text" in one.detail]
    assert len(taken) + len(odd) == expected.accepted
    if not odd:
        first = {one.account_key: one for one in reversed(taken)}
        assert {key: (one.account, one.row_number) for key, one in first.items()} == {
            one.key: (one.account, one.row) for one in expected.entries
        }


VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), st.booleans(), st.text(max_size=5), st.floats(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)
ITEMS = st.lists(
    st.one_of(
        VALUES, st.fixed_dictionaries({"username": VALUES}, optional={"text": VALUES, "likes": VALUES})
    ),
    max_size=8,
)


@given(items=ITEMS, size=st.integers(1, 30), indent=st.sampled_from([None, 1]), as_ascii=st.booleans())
@settings(max_examples=300, deadline=None)
def test_json_in_pieces__as_in_one(items: list[Any], size: int, indent: int | None, as_ascii: bool) -> None:
    data = json.dumps(items, indent=indent, ensure_ascii=as_ascii).encode("utf-8", "surrogatepass")
    assert outcome(data, size) == outcome(data, len(data) + 1)


@given(
    items=st.lists(st.fixed_dictionaries({"username": VALUES}), min_size=2, max_size=8),
    size=st.integers(1, 30),
)
@settings(max_examples=200, deadline=None)
def test_json_lines_in_pieces__as_a_list_of_the_same(items: list[Any], size: int) -> None:
    lines = "\n".join(json.dumps(item) for item in items).encode()
    assert outcome(lines, size) == outcome(json.dumps(items).encode(), 64)


@given(data=st.binary(max_size=60), size=st.integers(1, 10))
@settings(max_examples=300, deadline=None)
def test_any_bytes__read_or_refused_in_words(data: bytes, size: int) -> None:
    assert outcome(data, size) == outcome(data, 61)
    for kind in (b"username\n", b'[{"username":', b"[", b'{"username":"a"}\n', b"PK\x03\x04"):
        assert outcome(kind + data, size) == outcome(kind + data, 99)


@pytest.mark.parametrize("kind", ["csv", "json", "lines", "xlsx", "paste"])
def test_gone_on_after_every_batch__as_in_one(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[f"user {n}" if n % 7 else "", f"hé,\n{n}", str(n) if n % 5 else "many"] for n in range(60)]
    names = ["username", "comment", "likes"]
    objects = [dict(zip(names, row, strict=True)) for row in rows]
    quoted = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in [names, *rows])
    data = {
        "csv": ("\ufeff\n" + quoted).encode(),
        "json": json.dumps(objects, indent=1, ensure_ascii=False).encode(),
        "lines": "\n".join(json.dumps(one) for one in objects).encode(),
        "xlsx": workbook([names, *rows]),
        "paste": "\n".join(row[0] for row in rows).encode(),
    }[kind]
    pasted = kind == "paste"
    whole = read_all(data, pasted=pasted)
    for name in ("csv_file", "json_file", "xlsx_file"):
        monkeypatch.setattr(f"backend.participants.{name}.MOST_ROWS", 7)
    monkeypatch.setattr(json_file, "HEAD_ITEMS", 3)

    assert resumed(data, pasted=pasted) == whole
    assert len(whole[0]) > 40
    assert len(list(read(pieces(data, 100), {}, pasted=pasted))) > 5
    assert pasted or whole[2] == {"likes": sum(1 for n in range(60) if n % 7 and n % 5 == 0)}


def test_ten_thousand_rows__as_expected() -> None:
    expected = json.loads((DATA / "participants-10k.expected.json").read_text())
    taken, rejected, _ = read_all((DATA / "participants-10k.csv").read_bytes())
    assert (len(taken), len(rejected)) == (expected["accepted"], 73)
    assert len({one.account_key for one in taken}) == expected["unique_accounts"]


def test_columns__by_usual_names__by_request__left_out() -> None:
    rows = "User,Tickets,Comment,comment_id,Created At,Like Count,followers_count,Joined\n"
    rows += 'ana,3,hi,c1,2026-11-01T10:00:00Z,"1,204",17,2020-02-29\n'
    (one,), _, unread = read_all(rows.encode())
    assert one == Participant(
        *(2, "ana", "ana", 3, "hi", "c1", datetime(2026, 11, 1, 10, tzinfo=UTC), 1204, 17),
        datetime(2020, 2, 29, tzinfo=UTC),
    )
    assert unread == {}
    (one,), _, _ = read_all(rows.encode(), weight="", likes="followers_count", comment="Comment")
    assert (one.weight, one.likes, one.followers) == (None, 17, None)
    assert code(rows.encode(), likes="hearts") == "no_such_column"
    assert code(rows.encode(), weight="hearts") == "no_weight_column"
    assert code(rows.encode(), account="hearts") == "no_account_column"


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("2026-11-01 10:00:00", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:00:00+02:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("2026/11/01 10:00", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("1793527200", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("1793527200000", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("Sun Nov 01 10:00:00 +0000 2026", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("Sun, 01 Nov 2026 10:00:00 GMT", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("10/11/2026", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("20261", None),
    ],
)
def test_times__what_can_be_told_for_sure(cell: str, meant: datetime | None) -> None:
    (one,), _, unread = read_all(f"username,date\nana,{cell!r}\n".replace("'", '"').encode())
    assert one.posted_at == meant
    assert unread == ({} if meant else {"posted_at": 1})


def test_paste__one_account_in_each_line__or_a_table() -> None:
    taken, rejected, _ = read_all(b"@ana\r\n\nBen, the second\rclara", pasted=True)
    assert [(one.row_number, one.account, one.account_key) for one in taken] == [
        (1, "@ana", "ana"),
        (3, "Ben, the second", "ben, the second"),
        (4, "clara", "clara"),
    ]
    assert rejected == []
    taken, _, _ = read_all(b"username\tcomment\nana\thi\n", pasted=True)
    assert [(one.account, one.comment) for one in taken] == [("ana", "hi")]
    taken, _, _ = read_all(b'["ana", "ben"]', pasted=True)
    assert [one.account for one in taken] == ["ana", "ben"]


def test_workbook__numbers_dates_and_empty_rows() -> None:
    data = workbook(
        [
            [],
            ["username", "posted at", "likes"],
            [12345, datetime(2026, 11, 1, 10), 3.0],
            [None, None, None],
            ["ana", "2026-11-01", True, "too far"],
            [" ", None, 1],
        ]
    )
    taken, rejected, unread = read_all(data)
    assert [(one.row_number, one.account, one.posted_at, one.likes) for one in taken] == [
        (3, "12345", datetime(2026, 11, 1, 10, tzinfo=UTC), 3)
    ]
    assert [(one.row_number, one.reason) for one in rejected] == [
        (5, "wrong_field_count"),
        (6, "blank_account"),
    ]
    assert unread == {}


def test_rows__rejected_with_reasons() -> None:
    rows = ["username,comment", "ana,x", ",x", "a" * 10_000 + ",x", "be\x07n,x", "x,y,z", "\t,", "  clara\t,"]
    taken, rejected, _ = read_all("\n".join(rows).encode())
    assert [one.account_key for one in taken] == ["ana", "clara"]
    assert [(one.row_number, one.reason) for one in rejected] == [
        (3, "blank_account"),
        (4, "account_too_long"),
        (5, "not_text"),
        (6, "wrong_field_count"),
        (7, "blank_account"),
    ]
    assert "10000 characters" in rejected[1].detail
    assert "U+0007" in rejected[2].detail
    assert len(rejected[1].raw) == batch.RAW_CHARACTERS


def test_json_with_what_no_database_takes__rejected_not_fatal() -> None:
    data = b'[{"username": "a\\u0000b"}, {"username": "ana", "text": "\\ud800"}, "ben", {"username": "c\\u0000"}]'
    taken, rejected, _ = read_all(data)
    assert [one.account for one in taken] == ["ben"]
    assert [one.reason for one in rejected] == ["not_text"] * 3
    assert not any("\0" in one.raw or "\ud800" in one.raw for one in rejected)


def test_weights__bad_ones_are_rejected() -> None:
    cells = ["5", "0", "-1", "1.5", "", "9" * 31, str(2**63), str(2**63 - 1)]
    rows = "username,weight\n" + "".join(f"user {n},{cell}\n" for n, cell in enumerate(cells))
    taken, rejected, _ = read_all(rows.encode())
    assert [one.weight for one in taken] == [5, 2**63 - 1]
    assert {one.reason for one in rejected} == {"bad_weight"}


BAD = {
    "empty": [b"", b" \r\n\n", b"\xef\xbb\xbf", b"[]", b"[ ]", workbook([])],
    "not_utf8": [
        "username\nana\n".encode("utf-16"),
        "username\nana\n".encode("utf-16-le"),
        "username\nana\n".encode("utf-32"),
        "username\nJosé\n".encode("latin-1"),
        '["José", "ana"]'.encode("latin-1"),
    ],
    "cut_off": [
        "username\nJosé".encode()[:-1],
        b'["ana", "be',
        b'["ana", ',
        b'["ana"',
        b'{"username":"a"}\n{"use',
    ],
    "not_text": [b"username\nan\0a\n", b"%PDF-1.7", b"\xd0\xcf\x11\xe0", b"\x1f\x8b\x08", b'["a\0b"]'],
    "line_too_long": [
        b"username\n" + b"x" * 2**21,
        b"x" * 2**21,
        b"username\n" + (b'"' + b"x\n" * 60_000 + b'",') * 10,
        b'["' + b"x" * 2**21 + b'"]',
    ],
    "broken_csv": [b'username\n"ana\nben\n', b'username\n"' + b"x" * 200_000],
    "broken_json": [
        b"[1 2]",
        b'["a"] x',
        b"[" * 2**20,
        b"[" + b"[" * 70 + b"]" * 71,
        b"[" + b"9" * 9_000 + b"]",
    ],
    "not_a_list": [b'{"users": ["ana"]}', b"{" + b" " * 2**21 + b"}"],
    "no_account_column": [b"nickname2,comment\nana,hi\n", b"user,user\nana,ben\n", b'[{"id": 1}]'],
    "too_many_columns": [b"username," + b"x," * 2_500 + b"\nana\n"],
    "broken_xlsx": [b"PK\x03\x04", workbook([["username"], ["ana"]])[:-300]],
}


@pytest.mark.parametrize("wanted", BAD)
def test_bad_lists__say_what_is_wrong(wanted: str) -> None:
    for data in BAD[wanted]:
        assert code(data) == wanted, data[:40]


def test_latin_1__is_named() -> None:
    with pytest.raises(ListFileError, match=r"Windows-1252 \(Latin-1\).*Save it as CSV in UTF-8"):
        read_all("username\nJosé\nana\n".encode("latin-1"))


def test_a_thousand_columns__read() -> None:
    head = ",".join(f"c{n}" for n in range(999))
    taken, _, _ = read_all(f"username,{head}\nana,{head}\n".encode())
    assert [one.account for one in taken] == ["ana"]
