"""GET /accounts/… and the holders of /tokens/…: what addresses hold and take part in, with the block it stands for."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient

from listener.chain.draw.winners import winners as winning_numbers
from tests.backend.reads.facts import ChainOfFacts, address, event, hash_of, shown
from tests.backend.reads.naive import at
from tests.backend.reads.stories import (
    draw_finalised,
    draw_requested,
    granted,
    plan_created,
    prize_claimed,
    raffle_created,
    tickets_bought,
    token_created,
)

ANA, BEN, TOKEN = address(0xB1), address(0xB2), address(0x70)
SEED = hash_of("seed")


async def read(client: AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def moved(giver: bytes, receiver: bytes, value: int, token: bytes = TOKEN) -> Any:
    return at(token, "Token", "Transfer", **{"from": giver, "to": receiver, "value": value})


def votes_moved(delegate: bytes, votes: int) -> Any:
    return at(TOKEN, "Token", "DelegateVotesChanged", delegate=delegate, previousVotes=0, newVotes=votes)


async def test_account__at_a_glance__shows_all_it_takes_part_in(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    facts.block(token_created(TOKEN), plan_created(1, TOKEN), granted(1, 0, ANA, 1_000))
    facts.block(moved(bytes(20), ANA, 70), moved(ANA, BEN, 20))
    facts.block(at(TOKEN, "Token", "DelegateChanged", delegator=ANA, fromDelegate=bytes(20), toDelegate=BEN))
    facts.block(raffle_created(1), raffle_created(2), tickets_bought(0, 5, ANA, 0))
    facts.block(tickets_bought(0, 3, ANA, 0, raffle_id=2), tickets_bought(3, 1, BEN, 1, raffle_id=2))
    opened = event("Raffle", "RefundsOpened", raffleId=2, seedMissing=True, ticketsSold=4, minTickets=2)
    facts.block(draw_requested(5, 3), opened, number=101)
    facts.block(draw_finalised(SEED, 5, 3))
    ticket = winning_numbers(SEED, 5, 3)[1]
    last = facts.block(prize_claimed(1, ANA, ticket), final=101)

    found = await read(client, f"/accounts/0x{ANA.hex()}")

    assert (found["as_of_block"], found["final"]) == (last, False)
    refunding, drawn = found["raffles"]
    assert (refunding["raffle"]["id"], refunding["refund_due"], refunding["won"]) == (
        "2",
        str(3 * 10**17),
        [],
    )
    assert (drawn["raffle"]["id"], drawn["won"], drawn["claimable"]) == ("1", [0, 1, 2], [0, 2])
    assert [grant["amount"] for grant in found["grants"]] == ["1000"]
    assert [(one["token"], one["amount"], one["symbol"]) for one in found["balances"]] == [
        (shown(TOKEN), "50", "MEAD")
    ]
    assert [(one["token"], one["delegatee"]) for one in found["delegations"]] == [(shown(TOKEN), shown(BEN))]

    facts.block(final=last)
    assert (await read(client, f"/accounts/0x{ANA.hex()}"))["final"] is True
    nobody = await read(client, f"/accounts/0x{address(0xEE).hex()}")
    assert [nobody[kind] for kind in ("raffles", "grants", "offered", "balances", "delegations")] == [[]] * 5


async def test_account__its_raffles__in_pages(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(*(raffle_created(number) for number in range(1, 6)))
    facts.block(*(tickets_bought(0, number, ANA, 0, raffle_id=number) for number in (1, 2, 4, 5)))

    first = await read(client, f"/accounts/0x{ANA.hex()}/raffles", limit=3)
    rest = await read(client, f"/accounts/0x{ANA.hex()}/raffles", limit=3, cursor=first["next_cursor"])

    assert [one["raffle"]["id"] for one in first["items"]] == ["5", "4", "2"]
    assert [(one["raffle"]["id"], one["tickets"]) for one in rest["items"]] == [("1", "1")]
    assert (rest["next_cursor"], rest["as_of_block"]) == (None, 2)


async def test_token__figures_and_holders__in_pages_from_the_largest(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    people = [address(0xC0 + n) for n in range(5)]
    facts.block(token_created(TOKEN))
    facts.block(*(moved(bytes(20), who, 10 * (n // 2 + 1)) for n, who in enumerate(people)))
    facts.block(moved(people[0], bytes(20), 10), number=90, final=90)
    facts.tend()
    facts.block(moved(people[1], people[2], 3))
    path = f"/tokens/0x{TOKEN.hex()}"

    figures = await read(client, f"{path}/figures")
    seen: list[tuple[str, str]] = []
    page = await read(client, f"{path}/holders", limit=2)
    while True:
        seen += [(one["holder"], one["amount"]) for one in page["items"]]
        if page["next_cursor"] is None:
            break
        page = await read(client, f"{path}/holders", limit=2, cursor=page["next_cursor"])

    assert (figures["supply"], figures["holders"]) == ("80", 4)
    assert (figures["as_of_block"], figures["final"]) == (91, False)
    amounts = [(people[4], "30"), (people[2], "23"), (people[3], "20"), (people[1], "7")]
    assert seen == [(shown(who), amount) for who, amount in amounts]


async def test_token__transfers__newest_first_in_pages_and_of_one_holder(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    facts.block(token_created(TOKEN))
    facts.block(moved(bytes(20), ANA, 100), moved(ANA, BEN, 30), moved(ANA, ANA, 1))
    facts.block(moved(BEN, bytes(20), 5), moved(bytes(20), BEN, 7, token=address(0x7F)))
    path = f"/tokens/0x{TOKEN.hex()}/transfers"

    first = await read(client, path, limit=3)
    rest = await read(client, path, limit=3, cursor=first["next_cursor"])
    seen = [
        (one["sender"], one["receiver"], one["amount"], one["block_number"])
        for one in first["items"] + rest["items"]
    ]
    ana, ben = shown(ANA), shown(BEN)
    assert seen == [(ben, None, "5", 3), (ana, ana, "1", 2), (ana, ben, "30", 2), (None, ana, "100", 2)]
    assert (rest["next_cursor"], rest["as_of_block"]) == (None, 3)

    of_ben = await read(client, path, holder=ben, limit=1)
    assert [one["amount"] for one in of_ben["items"]] == ["5"]
    older = await read(client, path, holder=ben, limit=1, cursor=of_ben["next_cursor"])
    assert [one["amount"] for one in older["items"]] == ["30"]
    assert older["next_cursor"] is None
    assert [one["amount"] for one in (await read(client, path, holder=ana))["items"]] == ["1", "30", "100"]
    assert (await read(client, path, holder=shown(address(0xEE))))["items"] == []


async def test_token__delegates__strongest_first(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(token_created(TOKEN))
    facts.block(votes_moved(ANA, 40), votes_moved(BEN, 70), votes_moved(address(0xEE), 0))
    path = f"/tokens/0x{TOKEN.hex()}/delegates"

    first = await read(client, path, limit=1)
    rest = await read(client, path, limit=1, cursor=first["next_cursor"])

    assert [(one["holder"], one["amount"]) for one in first["items"] + rest["items"]] == [
        (shown(BEN), "70"),
        (shown(ANA), "40"),
    ]
    assert rest["next_cursor"] is None


async def test_bad_input__problem_documents(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(token_created(TOKEN))
    known, unknown = f"/tokens/0x{TOKEN.hex()}", f"/tokens/0x{ANA.hex()}"
    for path, status, code in (
        ("/accounts/0x12", 422, "invalid_input"),
        (f"{unknown}/figures", 404, "token_not_found"),
        (f"{unknown}/holders", 404, "token_not_found"),
        (f"{unknown}/delegates", 404, "token_not_found"),
        (f"{unknown}/transfers", 404, "token_not_found"),
        (f"{known}/holders?cursor={2**160}", 422, "invalid_input"),
        (f"{known}/delegates?cursor={2**160}", 422, "invalid_input"),
        (f"{known}/transfers?holder=0x12", 422, "invalid_input"),
        (f"{known}/transfers?cursor=x", 422, "invalid_input"),
    ):
        answer = await client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
