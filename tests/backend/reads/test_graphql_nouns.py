"""What GraphQL has beside lists of raffles, tokens and grants: the same as REST, noun by noun; and no list that asks
the database once for each of its items.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from graphql import GraphQLField, GraphQLObjectType, get_named_type
from httpx import AsyncClient

from backend.graphql.limits import READS
from backend.services import Services
from tests.backend.reads.contest_kit import sign_up
from tests.backend.reads.facts import ADDRESSES, ChainOfFacts, Event, address, event, hash_of, shown
from tests.backend.reads.graphql_kit import (
    ANA,
    BEN,
    MEAD,
    SCHEMA,
    ask,
    data,
    everything,
    resolves,
    rest,
    statements,
    without,
)
from tests.backend.reads.stories import (
    draw_finalised,
    draw_requested,
    granted,
    plan_created,
    raffle_created,
    tickets_bought,
    token_created,
    word_accepted,
)

SINGLE = ("asOfBlock", "final")
"""What REST says of one thing beside its fields."""
MANY = 100


async def test_a_raffle_and_a_token__figures_in_the_ranges_and_words_of_analytics(told: AsyncClient) -> None:
    over = {"span": "hour", "since": "2027-01-15T00:00:00Z", "until": "2027-01-16T00:00:00Z"}
    given = "span: $span, since: $since, until: $until"
    query = f"""query ($span: String!, $since: Time, $until: Time) {{
        raffle(id: "1") {{ analytics({given}, metrics: ["volume", "entries"]) {everything("Report")} }}
        token(address: "{shown(MEAD)}") {{ analytics({given}, metrics: ["holders"]) {everything("Report")}
            concentration {everything("Concentration")} }} }}"""
    found = await data(told, query, **over)
    of_raffle = await rest(told, "/analytics/raffles/1", metric=["volume", "entries"], **over)
    of_token = await rest(told, f"/analytics/tokens/{shown(MEAD)}", metric="holders", **over)
    assert (found["raffle"]["analytics"], found["token"]["analytics"]) == (of_raffle, of_token)
    assert [one["metric"] for one in of_raffle["metrics"]] == ["volume", "entries"]
    spread = found["token"]["concentration"]
    assert spread == await rest(told, f"/analytics/tokens/{shown(MEAD)}/concentration")
    assert (spread["supply"], spread["holders"]) == ("500", 2)

    for arguments, params in (
        ('since: "2027-01-15", until: "2027-01-14"', {"since": "2027-01-15", "until": "2027-01-14"}),
        ('span: "hour", since: "2020-01-01"', {"span": "hour", "since": "2020-01-01"}),
        ('since: "1000-01-01"', {"since": "1000-01-01"}),
        ('metrics: ["gas"]', {"metric": "gas"}),
    ):
        refused = await told.get("/api/v1/analytics/raffles/1", params=params)
        query = f'{{ raffle(id: "1") {{ analytics({arguments}) {{ until }} }} }}'
        (error,) = (await ask(told, query))["errors"]
        # A range without an end is named with the present hour.
        assert error["extensions"] == {"code": refused.json()["code"]}, error
        assert error["message"][:30] == refused.json()["detail"][:30]
    (error,) = (await ask(told, '{ raffle(id: "1") { analytics(span: "year") { until } } }'))["errors"]
    assert error["message"] == "span: must be one of hour, day"


async def test_a_token__delegates_and_transfers__same_as_rest(told: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(
        event(
            "Token", "DelegateVotesChanged", _at=MEAD, delegate=ANA, previousVotes=0, newVotes=300
        ),
        event(
            "Token", "DelegateVotesChanged", _at=MEAD, delegate=BEN, previousVotes=0, newVotes=200
        ),
    )  # fmt: skip
    mead = shown(MEAD)
    query = f"""query ($after: String) {{ token(address: "{mead}") {{
        delegates(limit: 1, cursor: $after) {everything("HolderPage")}
        transfers(limit: 1) {everything("TransferPage")}
        mine: transfers(holder: "{shown(BEN)}") {{ items {{ sender receiver amount }} }} }} }}"""
    first = (await data(told, query))["token"]
    assert first["delegates"] == await rest(told, f"/tokens/{mead}/delegates", limit=1)
    assert first["transfers"] == await rest(told, f"/tokens/{mead}/transfers", limit=1)
    assert [one["amount"] for one in first["mine"]["items"]] == ["200"]
    after = first["delegates"]["nextCursor"]
    second = (await data(told, query, after=after))["token"]["delegates"]
    assert second == await rest(told, f"/tokens/{mead}/delegates", limit=1, cursor=after)
    assert [one["holder"] for one in second["items"]] == [shown(BEN)]


async def test_vesting__plans_and_grants__same_as_rest(told: AsyncClient) -> None:
    number = str(2 << 64 | 1)
    query = f"""{{
        plans(limit: 2) {everything("PlanPage")}
        plan(id: "2") {{ {everything("PlanDetails")[2:-2]} final grantedTo(limit: 2) {everything("GrantPage")}
            madeToken {{ symbol }} }}
        grant(id: "{number}") {everything("Grant")}
        none: grant(id: "7") {{ id }}
        nothing: plan(id: "99") {{ id }}
    }}"""
    found = await data(told, query)
    assert found["plans"] == await rest(told, "/vesting/plans", limit=2)
    plan = await rest(told, "/vesting/plans/2")
    assert without(found["plan"], "grantedTo", "madeToken") == without(plan, "asOfBlock")
    assert found["plan"]["grantedTo"] == await rest(told, "/vesting/grants", plan_id="2", limit=2)
    assert found["plan"]["madeToken"] == {"symbol": "MEAD"}
    assert found["grant"] == without(await rest(told, f"/vesting/grants/{number}"), *SINGLE)
    assert (found["none"], found["nothing"]) == (None, None)


async def test_governance__settings_states_calls_and_voters__same_as_rest(
    told: AsyncClient, services: Services
) -> None:
    mead, ana = shown(MEAD), shown(ANA)
    selected = f"{everything('ProposalDetails')[2:-2]} final calls {everything('Call')} moments {everything('Moment')}"
    query = f"""query ($token: String) {{
        governance(token: $token) {everything("GovernanceSettings")}
        proposal(id: "1", token: $token) {{ {selected} }}
        proposals(state: "defeated", token: $token) {everything("ProposalPage")}
        voter(address: "{ana}", proposalId: "1", token: $token) {everything("Voter")}
        nobody: voter(address: "{ana}", proposalId: "99", token: $token) {{ votes }}
    }}"""
    found = await data(told, query, token=mead)
    assert found["governance"] == without(await rest(told, "/governance", token=mead), *SINGLE)
    one = await rest(told, "/governance/proposals/1", token=mead)
    assert found["proposal"] == without(one, "asOfBlock")
    assert [call["calldata"] for call in one["calls"]] == ["0x0102"]
    assert found["proposals"] == await rest(told, "/governance/proposals", state="defeated", token=mead)
    assert len(found["proposals"]["items"]) == 2
    voter = await rest(told, f"/governance/voters/{ana}", proposal_id="1", token=mead)
    assert found["voter"] == without(voter, *SINGLE)
    assert found["voter"]["vote"]["weight"] == "7"
    assert found["nobody"] is None
    # Nothing but the chain says which token is the governor's own: it is asked once.
    (error,) = (await ask(told, "{ proposals { final } }"))["errors"]
    assert error["extensions"] == {"code": "chain_unavailable"}
    services.governor_token = MEAD
    assert (await data(told, query))["governance"]["token"] == mead


async def test_an_account__same_as_rest(told: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(
        event("Token", "DelegateChanged", _at=MEAD, delegator=ANA, fromDelegate=address(0), toDelegate=BEN),
        event("Vesting", "TransferProposed", grantId=1 << 64, **{"from": ANA, "to": BEN}),
    )
    for who in (ANA, BEN, address(0xDEAD)):
        one = shown(who)
        query = f"""{{ account(address: "{one.lower()}") {{
            address
            raffles(limit: 10) {everything("ParticipationPage")}
            grants(limit: 10) {everything("GrantPage")} offered(limit: 10) {everything("GrantPage")}
            balances(limit: 10) {everything("Balance")} delegations(limit: 10) {everything("Delegation")}
            transfers {everything("TransferPage")} votes {everything("VotePage")} }} }}"""
        found = (await data(told, query))["account"]
        glance = await rest(told, f"/accounts/{one}")
        assert found["address"] == one
        for name in ("grants", "offered"):
            assert found[name]["items"] == glance[name], name
        for name in ("balances", "delegations"):
            assert found[name] == glance[name], name
        assert found["raffles"] == await rest(told, f"/accounts/{one}/raffles", limit=10)
        transfers = await rest(told, f"/tokens/{shown(MEAD)}/transfers", holder=one)
        assert found["transfers"] == transfers
        if who == ANA:
            assert len(found["grants"]["items"]) == 9
            assert found["delegations"][0]["delegatee"] == shown(BEN)
            assert [vote["proposalId"] for vote in found["votes"]["items"]] == ["1"]
            assert found["raffles"]["items"][0]["raffle"]["id"] == "1"
        if who == BEN:
            assert [grant["id"] for grant in found["offered"]["items"]] == [str(1 << 64)]


async def test_backing__same_as_rest(told: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(*(_attested(number) for number in range(1, 4)))
    topic = "0x" + hash_of("topic", 1).hex()
    query = f"""{{ backing {everything("Backing")}
        backingStatements(topic: "{topic}", limit: 1) {everything("StatementPage")} }}"""
    found = await data(told, query)
    assert found["backing"] == await rest(told, "/backing")
    assert found["backing"]["contract"] == ADDRESSES["Attestations"]
    assert len(found["backing"]["statements"]) == 2
    assert found["backingStatements"] == await rest(told, "/backing/statements", topic=topic, limit=1)
    assert found["backingStatements"]["nextCursor"] is not None
    (error,) = (await ask(told, '{ backingStatements(topic: "0x1") { final } }'))["errors"]
    assert error["message"] == "topic: must be 0x and 64 hex digits"


async def test_winners__with_the_names_of_accounts_that_allow_it(
    app: FastAPI, told: AsyncClient, facts: ChainOfFacts
) -> None:
    olga = await sign_up(app, "olga")
    wallet = bytes.fromhex(olga.wallet[2:])
    facts.block(
        raffle_created(50, prizes=[(0, address(0), 1, 0)] * 2),
        tickets_bought(0, 1, wallet, 0, 50),
        tickets_bought(1, 1, ANA, 1, 50),
        draw_requested(2, 2, 50),
        word_accepted(5, 50),
        draw_finalised(hash_of("seed", 1), 2, 2, 50, word=5),
    )
    named = await olga.http.patch("/api/v1/me", json={"display_name": "Olga"})
    allowed = await olga.http.put("/api/v1/account/consents/optional/public_name", json={"given": True})
    assert (named.status_code, allowed.status_code) == (200, 200), (named.text, allowed.text)
    found = await data(told, '{ raffle(id: "50") { winners { items { buyer name } final } } }')
    winners = await rest(told, "/raffles/50/winners")
    expected = [{"buyer": one["buyer"], "name": one["name"]} for one in winners["items"]]
    assert found["raffle"]["winners"] == {"items": expected, "final": winners["final"]}
    names = {one["buyer"]: one["name"] for one in expected}
    assert names == {olga.wallet: "Olga", shown(ANA): None}
    await olga.http.aclose()


def _attested(number: int) -> Event:
    """Of one topic and of another, in turns."""
    return event(
        "Attestations",
        "Attested",
        topic=hash_of("topic", number % 2),
        snapshotBlock=number,
        root=hash_of("root", number),
        total=number,
        document=hash_of("document", number),
        previous=0,
    )


# Every list that a thing with a resolved field can stand in: the field, and a query for so many of its items.
LISTS = {
    "Raffle.madePaymentToken": "raffles(limit: $n) { items { id madePaymentToken { name } } }",
    "Grant.plan": "grants(limit: $n) { items { id plan { id madeToken { name } } } }",
    "Grant.madeToken": "grants(limit: $n) { items { id madeToken { name } } }",
    "Plan.madeToken": "plans(limit: $n) { items { id madeToken { name } } }",
    "Winner.name": 'raffle(id: "1000") { winners(limit: $n) { items { rank name } } }',
    "Balance.madeToken": "account(address: $who) { balances(limit: $n) { token madeToken { name } } }",
    "Delegation.madeToken": "account(address: $who) { delegations(limit: $n) { token madeToken { name } } }",
}


async def test_lists__cost_as_many_statements_for_one_item_as_for_a_hundred(
    client: AsyncClient, facts: ChainOfFacts, services: Services
) -> None:
    _tell_many(facts)
    for field, selected in LISTS.items():
        who = ", $who: String!" if "$who" in selected else ""
        sent_for = {}
        for count in (1, 10, MANY):
            variables: dict[str, Any] = {"n": count} | ({"who": shown(ANA)} if who else {})
            with statements(services) as sent:
                found = await data(client, f"query ($n: Int!{who}) {{ {selected} }}", **variables)
            assert str(found).count("'name': ") == count, field
            # Nobody of them has an account; each token is there.
            assert str(found).count("'name': 'Meadow'") == (0 if field == "Winner.name" else count), field
            sent_for[count] = len(sent)
        assert len(set(sent_for.values())) == 1, (field, sent_for)


def test_lists__every_field_that_is_resolved_in_them_is_counted_above() -> None:
    resolved = {
        f"{kind.name}.{name}": one
        for kind in _in_lists()
        for name, one in kind.fields.items()
        if resolves(one)
    }
    assert set(resolved) == set(LISTS)
    # What a list allows costs it nothing: it is loaded for all of them together.
    for name, one in resolved.items():
        assert not one.args, name
        assert one.extensions["strawberry-definition"].metadata[READS] == 0, name


def _in_lists() -> list[GraphQLObjectType]:
    """Types that stand in lists, or in what stands in lists."""
    found: dict[str, GraphQLObjectType] = {}
    waiting = [
        one
        for kind in SCHEMA.type_map.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
        for one in kind.fields.values()
        if "[" in str(one.type)
    ]
    while waiting:
        kind = get_named_type(waiting.pop().type)
        if isinstance(kind, GraphQLObjectType) and kind.name not in found:
            found[kind.name] = kind
            inner: list[GraphQLField] = list(kind.fields.values())
            waiting += inner
    return list(found.values())


def _tell_many(facts: ChainOfFacts) -> None:
    """A hundred of each, each with a token of its own."""
    tokens = [address(0x1_0000 + number) for number in range(MANY)]
    buyers = [address(0x2_0000 + number) for number in range(MANY)]
    nobody = address(0)
    prizes = [(0, nobody, 1, 0)] * MANY
    facts.block(
        *(token_created(token, f"T{number}") for number, token in enumerate(tokens)),
        *(raffle_created(number, paymentToken=token) for number, token in enumerate(tokens, 1)),
        *(plan_created(number, token) for number, token in enumerate(tokens, 1)),
        *(granted(number, 0, ANA, 100) for number in range(1, MANY + 1)),
        *(
            event("Token", "Transfer", _at=token, **{"from": nobody, "to": ANA, "value": 5})
            for token in tokens
        ),
        *(
            event("Token", "DelegateChanged", _at=token, delegator=ANA, fromDelegate=nobody, toDelegate=BEN)
            for token in tokens
        ),
        # The newest, and so the first of the list: its token is a made one too.
        raffle_created(1000, prizes=prizes, paymentToken=tokens[0]),
        *(tickets_bought(number, 1, buyer, number, 1000) for number, buyer in enumerate(buyers)),
    )
    facts.block(draw_requested(MANY, MANY, 1000), number=101)
    facts.block(word_accepted(5, 1000), draw_finalised(hash_of("seed", 1), MANY, MANY, 1000, word=5))
