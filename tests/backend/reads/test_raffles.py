"""GET /raffles…: state, pages, winners and refunds, from facts alone."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from listener.chain.draw.winners import winners as winning_numbers
from tests.backend.reads.facts import GENESIS, ChainOfFacts, address, event, hash_of, shown
from tests.backend.reads.stories import (
    ORGANISER,
    draw_finalised,
    draw_requested,
    options_fixed,
    prize_claimed,
    raffle_created,
    tickets_bought,
    token_created,
    word_accepted,
)

URL = "/api/v1/raffles"
ANA, BEN = address(0xB1), address(0xB2)
SEED = hash_of("seed")


async def read(client: AsyncClient, path: str = "/1", **params: Any) -> Any:
    answer = await client.get(f"{URL}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_raffle__open__shows_terms_sales_and_prizes(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(token_created(address(0x70)))
    facts.block(raffle_created())
    facts.block(tickets_bought(0, 3, ANA, 0), tickets_bought(3, 2, BEN, 1), final=1)

    raffle = await read(client)

    assert raffle["state"] == "open"
    assert raffle["id"] == "1"
    assert raffle["organiser"] == shown(ORGANISER)
    assert (raffle["payment_token"], raffle["payment_symbol"], raffle["payment_decimals"]) == (
        None,
        "POL",
        18,
    )
    assert (raffle["ticket_price"], raffle["tickets_sold"], raffle["entries"]) == (str(10**17), "5", 2)
    assert raffle["closes_at"] == "2027-01-15T08:01:40Z"
    assert raffle["draw"] is None
    native, erc20, erc721 = raffle["prizes"]
    assert (native["kind"], native["symbol"], native["amount"], native["token"]) == (
        "native",
        "POL",
        str(2 * 10**18),
        None,
    )
    assert (erc20["kind"], erc20["symbol"], erc20["decimals"], erc20["token_id"]) == (
        "erc20",
        "MEAD",
        18,
        None,
    )
    assert (erc721["kind"], erc721["symbol"], erc721["token_id"]) == ("erc721", None, "7")
    assert (raffle["as_of_block"], raffle["final"]) == (3, False)
    assert "last_block" not in raffle


async def test_raffle__with_options__shows_them_and_null_where_there_are_none(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    facts.block(raffle_created(1), raffle_created(2), raffle_created(3))
    facts.block(options_fixed(2), options_fixed(3, allowListRoot=bytes(32), allowListSalt=bytes(32)))

    shapes = []
    for raffle_id in (1, 2, 3):
        raffle = await read(client, f"/{raffle_id}")
        names = ("price_feed", "max_price_age", "allow_list_root", "allow_list_salt")
        shapes.append(tuple(raffle[name] for name in names))
    feed, root, salt = shown(address(0xFE)), "0x" + hash_of("list").hex(), "0x" + hash_of("salt").hex()
    assert shapes == [(None, 0, None, None), (feed, 3_600, root, salt), (feed, 3_600, None, None)]


@pytest.mark.parametrize(
    ("sold", "terms", "at", "state"),
    [
        (2, {}, 99, "open"),
        (2, {}, 100, "closed"),
        (1, {}, 99, "open"),
        (1, {}, 100, "refunding"),
        (4, {"maxTickets": 4}, 50, "closed"),
        (4, {"maxTickets": 4}, 100, "closed"),
    ],
)
async def test_state__before_any_draw__is_what_the_contract_says_at_that_time(
    client: AsyncClient, facts: ChainOfFacts, sold: int, terms: dict[str, Any], at: int, state: str
) -> None:
    facts.block(raffle_created(**terms))
    facts.block(tickets_bought(0, sold, ANA, 0))
    facts.block(number=at)

    assert (await read(client))["state"] == state


async def test_state__through_a_draw__follows_its_facts(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(raffle_created())
    facts.block(tickets_bought(0, 9, ANA, 0))
    requested = facts.block(draw_requested(9, 3), number=101)
    drawing = await read(client)
    assert drawing["state"] == "drawing"
    assert drawing["draw"]["requested_block"] == requested
    assert drawing["draw"]["reveal_at"] == "2027-01-15T08:01:50Z"
    assert (drawing["draw"]["vrf_word"], drawing["draw"]["seed"]) == (None, None)

    facts.block(word_accepted(2**255 + 1))
    assert (await read(client))["draw"]["vrf_word"] == hex(2**255 + 1)

    finalised = facts.block(draw_finalised(SEED, 9, 3, word=2**255 + 1))
    drawn = await read(client)
    assert drawn["state"] == "drawn"
    assert drawn["draw"]["seed"] == "0x" + SEED.hex()
    assert (drawn["draw"]["finalised_block"], drawn["draw"]["n"], drawn["draw"]["k"]) == (finalised, "9", 3)

    facts.roll_back(requested)
    assert (await read(client))["state"] == "drawing"


async def test_state__refunds_opened_for_a_missing_seed__refunding(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    facts.block(raffle_created())
    facts.block(tickets_bought(0, 9, ANA, 0), tickets_bought(9, 1, BEN, 1))
    facts.block(draw_requested(10, 3), number=101)
    opened = event("Raffle", "RefundsOpened", raffleId=1, seedMissing=True, ticketsSold=10, minTickets=2)
    paid = event("Raffle", "EntryRefunded", raffleId=1, entryIndex=1, buyer=BEN, amount=10**17)
    facts.block(opened)
    facts.block(paid)

    raffle = await read(client)
    entries = (await read(client, "/1/entries"))["items"]

    assert (raffle["state"], raffle["refunds_seed_missing"]) == ("refunding", True)
    assert [entry["refunded"] for entry in entries] == [False, True]
    assert entries[0]["refund_transaction_hash"] is None
    assert entries[1]["refund_transaction_hash"] == "0x" + hash_of("transaction", 103, 0).hex()


async def test_final__newest_fact_below_the_finalized_block(client: AsyncClient, facts: ChainOfFacts) -> None:
    created = facts.block(raffle_created())
    facts.block(final=created - 1)
    assert (await read(client))["final"] is False

    facts.block(final=created)
    assert (await read(client))["final"] is True
    assert (await read(client, ""))["final"] is True

    bought = facts.block(tickets_bought(0, 1, ANA, 0), final=created)
    assert (await read(client))["final"] is False

    facts.block(final=bought)
    assert (await read(client))["final"] is True


async def test_list__pages_and_filters__newest_first(client: AsyncClient, facts: ChainOfFacts) -> None:
    for raffle_id in range(1, 8):
        other = {"organiser": address(0xA2)} if raffle_id == 4 else {}
        facts.block(raffle_created(raffle_id, **other))
    facts.block(draw_requested(9, 3, draw_id=2), draw_requested(9, 3, draw_id=6))
    facts.block(draw_finalised(SEED, 9, 3, draw_id=6))

    seen, cursor = [], None
    while True:
        params = {"limit": 3} if cursor is None else {"limit": 3, "cursor": cursor}
        found = await read(client, "", **params)
        seen += [item["id"] for item in found["items"]]
        cursor = found["next_cursor"]
        if cursor is None:
            break

    assert seen == ["7", "6", "5", "4", "3", "2", "1"]
    assert [item["id"] for item in (await read(client, "", state="drawing"))["items"]] == ["2"]
    assert [item["id"] for item in (await read(client, "", state="drawn"))["items"]] == ["6"]
    assert (await read(client, "", state="refunding"))["items"] == []
    organiser = "0x" + address(0xA2).hex()
    assert [item["id"] for item in (await read(client, "", organiser=organiser))["items"]] == ["4"]
    assert len((await read(client, "", organiser="0x" + ORGANISER.hex()))["items"]) == 6


async def test_entries__pages_and_one_buyer__in_order_of_purchase(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    facts.block(raffle_created(), raffle_created(2))
    facts.block(tickets_bought(0, 5, BEN, 0, raffle_id=2))
    facts.block(*(tickets_bought(2 * n, 2, ANA if n % 2 else BEN, n) for n in range(5)))

    first = await read(client, "/1/entries", limit=3)
    second = await read(client, "/1/entries", limit=3, cursor=first["next_cursor"])
    of_ana = await read(client, "/1/entries", buyer="0x" + ANA.hex())

    assert [entry["first_ticket"] for entry in first["items"]] == ["0", "2", "4"]
    assert [entry["entry_index"] for entry in second["items"]] == [3, 4]
    assert second["next_cursor"] is None
    assert [entry["entry_index"] for entry in of_ana["items"]] == [1, 3]
    assert first["items"][0] | {"transaction_hash": "", "bought_at": ""} == {
        "entry_index": 0,
        "buyer": shown(BEN),
        "first_ticket": "0",
        "count": "2",
        "paid": str(2 * 10**17),
        "payer": shown(BEN),
        "refunded": False,
        "refund_transaction_hash": None,
        "bought_at": "",
        "block_number": 3,
        "transaction_hash": "",
    }


@pytest.mark.parametrize("counts", [[1, 40, 3, 17, 2, 37], [1] * 20, [2] * 50])
async def test_winners__drawn__each_rank_with_the_entry_that_holds_its_ticket(
    client: AsyncClient, facts: ChainOfFacts, counts: list[int]
) -> None:
    sold = sum(counts)
    buyers = [address(0xD0 + n) for n in range(len(counts))]
    starts = [sum(counts[:n]) for n in range(len(counts))]
    facts.block(raffle_created())
    facts.block(
        *(tickets_bought(s, c, b, n) for n, (s, c, b) in enumerate(zip(starts, counts, buyers, strict=True)))
    )
    facts.block(draw_requested(sold, 3), number=101)
    assert (await read(client, "/1/winners"))["items"] == []
    facts.block(draw_finalised(SEED, sold, 3))
    tickets = winning_numbers(SEED, sold, 3)
    owner = {
        ticket: next(n for n in range(len(counts)) if starts[n] <= ticket < starts[n] + counts[n])
        for ticket in tickets
    }
    facts.block(prize_claimed(1, buyers[owner[tickets[1]]], tickets[1], to=address(0xEE)))

    found = await read(client, "/1/winners", limit=2)
    rest = await read(client, "/1/winners", limit=2, cursor=found["next_cursor"])
    winners = found["items"] + rest["items"]

    assert [winner["rank"] for winner in winners] == [0, 1, 2]
    assert [winner["ticket"] for winner in winners] == [str(ticket) for ticket in tickets]
    assert [winner["entry_index"] for winner in winners] == [owner[ticket] for ticket in tickets]
    assert [winner["buyer"] for winner in winners] == [shown(buyers[owner[t]]) for t in tickets]
    assert [winner["claimed"] for winner in winners] == [False, True, False]
    assert winners[1]["paid_to"] == shown(address(0xEE))
    assert winners[1]["prize"]["claimed"] is True
    assert winners[1]["transaction_hash"] == "0x" + hash_of("transaction", 103, 0).hex()
    assert winners[0]["transaction_hash"] is None
    assert rest["next_cursor"] is None


async def test_winners__fewer_tickets_than_prizes__leftover_prizes_have_none(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    facts.block(raffle_created(minTickets=1))
    facts.block(tickets_bought(0, 1, ANA, 0))
    facts.block(draw_requested(1, 1), number=101)
    returned = event(
        "Raffle",
        "PrizeReturned",
        raffleId=1,
        rank=2,
        organiser=ORGANISER,
        kind=2,
        token=address(0x71),
        amount=0,
        tokenId=7,
    )
    facts.block(draw_finalised(SEED, 1, 1), returned)

    winners = (await read(client, "/1/winners"))["items"]
    prizes = (await read(client))["prizes"]

    assert [winner["rank"] for winner in winners] == [0]
    assert [prize["returned"] for prize in prizes] == [False, False, True]


async def test_hostile_terms__shown_as_they_are(client: AsyncClient, facts: ChainOfFacts) -> None:
    """What anyone can put on chain must not break the list for everyone else."""
    facts.block(
        raffle_created(
            title="<script>alert(1)</script>\u202e",
            closesAt=2**64 - 1,
            maxTickets=2**64 - 1,
            ticketPrice=2**96 - 1,
            paymentToken=address(0x99),
            prizes=[],
        )
    )

    raffle = (await read(client, ""))["items"][0]

    assert raffle["title"] == "<script>alert(1)</script>\u202e"
    assert raffle["closes_at"] == "9999-12-31T23:59:59Z"
    assert raffle["max_tickets"] == str(2**64 - 1)
    assert (raffle["payment_symbol"], raffle["payment_decimals"]) == (None, None)
    assert raffle["state"] == "open"


BAD_INPUT = [
    ("/2", 404, "raffle_not_found"),
    ("/2/entries", 404, "raffle_not_found"),
    ("/2/winners", 404, "raffle_not_found"),
    ("/one", 422, "invalid_input"),
    ("/" + "9" * 90, 422, "invalid_input"),
    (f"/{2**256 - 1}", 404, "raffle_not_found"),
    ("?state=lost", 422, "invalid_input"),
    ("?limit=0", 422, "invalid_input"),
    ("?limit=101", 422, "invalid_input"),
    ("?cursor=-1", 422, "invalid_input"),
    ("?cursor=%D9%A3", 422, "invalid_input"),
    ("?organiser=0x12", 422, "invalid_input"),
]


async def test_bad_input__problem_documents(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(raffle_created())

    for path, status, code in BAD_INPUT:
        answer = await client.get(f"{URL}{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
        assert answer.headers["content-type"] == "application/problem+json"


async def test_no_mirror_yet__says_so(client: AsyncClient) -> None:
    answer = await client.get(URL)

    assert (answer.status_code, answer.json()["code"]) == (503, "mirror_not_ready")
    assert answer.headers["retry-after"]


async def test_mirror_without_blocks__says_so(client: AsyncClient, facts: ChainOfFacts) -> None:
    answer = await client.get(URL)

    assert (answer.status_code, answer.json()["code"]) == (503, "mirror_not_ready")
    facts.block()
    assert (await read(client, ""))["items"] == []


def test_genesis__is_what_the_expectations_assume() -> None:
    assert GENESIS == 1_800_000_000
