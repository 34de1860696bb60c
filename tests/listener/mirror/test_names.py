"""Stable names."""

import pytest

from listener.mirror.names import column_names, snake, table_names


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("TicketsBought", "tickets_bought"),
        ("VRFWordReceived", "vrf_word_received"),
        ("tokenURI", "token_uri"),
        ("ERC20Token", "erc20_token"),
        ("_owner", "owner"),
        ("maxPerBuyer", "max_per_buyer"),
        ("a$b", "a_b"),
    ],
)
def test_snake(name: str, wanted: str) -> None:
    assert snake(name) == wanted


def test_columns__key_words_fixed_names_and_doubles() -> None:
    given = ["from", "to", "blockNumber", "address", "", "fooBar", "foo_bar", "xmin", "2x"]
    wanted = ["from_", "to_", "block_number_", "address_", "arg4", "foo_bar", "foo_bar_2", "xmin_", "arg_2x"]
    assert column_names(given) == wanted


def test_columns__long__fit_and_differ() -> None:
    names = column_names(["a" * 80 + "x", "a" * 80 + "y"])
    assert all(len(name) <= 63 for name in names)
    assert len(set(names)) == 2


def test_tables__overloads__carry_their_topic() -> None:
    events = [
        ("Raffle", "TicketsBought", "TicketsBought(uint256)", b"\1" * 32),
        ("Token", "Transfer", "Transfer(address)", b"\2" * 32),
        ("Token", "Transfer", "Transfer(uint256)", b"\3" * 32),
    ]
    assert table_names(events) == [
        "raffle_tickets_bought",
        "token_transfer_02020202",
        "token_transfer_03030303",
    ]
    assert table_names(events[:2]) == ["raffle_tickets_bought", "token_transfer"]


def test_tables__same_name_from_two_contracts__differ() -> None:
    events = [("FooBar", "Baz", "Baz()", b"\1" * 32), ("Foo", "BarBaz", "Baz()", b"\1" * 32)]
    names = table_names(events)
    assert len(set(names)) == 2
    assert names == table_names(events[::-1])[::-1]


def test_tables__sql_word__gets_an_underscore() -> None:
    assert table_names([("Current", "User", "User()", b"\1" * 32)]) == ["current_user_"]
