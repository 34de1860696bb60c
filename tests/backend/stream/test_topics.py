"""The stream's topics of what happens on chain: who gets what, and what is refused."""

from __future__ import annotations

from typing import Any

from backend.stream import codes
from tests.backend.reads.facts import ChainOfFacts, address, event, shown
from tests.backend.reads.stories import (
    draw_requested,
    granted,
    proposal_created,
    raffle_created,
    tickets_bought,
    token_created,
    vote_cast,
)
from tests.backend.serving import Served
from tests.backend.stream.client import BOB, bought, closed, events, heard, listening, say
from tests.backend.test_stream import happen, somebody

ANN, TOKEN = address(0xB0B0), address(0x70)
PUBLIC = ["raffles", "tokens", "proposals"]


def transfer(to: bytes, value: int = 5) -> Any:
    return event("Token", "Transfer", _at=TOKEN, **{"from": address(0), "to": to, "value": value})


def in_short(message: dict[str, Any]) -> tuple[str, list[str]]:
    return message["event"], message["topics"]


async def test_topics__each_fact_once_to_those_who_asked(served: Served, facts: ChainOfFacts) -> None:
    """One block, seen by a raffle's page, a list, a token's page and an account's."""
    lists = [*PUBLIC, "contests"]
    ann, token = f"account:{shown(ANN)}", f"token:{shown(TOKEN)}"
    async with (
        listening(served.port, ["raffle:1"]) as page,
        listening(served.port, lists) as overview,
        listening(served.port, [f"account:{shown(ANN).lower()}", "raffle:1", ann]) as account,
        listening(served.port, [token, "grant:18446744073709551616", "plan:1", "blocks"]) as other,
    ):
        ready = await heard(page)
        assert (ready["type"], ready["topics"], ready["complete"]) == ("ready", ["raffle:1"], True)
        assert "id" not in ready
        await heard(overview, "ready")
        assert (await heard(account, "ready"))["topics"] == [ann, "raffle:1"]
        assert (await heard(other, "ready"))["topics"][0] == token
        first = await heard(other)
        assert (first["event"], first["block"], first["data"]["rolled_back"]) == ("chain.block", 1, False)
        facts.block(
            raffle_created(),
            tickets_bought(0, 2, ANN, 0),
            bought(2),
            draw_requested(3, 1),
            token_created(TOKEN),
            transfer(ANN),
            transfer(BOB),
            granted(1, 0, ANN, 10**20),
            proposal_created(2**255),
            vote_cast(2**255, ANN, 1, 7),
            event("Raffle", "FeeChanged", feeBps=1, treasury=ANN),
            final=1,
        )
        seen = await events(page, 4)
        created = [
            "raffle.raffle_created",
            "raffle.tickets_bought",
            "raffle.tickets_bought",
            "raffle.draw_requested",
        ]
        assert [in_short(each) for each in seen] == [(name, ["raffle:1"]) for name in created]
        assert seen[1] == {
            "type": "event",
            "topics": ["raffle:1"],
            "id": f"b2-1-{facts.hash_of(2).hex()[:8]}",
            "event": "raffle.tickets_bought",
            "block": 2,
            "transaction": seen[1]["transaction"],
            "contract": facts.registry.contract("Raffle").address,
            "at": "2027-01-15T08:00:02Z",
            "data": {
                "raffle_id": "1",
                "buyer": shown(ANN),
                "payer": shown(ANN),
                "first_ticket": "0",
                "count": "2",
                "paid": str(2 * 10**17),
            },
        }
        votes = [("governor.proposal_created", ["proposals"]), ("governor.vote_cast", ["proposals"])]
        assert [in_short(each) for each in await events(overview, 7)] == [
            *((name, ["raffles"]) for name in created),
            ("token_factory.token_created", ["tokens"]),
            *votes,
        ]
        assert [in_short(each) for each in await events(account, 7)] == [
            (created[0], ["raffle:1"]),
            (created[1], [ann, "raffle:1"]),
            (created[2], ["raffle:1"]),
            (created[3], ["raffle:1"]),
            ("token.transfer", [ann]),
            ("vesting.granted", [ann]),
            ("governor.vote_cast", [ann]),
        ]
        assert [in_short(each) for each in await events(other, 5)] == [
            ("token_factory.token_created", [token]),
            ("token.transfer", [token]),
            ("token.transfer", [token]),
            ("vesting.granted", ["grant:18446744073709551616", "plan:1"]),
            ("chain.block", ["blocks"]),
        ]
        for socket in (page, overview, account):
            quiet = await heard(socket)
            assert quiet == {"type": "heartbeat", "chain": f"b2-9-{facts.hash_of(2).hex()[:8]}"}


async def test_changed_topics__and_what_is_refused(served: Served, facts: ChainOfFacts) -> None:
    user, _, token = await somebody(served)
    bad = [
        "raffle:",
        "raffle:01",
        "raffle:-1",
        f"raffle:{2**256}",
        "token:0x12",
        "account:me",
        "raffles:1",
        "x",
    ]
    async with listening(served.port, ["raffle:1", *bad]) as socket:
        assert (await heard(socket))["topics"] == ["raffle:1"]
        refused = [await heard(socket, "refused") for _ in range(2)]
        assert {each["reason"]: each["topics"] for each in refused} == {
            "malformed": bad[:6],
            "unknown": bad[6:],
        }
        assert all(each["detail"] for each in refused)
        await say(socket, {"type": "subscribe", "topics": ["me", "raffle:2", "blocks"]})
        assert await heard(socket, "topics") == {
            "type": "topics",
            "topics": ["raffle:1", "raffle:2", "blocks"],
        }
        assert (await heard(socket))["reason"] == "sign_in"
        assert (await heard(socket))["event"] == "chain.block"
        await say(socket, {"type": "unsubscribe", "topics": ["raffle:1", "blocks", "nonsense"]})
        assert (await heard(socket, "topics"))["topics"] == ["raffle:2"]
        facts.block(raffle_created(1), raffle_created(2))
        assert in_short(await heard(socket, "event")) == ("raffle.raffle_created", ["raffle:2"])
        await say(socket, {"type": "subscribe", "topics": [f"raffle:{n}" for n in range(60)]})
        assert len((await heard(socket, "topics"))["topics"]) == 50
        full = await heard(socket, "refused")
        assert (full["reason"], full["topics"][0], len(full["topics"])) == ("too_many", "raffle:50", 10)
    async with listening(served.port, token=token) as socket:
        assert await heard(socket, "ready") | {"id": 0} == {
            "type": "ready",
            "topics": ["me"],
            "id": 0,
            "complete": True,
        }
        await say(socket, {"type": "subscribe", "topics": ["raffles"]})
        assert (await heard(socket, "topics"))["chain"] == f"b2-1-{facts.hash_of(2).hex()[:8]}"
        facts.block(bought(1))
        await happen(served, user, "mine")
        assert {each["event"] for each in await events(socket, 2)} == {
            "raffle.tickets_bought",
            "intent.created",
        }
        beat = await heard(socket, "heartbeat")
        await say(socket, {"type": "unsubscribe", "topics": ["me", "raffles"]})
        assert (await heard(socket, "topics"))["topics"] == []
    facts.block(bought(2))
    await happen(served, user, "later")
    both = {"me": beat["id"], "chain": beat["chain"]}
    async with listening(served.port, ["me", "raffles"], token=token, after=both) as socket:
        assert {each["event"] for each in await events(socket, 2)} == {
            "raffle.tickets_bought",
            "intent.created",
        }
    board = served.app.state.stream._board
    assert not board._people
    for junk in (
        '{"type":"start","topics":[]}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","topics":"me"}',
        '{"type":"subscribe","topics":[5]}',
        '{"type":"subscribe","topics":["' + "x" * 101 + '"]}',
        '{"type":"unsubscribe","topics":["me"],"more":1}',
    ):
        async with listening(served.port, ["blocks"]) as socket:
            await socket.send(junk)
            assert await closed(socket) == codes.MALFORMED, junk
    for after in ("b1-1-00000000", {"chain": "1-1"}, {"chain": "b1-1-zzzzzzzz"}, {"other": "1-1"}, 5):
        async with listening(served.port, ["blocks"], after=after) as socket:
            assert await closed(socket) == codes.MALFORMED, after


async def test_nobody__public_topics_alone__and_a_bad_token_is_no_way_to_be_nobody(served: Served) -> None:
    for topics in (None, ["me"], ["blocks", "me"]):
        async with listening(served.port, topics) as socket:
            assert await closed(socket) == codes.SIGNED_OUT
    cookie: dict[str, Any] = {"additional_headers": {"Cookie": "access=x"}}
    hows: list[dict[str, Any]] = [{"token": "x"}, {**cookie, "origin": served.url}]
    for how in hows:
        async with listening(served.port, ["blocks"], **how) as socket:
            assert await closed(socket) == codes.SIGNED_OUT
    async with listening(served.port, ["blocks"], **cookie) as socket:
        assert (await heard(socket))["type"] == "ready"
