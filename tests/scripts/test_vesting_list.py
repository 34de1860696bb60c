"""The list of grants: exact amounts, and every bad line named with its value and what to do."""

import pytest

from scripts._amounts import AmountError, parse_amount, tell_amount
from scripts._vesting_list import ListError, Row, read_rows, totals
from tests.support.anvil import dev_account

A, B, C = (dev_account(index).address for index in range(3))
HEAD = "beneficiary,amount,kind"


@pytest.mark.parametrize(
    ("text", "decimals", "amount"),
    [
        ("1250", 18, 1250 * 10**18),
        ("0.1", 18, 10**17),
        ("39614081257.132168796771975167", 18, 2**95 - 1),  # a float would lose the last digits
        ("1.50", 1, 15),
        ("7", 0, 7),
        ("7.000", 0, 7),
    ],
)
def test_parse_amount__decimal_text__is_exact(text: str, decimals: int, amount: int) -> None:
    assert parse_amount(text, decimals) == amount
    assert parse_amount(tell_amount(amount, decimals).replace(",", ""), decimals) == amount


@pytest.mark.parametrize("text", ["", "-1", "+1", "1e3", ".5", "1.", "1,000", "0x10", "½", "1 0", "٣", "1\n"])
def test_parse_amount__anything_else__refused(text: str) -> None:
    with pytest.raises(AmountError, match="is no amount: write digits"):
        parse_amount(text, 18)


def test_parse_amount__more_decimals_than_the_token__refused() -> None:
    with pytest.raises(AmountError, match=r"'0\.1234567' has 7 decimals, the token has 6"):
        parse_amount("0.1234567", 6)


def test_read_rows__good_list__rows_and_totals_of_each_kind() -> None:
    rows = read_rows([HEAD, f"{A},1.5,team", "", f" {B.lower()} , 2 ,adviser", f"{C},0.25,team"], 2)
    assert rows == [Row(2, A, 150, "team"), Row(4, B, 200, "adviser"), Row(5, C, 25, "team")]
    assert totals(rows) == {"team": (2, 175), "adviser": (1, 200)}


def test_read_rows__columns_in_another_order_without_kind__are_read() -> None:
    assert read_rows(["Amount,Beneficiary", f"3,{A}"], 0) == [Row(2, A, 3, "")]


def test_read_rows__bad_lines__all_are_named_with_value_and_what_to_do() -> None:
    wrong = A[:-1] + ("a" if A[-1] != "a" else "b")
    swapped = A.swapcase().replace("0X", "0x")
    lines = [
        *(HEAD, f"{A},1,team", f"{A[:-1]},1,", f"{swapped},1,", f"0x{'0' * 40},1,", f"{B},1e3,"),
        *(
            f"{B},0,",
            f"{B},{2**95},",
            f"{B},1,000,team",
            f"{A.lower()},2,team",
            f"{C},5,",
            f"{wrong.lower()},0.1,",
        ),
    ]
    with pytest.raises(ListError) as error:
        read_rows(lines, 0, forbidden={C})
    told = str(error.value).split("\n")
    expected = [
        (f"Line 3: '{A[:-1]}' is no address", "write 0x and 40 hex digits"),
        (f"Line 4: {swapped} has a wrong checksum", f"{A} would be right"),
        ("Line 5: the zero address", "name who is to be paid"),
        ("Line 6: '1e3' is no amount", "write digits with a point"),
        ("Line 7: amount '0' is nothing", "take the line out"),
        (f"Line 8: amount '{2**95}' is above", "split it"),
        (f"Line 9: '{B},1,000,team' has 4 values for 3 columns", "thousands without commas"),
        (f"Line 10: {A} stands in line 2 too", "say --repeats"),
        (f"Line 11: {C} is a contract", "name who is to be paid"),
        ("Line 12: '0.1' has 1 decimals, the token has 0", "write fewer"),
    ]
    assert len(told) == len(expected)
    for line, parts in zip(told, expected, strict=True):
        assert all(part in line for part in parts), line


def test_read_rows__very_many_bad_lines__the_rest_is_counted() -> None:
    with pytest.raises(ListError, match=r"And 5 more bad lines\."):
        read_rows([HEAD, *(["x,1,"] * 25)], 0)


def test_read_rows__repeats_allowed__both_are_kept() -> None:
    assert [row.amount for row in read_rows([HEAD, f"{A},1,", f"{A},2,"], 0, repeats=True)] == [1, 2]


@pytest.mark.parametrize(
    "head",
    [
        "",
        "beneficiary",
        "beneficiary,amount,amount",
        "beneficiary,amuont",
        f"{A},1",
        "beneficiary,amount,name",
    ],
)
def test_read_rows__other_columns__says_which_are_needed(head: str) -> None:
    with pytest.raises(ListError, match="Line 1 must name the columns"):
        read_rows([head, f"{A},1"], 0)


def test_read_rows__nobody__says_so() -> None:
    with pytest.raises(ListError, match="names nobody"):
        read_rows([HEAD, ""], 0)


def test_read_rows__open_quote__names_the_line() -> None:
    with pytest.raises(ListError, match="Line 2"):
        read_rows([HEAD, f'"{A},1,'], 0)
