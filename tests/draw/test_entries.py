"""List files: the 10,000-row file comes out exactly, and every broken file says what is wrong."""

import hashlib
import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.chain.draw.entries import Entry, ListFileError, Reason, account_key, read_entries

DATA = Path("tests/data")


def test_read_entries__ten_thousand_rows__exactly_as_expected() -> None:
    expected = json.loads((DATA / "participants-10k.expected.json").read_text())

    found = read_entries((DATA / "participants-10k.csv").read_bytes())

    assert {
        "rows": found.rows,
        "blank_account": found.rejected_for(Reason.BLANK_ACCOUNT),
        "wrong_field_count": found.rejected_for(Reason.WRONG_FIELD_COUNT),
        "accepted": found.accepted,
        "duplicates": len(found.duplicates),
        "unique_accounts": len(found.entries),
        "sha256_of_unique_accounts_in_first_seen_order_joined_by_newline": hashlib.sha256(
            "\n".join(found.keys).encode()
        ).hexdigest(),
        "rule": expected["rule"],
    } == expected
    numbers = [row.row for rows in (found.entries, found.duplicates, found.rejections) for row in rows]
    assert sorted(numbers) == list(range(2, 10_002))


def test_read_entries__rejected_rows__have_number_reason_and_raw_text() -> None:
    found = read_entries(b'username,note\nanna,"two\nlines"\n  ,x\nbob,1,2\n\ncarl\n')

    assert [(entry.key, entry.row) for entry in found.entries] == [("anna", 2)]
    assert [(item.row, item.reason, item.raw) for item in found.rejections] == [
        (3, Reason.BLANK_ACCOUNT, "  ,x"),
        (4, Reason.WRONG_FIELD_COUNT, "bob,1,2"),
        (5, Reason.BLANK_ACCOUNT, ""),
        (6, Reason.WRONG_FIELD_COUNT, "carl"),
    ]
    assert found.rejections[1].detail == "The row has 3 fields, the header 2."


def test_read_entries__spellings_of_one_account__first_wins() -> None:
    found = read_entries("User\n@Straße\nSTRASSE\n ＠ｓtrasse \nother\n".encode())

    assert found.entries == [Entry("strasse", "@Straße", 2), Entry("other", "other", 5)]
    assert [(item.row, item.index) for item in found.duplicates] == [(3, 0), (4, 0)]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("id,Name,User_Name\n1,x,anna\n", "User_Name"),
        ("id;handle\n1;anna\n", "handle"),
        ("id\tAccount\n1\tanna\n", "Account"),
        ("\ufeffusername\nanna\n", "username"),
        ("\n\nid,username\r\n1,anna\r\n", "username"),
        ("id,username\r1,anna\r", "username"),
        ('"id, really",username\n1,anna', "username"),
        ('[{"id": 1, "username": "anna"}]', "username"),
        ('["anna"]', ""),
    ],
)
def test_read_entries__other_shapes__account_found(text: str, column: str) -> None:
    found = read_entries(text.encode())

    assert found.column == column
    assert found.keys == ["anna"]


def test_read_entries__column_named__taken() -> None:
    assert read_entries(b"username,Winner handle\nx,anna\n", column="Winner handle").keys == ["anna"]


def test_read_entries__formulas__stay_text() -> None:
    found = read_entries(b"username\n=1+1\n\"=cmd|'/c calc'!A1\"\n")

    assert found.keys == ["=1+1", "=cmd|'/c calc'!a1"]


def test_read_entries__json_items_without_account__rejected() -> None:
    data = json.dumps(
        [{"user": "anna"}, {"user": None}, {}, {"user": 7}, {"user": "\ud800"}, {"user": "a\0"}, "bob", 1.5]
    )

    found = read_entries(data.encode())

    assert found.keys == ["anna", "7", "bob"]
    assert [(item.row, item.reason) for item in found.rejections] == [
        (2, Reason.NOT_TEXT),
        (3, Reason.BLANK_ACCOUNT),
        (5, Reason.NOT_TEXT),
        (6, Reason.NOT_TEXT),
        (8, Reason.NOT_TEXT),
    ]
    assert found.rejections[2].raw.encode() == b'{"user": "\\ud800"}'


def test_read_entries__weights__first_row_of_an_account_counts() -> None:
    found = read_entries(
        b"user,tickets\nanna,3\n@bob, 12 \nAnna,9\ncarl,0\ndora,-1\nemil,1.5\nfred,\ngina,007\n",
        weight_column="tickets",
    )

    assert found.weight_column == "tickets"
    assert list(zip(found.keys, found.weights, strict=True)) == [("anna", 3), ("bob", 12), ("gina", 7)]
    assert [(item.row, item.reason) for item in found.rejections] == [
        (row, Reason.BAD_WEIGHT) for row in (5, 6, 7, 8)
    ]
    assert found.rejections[0].detail == "The weight '0' is no whole number from 1 on."
    assert [item.row for item in found.duplicates] == [4]


def test_read_entries__weights_in_json__numbers_or_texts() -> None:
    people = [("anna", 3), ("bob", "4"), ("carl", True), ("dora", 2.0), ("emil", None), ("fred", "\u0663")]
    data = json.dumps([{"user": name, "n": weight} for name, weight in people]).encode()

    found = read_entries(data, weight_column="n")

    assert (found.keys, found.weights) == (["anna", "bob"], [3, 4])
    assert {item.reason for item in found.rejections} == {Reason.BAD_WEIGHT}
    assert read_entries(data).weights == [], "without a column the list is not weighted"


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"user,n\nanna,1\n", "no_weight_column", "No column is called 'tickets'"),
        (b"user,tickets,tickets\nanna,1,2\n", "no_weight_column", "2 columns are called 'tickets'"),
        (b'["anna"]', "no_weight_column", "No column is called 'tickets'"),
        (b"user,tickets\nanna,9223372036854775807\nbob,1\n", "weights_too_large", "9223372036854775808"),
    ],
)
def test_read_entries__weights_that_cannot_be_read__says_why(data: bytes, code: str, says: str) -> None:
    with pytest.raises(ListFileError, match=re.escape(says)) as caught:
        read_entries(data, weight_column="tickets")

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("data", "column", "code", "says"),
    [
        (b"", None, "empty", "The file is empty"),
        (b"\xef\xbb\xbf \n ", None, "empty", "The file is empty"),
        (b"[]", None, "empty", "The JSON list is empty"),
        (b"user\nanna\nb\xe9a\n", None, "not_utf8", "byte 0xe9 at offset 11, line 3"),
        (b"\xef\xbb\xbfuser\n\xff\n", None, "not_utf8", "byte 0xff at offset 8, line 2"),
        ("user\nanna".encode("utf-16"), None, "not_utf8", "UTF-16"),
        (b"PK\x03\x04....", None, "not_utf8", "spreadsheet"),
        (b"user\nan\0na\n", None, "not_text", "zero byte in line 2"),
        (b"a,b\n1,2\n", None, "no_account_column", "found 'a', 'b'"),
        (b"anna\nbob\n", None, "no_account_column", "found 'anna'"),
        (b"user,user\n1,2\n", None, "no_account_column", "2 columns are called 'user'"),
        (b"user\nanna\n", "nick", "no_account_column", "The columns are 'user'"),
        (b'[{"id": 1}]', None, "no_account_column", "found 'id'"),
        (b'{"users": ["anna"]}', None, "not_a_list", "an object with the keys 'users'"),
        (b'["anna",', None, "broken_json", "line 1, column"),
        (b"[" * 100_000, None, "broken_json", "nests 100000 levels"),
        (b'["\\"]]]]", ' + b"[[]," * 64, None, "broken_json", "nests 66 levels"),
        (b"[" + b"9" * 5_000 + b"]", None, "broken_json", "thousands of digits"),
        (b'user,note\nanna,"open\nbob,x\n', None, "broken_csv", "quote opened in row 2"),
        (b"user\n" + b"x" * 200_000, None, "broken_csv", "Row 2 cannot be read"),
    ],
)
def test_read_entries__unusable_file__says_what_and_where(
    data: bytes, column: str | None, code: str, says: str
) -> None:
    with pytest.raises(ListFileError, match=re.escape(says)) as caught:
        read_entries(data, column=column)

    assert caught.value.code == code


@given(st.binary(max_size=300) | st.text(alphabet='u,;"\n\r\t@A[]{}:=é\0', max_size=60).map(str.encode))
def test_read_entries__any_bytes__list_or_clear_error(data: bytes) -> None:
    with suppress(ListFileError):
        found = read_entries(data, column="u" if len(data) % 2 else None)
        assert len(set(found.keys)) == len(found.entries)
        assert all(found.keys)


@given(st.text())
def test_account_key__spelled_with_at_or_spaces__the_same(account: str) -> None:
    assert account_key(f" @{account} ") == account_key(account)
