"""GET /governance…"""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from httpx import AsyncClient

from backend.governance import queries
from listener.chain.encode import encode_call
from tests.backend.reads.facts import ADDRESSES, GENESIS, ChainOfFacts, address, event, shown
from tests.backend.reads.stories import proposal_created, token_created, vote_cast
from tools.export_abi import compiled_abis

ANA, BEN, MEAD = address(0xB1), address(0xB2), address(0x70)
TIMELOCK = bytes.fromhex(ADDRESSES["Timelock"][2:])


async def read(client: AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"/api/v1/governance{path}", params={"token": shown(MEAD), **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def minted(to: bytes, value: int) -> Any:
    return event("Token", "Transfer", _at=MEAD, **{"from": address(0), "to": to, "value": value})


def has_votes(account: bytes, votes: int, before: int = 0) -> Any:
    return event(
        "Token", "DelegateVotesChanged", _at=MEAD, delegate=account, previousVotes=before, newVotes=votes
    )


def delegates(account: bytes, to: bytes) -> Any:
    return event(
        "Token", "DelegateChanged", _at=MEAD, delegator=account, fromDelegate=address(0), toDelegate=to
    )


def scheduled(proposal_id: int, delay: int = 50) -> Any:
    return event(
        "Timelock",
        "CallScheduled",
        id=proposal_id.to_bytes(32, "big"),
        index=0,
        target=address(0x99),
        value=0,
        data=b"",
        predecessor=bytes(32),
        delay=delay,
    )


@pytest.fixture
def held(facts: ChainOfFacts) -> ChainOfFacts:
    """A token of 1,000, of which Ana votes with 600, and a governor that asks for 4 %."""
    facts.block(
        token_created(MEAD),
        minted(ANA, 600),
        minted(BEN, 400),
        delegates(ANA, ANA),
        has_votes(ANA, 600),
        event("Governor", "QuorumNumeratorUpdated", oldQuorumNumerator=0, newQuorumNumerator=4),
        event("Governor", "VotingDelaySet", oldVotingDelay=0, newVotingDelay=9),
        event("Governor", "ProposalThresholdSet", oldProposalThreshold=0, newProposalThreshold=1),
        event("Governor", "ProposalThresholdSet", oldProposalThreshold=1, newProposalThreshold=7),
        event("Timelock", "MinDelayChange", oldDuration=0, newDuration=50),
    )
    return facts


async def test_settings__as_the_events_told_them_last(client: AsyncClient, held: ChainOfFacts) -> None:
    told = await read(client, "")

    assert (told["token"], told["symbol"], told["decimals"], told["supply"]) == (
        shown(MEAD),
        "MEAD",
        18,
        "1000",
    )
    assert (told["governor"], told["timelock"]) == (
        shown(bytes.fromhex(ADDRESSES["Governor"][2:])),
        shown(TIMELOCK),
    )
    assert (told["voting_delay"], told["proposal_threshold"], told["quorum_percent"]) == ("9", "7", "4")
    assert (told["timelock_delay"], told["voting_period"], told["guardian"]) == ("50", None, None)


async def test_proposals__of_a_state__in_pages_from_the_newest(
    client: AsyncClient, held: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    for number in range(1, 7):
        times = {} if number % 2 else {"voteEnd": GENESIS + 10_000}
        held.block(proposal_created(number, **times))
    held.block(number=200)

    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await read(client, "/proposals", state="active", limit=2, **cursor)
        seen += [one["id"] for one in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    everything = await read(client, "/proposals")
    defeated = await read(client, "/proposals", state="defeated")

    assert seen == ["6", "4", "2"]
    assert [one["id"] for one in everything["items"]] == ["6", "5", "4", "3", "2", "1"]
    assert [one["id"] for one in defeated["items"]] == ["5", "3", "1"]
    assert [one["id"] for one in (await read(client, "/proposals", proposer=shown(ANA)))["items"]] == []


async def test_proposals__of_a_rare_state__goes_on_where_the_search_stopped(
    client: AsyncClient, held: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    monkeypatch.setattr(queries, "MOST_SEARCHED", 2)
    held.block(*(proposal_created(number) for number in (1, 2, 3)))
    held.block(event("Governor", "ProposalCanceled", proposalId=1))

    first = await read(client, "/proposals", state="canceled")
    then = await read(client, "/proposals", state="canceled", cursor=first["next_cursor"])

    assert (first["items"], first["next_cursor"]) == ([], "2")
    assert ([one["id"] for one in then["items"]], then["next_cursor"]) == (["1"], None)


async def test_proposal__its_calls_in_words_and_what_happened_to_it(
    client: AsyncClient, held: ChainOfFacts
) -> None:
    abis = compiled_abis()
    fee = encode_call(abis["Raffle"], "setFee", [250, shown(TIMELOCK)])
    sent = encode_call(abis["Token"], "transfer", [shown(BEN), 5])
    targets = [bytes.fromhex(ADDRESSES["Raffle"][2:]), MEAD, address(0x99), address(0x98), address(0x97)]
    created = held.block(
        proposal_created(
            9, targets=targets, values=[0, 0, 7, 0, 0], calldatas=[fee, sent, b"", sent, sent + b"\x00" * 32]
        )
    )
    held.block(vote_cast(9, ANA, 1, 600), number=20)
    queued = held.block(scheduled(9), number=150)
    held.block(number=250)

    told = await read(client, "/proposals/9")
    held.block(
        event("Governor", "ProposalExecuted", proposalId=9),
        event(
            "Timelock",
            "CallExecuted",
            id=(9).to_bytes(32, "big"),
            index=0,
            target=address(0x99),
            value=0,
            data=b"",
        ),
    )
    after = await read(client, "/proposals/9")

    assert told["state"] == "queued"
    assert (told["votes_for"], told["quorum"]) == ("600", "40")
    raffle, token, plain, unknown, padded = told["calls"]
    assert (raffle["contract"], raffle["function"]) == ("Raffle", "setFee(uint16,address)")
    assert [one["value"] for one in raffle["arguments"]] == ["250", shown(TIMELOCK)]
    assert (token["contract"], token["symbol"], token["decimals"]) == ("Token", "MEAD", 18)
    assert token["arguments"] == [
        {"name": "to", "type": "address", "value": shown(BEN)},
        {"name": "value", "type": "uint256", "value": "5"},
    ]
    assert (plain["contract"], plain["function"], plain["value"], plain["calldata"]) == (
        None,
        None,
        "7",
        "0x",
    )
    assert (unknown["contract"], unknown["function"]) == (None, "transfer(address,uint256)")
    assert (padded["function"], padded["arguments"]) == (None, [])
    assert [(one["kind"], one["block_number"]) for one in told["moments"]] == [
        ("created", created),
        ("queued", queued),
    ]
    assert (after["state"], [one["kind"] for one in after["moments"]]) == (
        "executed",
        ["created", "queued", "executed"],
    )


async def test_call__structs_and_lists__as_json(client: AsyncClient, held: ChainOfFacts) -> None:
    abis = compiled_abis()
    data = encode_call(abis["TokenFactory"], "setCreators", [[shown(ANA), shown(BEN)], True])
    held.block(proposal_created(3, targets=[bytes.fromhex(ADDRESSES["TokenFactory"][2:])], calldatas=[data]))

    (call,) = (await read(client, "/proposals/3"))["calls"]

    assert [one["value"] for one in call["arguments"]] == [f'["{shown(ANA)}", "{shown(BEN)}"]', "true"]
    assert call["calldata"] == "0x" + data.hex()
    assert data[4:] == encode(["address[]", "bool"], [[shown(ANA), shown(BEN)], True])


async def test_votes__newest_first__with_reasons(client: AsyncClient, held: ChainOfFacts) -> None:
    held.block(proposal_created(1))
    held.block(vote_cast(1, ANA, 1, 600), vote_cast(1, BEN, 0, 3, with_params=True), number=20)

    first = await read(client, "/proposals/1/votes", limit=1)
    rest = await read(client, "/proposals/1/votes", cursor=first["next_cursor"])

    assert [(one["voter"], one["support"], one["weight"], one["reason"]) for one in first["items"]] == [
        (shown(BEN), 0, "3", "why")
    ]
    assert [one["voter"] for one in rest["items"]] == [shown(ANA)]


async def test_voter__weight_is_that_of_the_voting_s_start(client: AsyncClient, held: ChainOfFacts) -> None:
    held.block(proposal_created(1))
    before = await read(client, f"/voters/{shown(ANA)}", proposal_id="1")
    held.block(has_votes(ANA, 900, before=600), vote_cast(1, ANA, 2, 600), number=20)

    ana = await read(client, f"/voters/{shown(ANA)}", proposal_id="1")
    ben = await read(client, f"/voters/{shown(BEN)}", proposal_id="1")
    alone = await read(client, f"/voters/{shown(ANA)}")

    assert (before["weight"], before["votes"], before["vote"]) == (None, "600", None)
    assert (ana["balance"], ana["delegatee"], ana["votes"], ana["weight"]) == (
        "600",
        shown(ANA),
        "900",
        "600",
    )
    assert (ana["vote"]["support"], ana["vote"]["weight"]) == (2, "600")
    assert (ben["balance"], ben["delegatee"], ben["votes"], ben["weight"]) == ("400", None, "0", "0")
    assert (alone["weight"], alone["vote"], alone["symbol"]) == (None, None, "MEAD")


async def test_unknown_proposal_or_token_unknown_and_no_node__problem(
    client: AsyncClient, held: ChainOfFacts
) -> None:
    for path in ("/proposals/5", "/proposals/5/votes", f"/voters/{shown(ANA)}?proposal_id=5"):
        separator = "&" if "?" in path else "?"
        answer = await client.get(f"/api/v1/governance{path}{separator}token={shown(MEAD)}")
        assert (answer.status_code, answer.json()["code"]) == (404, "proposal_not_found"), path
    asked = await client.get("/api/v1/governance/proposals")
    assert (asked.status_code, asked.json()["code"]) == (503, "chain_unavailable")
