"""What the API says and what the contracts say are one thing: the real contracts, the real listener."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asgi_lifespan import LifespanManager
from httpx import ASGITransport, AsyncClient

from backend.app import create_app
from backend.contracts import Contracts
from backend.db import make_engine
from backend.intents.calls import plan
from backend.intents.wishes.raffles import BuyTickets
from backend.mirror import open_snapshot
from listener.chain.draw import merkle
from listener.chain.draw.allow_list import allow_key, allow_leaf
from listener.chain.draw.terms import ContestDetails, ContestTerms
from listener.chain.registry import parse_registry
from listener.chain.rpc import RpcPool
from listener.mirror.reads import holders
from tests.backend.reads.contest_kit import sign_up
from tests.backend.reads.real_chain import RealChain
from tests.backend.world import make_settings
from tests.support.anvil import Anvil
from tools.run.postgres import DatabaseUris

STATES = ("none", "open", "closed", "drawing", "drawn", "refunding")
ZERO = "0x" + "00" * 20
POL = 10**18
PRICE = POL // 10


@pytest.fixture(scope="module")
def chain() -> Iterator[RealChain]:
    """An anvil with everything deployed."""
    with Anvil() as anvil:
        yield RealChain(anvil)


@pytest.fixture
async def api(chain: RealChain, database: DatabaseUris, tmp_path: Path) -> AsyncIterator[AsyncClient]:
    """The application over the chain's mirror, which is empty so far."""
    settings = make_settings(database.backend, [chain.anvil.url], tmp_path, registry=chain.registry())
    app = create_app(settings)
    async with LifespanManager(app):
        transport = ASGITransport(app=app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://tombola.test", timeout=60) as client:
            yield client


async def read(api: AsyncClient, path: str, **params: Any) -> Any:
    answer = await api.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def create_raffle(chain: RealChain, sells: int, closes_in: int = 100, most: int = 60) -> int:
    """A raffle with three POL prizes in which `sells` tickets are bought by three people; returns its id."""
    raffle, organiser = chain.contracts["Raffle"], chain.accounts[1]
    prizes = [(0, ZERO, amount, 0) for amount in (3 * POL, 2 * POL, POL)]
    terms = (ZERO, PRICE, chain.now() + closes_in, 10, most, 0, "Real raffle", prizes)
    chain.send(raffle.functions.createRaffle(terms), organiser, 6 * POL)
    raffle_id = int(raffle.functions.raffleCount().call())
    shares = [sells // 2, sells // 3, sells - sells // 2 - sells // 3]
    for buyer, count in zip(chain.accounts[2:5], shares, strict=True):
        if count:
            chain.send(raffle.functions.buyTickets(raffle_id, count, buyer), buyer, count * PRICE)
    return raffle_id


async def test_raffles__state_entries_winners_and_refunds__as_the_contract_says(
    chain: RealChain, api: AsyncClient, database: DatabaseUris, tmp_path: Path
) -> None:
    raffle = chain.contracts["Raffle"]
    drawn, drawing = create_raffle(chain, 60), create_raffle(chain, 60)
    undersold, late = create_raffle(chain, 4, closes_in=60), create_raffle(chain, 20, closes_in=60)
    still_open = create_raffle(chain, 7, closes_in=10_000)
    sold_out = create_raffle(chain, 12, closes_in=10_000, most=12)
    chain.send(raffle.functions.requestDraw(drawn), chain.accounts[9])
    chain.finalise("Raffle", drawn)
    chain.send(raffle.functions.claim(drawn, 1), chain.accounts[9])
    chain.pass_until(chain.now() + 100)
    chain.send(raffle.functions.requestDraw(drawing), chain.accounts[9])
    chain.send(raffle.functions.refund(undersold, 1), chain.accounts[9])
    head = chain.mirror(tmp_path, database.listener)

    for raffle_id in (drawn, drawing, undersold, late, still_open, sold_out):
        found = await read(api, f"/raffles/{raffle_id}")
        entries = (await read(api, f"/raffles/{raffle_id}/entries"))["items"]
        winners = (await read(api, f"/raffles/{raffle_id}/winners"))["items"]
        info = raffle.functions.infoOf(raffle_id).call()
        state = raffle.functions.stateOf(raffle_id).call()

        assert (found["state"], found["as_of_block"]) == (STATES[state], head)
        assert (int(found["tickets_sold"]), found["entries"]) == (info[8], info[9])
        assert (found["fee_bps"], found["terms_hash"]) == (info[11], "0x" + info[14].hex())
        for entry in entries:
            index = entry["entry_index"]
            first = int(entry["first_ticket"])
            told = (entry["buyer"], first, first + int(entry["count"]))
            assert list(told) == raffle.functions.entryOf(raffle_id, index).call()
            assert entry["refunded"] == raffle.functions.isRefunded(raffle_id, index).call()
        for winner in winners:
            told = (int(winner["ticket"]), winner["entry_index"], winner["buyer"])
            assert list(told) == raffle.functions.winnerOf(raffle_id, winner["rank"]).call()
            assert winner["claimed"] == raffle.functions.isClaimed(raffle_id, winner["rank"]).call()
        assert len(entries) == info[9]
        assert len(winners) == (3 if raffle_id == drawn else 0)
    for buyer in chain.accounts[2:5]:
        mine = {one["raffle"]["id"]: one for one in (await read(api, f"/accounts/{buyer}/raffles"))["items"]}
        won = [rank for rank in range(3) if raffle.functions.winnerOf(drawn, rank).call()[2] == buyer]
        waits = [rank for rank in won if not raffle.functions.isClaimed(drawn, rank).call()]
        assert (mine[str(drawn)]["won"], mine[str(drawn)]["claimable"]) == (won, waits)
        entries = (await read(api, f"/raffles/{undersold}/entries", buyer=buyer))["items"]
        due = sum(
            raffle.functions.paidOf(undersold, entry["entry_index"]).call()
            for entry in entries
            if not raffle.functions.isRefunded(undersold, entry["entry_index"]).call()
        )
        assert int(mine[str(undersold)]["refund_due"]) == due
    states = [item["state"] for item in (await read(api, "/raffles"))["items"]]
    assert states == ["closed", "open", "closed", "refunding", "drawing", "drawn"]


async def test_raffles_with_options__custodial_purchase__is_one_the_contract_takes(
    chain: RealChain, api: AsyncClient, database: DatabaseUris, tmp_path: Path
) -> None:
    raffle, organiser, wallet = chain.contracts["Raffle"], chain.accounts[1], chain.accounts[8]
    feed = chain.deploy("LocalPriceFeed", 8, 25 * 10**8)
    chain.send(raffle.functions.setPriceFeed(ZERO, feed.address, 86_400), chain.accounts[0])
    salt = b"\x05" * 32
    leaf = allow_leaf(
        chain_id=chain.anvil.chain_id,
        contract=raffle.address,
        key=allow_key(organiser, salt),
        account=wallet,
        allowance=3,
    )
    terms = (ZERO, 10**8, chain.now() + 10_000, 1, 50, 0, "In dollars", [(0, ZERO, POL, 0)])
    options = (feed.address, 86_400, leaf, salt)
    chain.send(raffle.functions.createRaffleWith(terms, options), organiser, POL)
    raffle_id = int(raffle.functions.raffleCount().call())
    chain.mirror(tmp_path, database.listener)

    quoted = await read(api, f"/raffles/{raffle_id}/quote", count="2")
    assert quoted == {"count": "2", "payment": str(8 * POL // 100)}
    found = await read(api, f"/raffles/{raffle_id}")
    assert (found["price_feed"], found["allow_list_root"]) == (feed.address, "0x" + leaf.hex())

    contracts = Contracts(parse_registry(chain.registry()))
    wish = BuyTickets(kind="buy_tickets", raffle_id=str(raffle_id), count="2", allowance="3", proof=[])
    gift = wish.model_copy(update={"count": "1", "buyer": wallet, "max_payment": str(POL // 10)})
    pool, engine = RpcPool([chain.anvil.url]), make_engine(database.backend)
    try:
        (call,), (spending,) = await plan(wish, wallet, pool, contracts, engine)
        (giving,), _ = await plan(gift, chain.accounts[7], pool, contracts, engine)
    finally:
        await pool.close()
        await engine.dispose()
    assert (call.value, spending.amount) == (816 * POL // 10_000, 816 * POL // 10_000)
    held = chain.w3.eth.get_balance(raffle.address)
    chain.send_raw(wallet, call.stored())
    assert chain.w3.eth.get_balance(raffle.address) - held == 8 * POL // 100
    assert raffle.functions.entryOf(raffle_id, 0).call() == [wallet, 0, 2]
    chain.send_raw(chain.accounts[7], giving.stored())
    assert giving.value == POL // 10
    assert raffle.functions.entryOf(raffle_id, 1).call() == [wallet, 2, 3]
    assert raffle.functions.paidOf(raffle_id, 1).call() == 4 * POL // 100


async def test_token__supply_holders_votes_and_delegations__as_the_contract_says(
    chain: RealChain, api: AsyncClient, database: DatabaseUris, tmp_path: Path
) -> None:
    factory, issuer = chain.contracts["TokenFactory"], chain.accounts[1]
    config = ("Clover", "CLOV", issuer, issuer, 10**25, 10**24, 1, 15)
    salt = b"\x07" * 32
    address = factory.functions.predictToken(issuer, config, salt).call()
    chain.send(factory.functions.createToken(config, salt, 0), issuer)
    token = chain.contract("Token", address)
    people = chain.accounts[1:6]
    for number, who in enumerate(people[1:4]):
        chain.send(token.functions.transfer(who, 10**18 * (number + 1)), issuer)
        chain.send(token.functions.delegate(people[number]), who)
    then = chain.now()
    chain.pass_until(then + 10)
    chain.send(token.functions.burn(5 * 10**17), people[2])
    chain.send(token.functions.transfer(people[4], 10**18), people[1])
    chain.pass_until(chain.now() + 10)
    chain.mirror(tmp_path, database.listener)

    figures = await read(api, f"/tokens/{address}/figures")
    held = (await read(api, f"/tokens/{address}/holders"))["items"]
    amounts = {who: token.functions.balanceOf(who).call() for who in people}
    assert int(figures["supply"]) == token.functions.totalSupply().call()
    assert figures["holders"] == len(held) == sum(amount > 0 for amount in amounts.values())
    assert [(one["holder"], int(one["amount"])) for one in held] == sorted(
        ((who, amount) for who, amount in amounts.items() if amount), key=lambda one: -one[1]
    )
    for who in people[1:4]:
        found = await read(api, f"/accounts/{who}")
        assert [(one["token"], one["delegatee"]) for one in found["delegations"]] == [
            (address, token.functions.delegates(who).call())
        ]
        assert [(one["token"], int(one["amount"])) for one in found["balances"]] == (
            [(address, amounts[who])] if amounts[who] else []
        )
    engine, raw = make_engine(database.backend), bytes.fromhex(address[2:])
    async with open_snapshot(engine) as mirror:
        supplies = await holders.supplies_at(mirror.db, raw, [then])
        assert supplies[then] == token.functions.getPastTotalSupply(then).call()
        told = {one.holder: one.amount for one in await holders.delegates(mirror.db, raw, limit=10)}
        for who in people:
            assert told.get(who, 0) == token.functions.getVotes(who).call()
            votes = await holders.votes_at(mirror.db, raw, bytes.fromhex(who[2:]), then)
            assert votes == token.functions.getPastVotes(who, then).call()
    await engine.dispose()


async def test_vesting__vested_and_releasable__as_the_contract_says(
    chain: RealChain, api: AsyncClient, database: DatabaseUris, tmp_path: Path
) -> None:
    vesting, factory, issuer = chain.contracts["Vesting"], chain.contracts["TokenFactory"], chain.accounts[1]
    config = ("Meadow", "MEAD", issuer, issuer, 10**25, 10**24, 1, 1)
    address = factory.functions.predictToken(issuer, config, bytes(32)).call()
    chain.send(factory.functions.createToken(config, bytes(32), 0), issuer)
    token = chain.contract("Token", address)
    chain.send(token.functions.approve(vesting.address, 10**24), issuer)
    start = chain.now()
    shapes = [(0, 1_000, 0, 0), (300, 1_000, 7, 333), (1_000, 1_000, 1, 10_000), (0, 1_009, 100, 1)]
    for number, (cliff, duration, step, unlock) in enumerate(shapes):
        grants = [
            (holder, 10**18 + 13 * number + 7 * index) for index, holder in enumerate(chain.accounts[2:5])
        ]
        plan = (address, start, cliff, duration, step, unlock)
        chain.send(vesting.functions.createPlan(plan), issuer)
        plan_id = int(vesting.functions.planCount().call())
        chain.send(vesting.functions.grant(plan_id, grants), issuer)

    for wait in (10, 299, 333, 700, 1_100):
        chain.pass_until(start + wait)
        grants = (await read_after_mirror(chain, api, database, tmp_path, "/vesting/grants?limit=100"))[
            "items"
        ]
        assert len(grants) == 12
        for grant in grants:
            grant_id = int(grant["id"])
            held = vesting.functions.grantOf(grant_id).call()
            vested = vesting.functions.vestedAmount(grant_id, chain.now()).call()
            assert (grant["beneficiary"], int(grant["amount"]), int(grant["released"])) == tuple(held[:3])
            assert (int(grant["vested"]), int(grant["releasable"])) == (vested, vested - held[2])
            assert (grant["token"], grant["symbol"]) == (address, "MEAD")
        releasable = [int(grant["id"]) for grant in grants if int(grant["releasable"])][:5]
        if releasable:
            chain.send(vesting.functions.releaseMany(releasable), chain.accounts[9])
    tokens = (await read(api, "/tokens"))["items"]
    assert (address, str(10**25)) in [(found["address"], found["cap"]) for found in tokens]


async def test_vesting__tranches_revocations_and_transfers__as_the_contract_says(
    chain: RealChain, api: AsyncClient, database: DatabaseUris, tmp_path: Path
) -> None:
    vesting, issuer, people = chain.contracts["Vesting"], chain.accounts[1], chain.accounts[2:6]
    token = chain.token(issuer, 10**24)
    chain.send(token.functions.approve(vesting.address, 10**24), issuer)
    start = chain.now()
    tranches = [(start + 100, 1_000), (start + 300, 3_333), (start + 900, 10_000)]
    curve = (token.address, start, 50, 1_000, 7, 500)
    first_plan = int(vesting.functions.planCount().call()) + 1
    shares = [(person, 10**18 + 3 * number) for number, person in enumerate(people)]
    chain.send(vesting.functions.createTranchePlan(ZERO, token.address, tranches, shares), issuer)
    chain.send(vesting.functions.createPlanFor(ZERO, curve, shares), issuer)
    dated, curved = (plan << 64 for plan in (first_plan, first_plan + 1))

    chain.pass_until(start + 310)
    for grant_id in (dated, curved):
        chain.send(vesting.functions.revoke(grant_id), issuer)
        chain.send(vesting.functions.revokeAt(grant_id + 1, start + 650), issuer)
        chain.send(vesting.functions.proposeTransfer(grant_id + 2, people[3]), people[2])
        chain.send(vesting.functions.acceptTransfer(grant_id + 2), people[3])
    chain.send(vesting.functions.renounceRevocation(first_plan), issuer)
    chain.send(vesting.functions.proposeTransfer(dated + 3, people[1]), people[3])
    chain.send(vesting.functions.delegate([curved + 3], people[0]), people[3])
    chain.send(vesting.functions.proposeRecovery(curved + 1, people[0]), issuer)

    for wait in (400, 640, 700, 1_100):
        chain.pass_until(start + wait)
        await asyncio.to_thread(chain.mirror, tmp_path, database.listener)
        for grant_id in (base + index for base in (dated, curved) for index in range(4)):
            found = await read(api, f"/vesting/grants/{grant_id}")
            held = vesting.functions.grantOf(grant_id).call()
            beneficiary, amount, released, returned, stops_at, delegatee = held
            proposals = [found["offered_to"] or ZERO, found["recovery_by"] or ZERO]
            assert [*proposals, _unix(found["recovery_from"])] == vesting.functions.proposalsOf(
                grant_id
            ).call()
            assert (found["delegatee"] or ZERO) == delegatee
            vested = vesting.functions.vestedAmount(grant_id, chain.now()).call()
            assert (found["beneficiary"], int(found["amount"])) == (beneficiary, amount)
            assert (int(found["returned"]), _unix(found["stops_at"])) == (returned, stops_at)
            assert (int(found["vested"]), int(found["releasable"])) == (vested, vested - released)
        chain.send(vesting.functions.release(curved + 3), chain.accounts[9])
    for plan_id in (first_plan, first_plan + 1):
        plan = await read(api, f"/vesting/plans/{plan_id}")
        config, creator, count, revocable = vesting.functions.planOf(plan_id).call()
        held = [(word >> 16, word & 0xFFFF) for word in vesting.functions.tranchesOf(plan_id).call()]
        told = [(_unix(tranche["time"]), tranche["cumulative_bps"]) for tranche in plan["tranches"]]
        assert told == held == (tranches if plan_id == first_plan else [])
        assert (plan["creator"], plan["grants"], plan["revocable"]) == (creator, count, revocable)
        shape = [plan[name] for name in ("cliff", "duration", "step", "start_unlock_bps")]
        assert [_unix(plan["start"]), *shape] == list(config[1:])
    mine = (await read(api, "/vesting/grants", beneficiary=people[3], limit=100))["items"]
    ours = {base + index for base in (dated, curved) for index in (2, 3)}
    assert ours <= {int(grant["id"]) for grant in mine}
    assert all(grant["beneficiary"] == people[3] for grant in mine)


def _unix(time: str | None) -> int:
    """Seconds of a time that the API shows; 0 for null."""
    return 0 if time is None else int(datetime.fromisoformat(time).timestamp())


async def read_after_mirror(
    chain: RealChain, api: AsyncClient, database: DatabaseUris, folder: Path, path: str
) -> Any:
    """Mirror up to the head, then read."""
    await asyncio.to_thread(chain.mirror, folder, database.listener)
    return await read(api, path)


async def test_contest__committed_by_the_wallets_own_call__as_the_contract_says(
    chain: RealChain, api: AsyncClient, database: DatabaseUris, tmp_path: Path
) -> None:
    contest = chain.contracts["Contest"]
    chain.mirror(tmp_path, database.listener)
    olga = await sign_up(api._transport.app, "olga")  # type: ignore[attr-defined]
    draft = await olga.draft(json.dumps([f"user {n}" for n in range(37)]), winners=3, alternates=2)
    intent = await olga.commit(draft)
    chain.send_raw(olga.wallet, call_of(database, intent))
    number = int(contest.functions.contestCount().call())
    chain.finalise("Contest", number)
    drawn = await read_after_mirror(chain, api, database, tmp_path, f"/contests/{draft['id']}")
    asked = await olga.post(f"/{draft['id']}/disqualify", {"rank": 0, "reason": "Staff ✋"})
    chain.send_raw(olga.wallet, call_of(database, asked.json()))
    winners = await read_after_mirror(chain, api, database, tmp_path, f"/contests/{draft['id']}/winners")
    bundle = await read(api, f"/contests/{draft['id']}/bundle")
    await olga.http.aclose()

    (opened,) = contest.events.ContestOpened().get_logs(from_block=0)
    terms = opened_terms(opened["args"])
    assert (drawn["state"], drawn["contest_number"]) == ("completed", str(number))
    assert (drawn["organiser"], drawn["root"]) == (terms.organiser, "0x" + terms.root.hex())
    assert drawn["commitment"] == drawn["draw"]["commitment"] == "0x" + terms.hash().hex()
    standing = [item for item in winners["items"] if item["standing"]]
    assert [[item["rank"] for item in standing], [item["index"] for item in standing]] == list(
        contest.functions.standingWinners(number, terms.words()).call()
    )
    assert winners["items"][0]["disqualified"] == "Staff ✋"
    for opened in bundle["openings"]:
        id_hash = chain.w3.keccak(
            chain.w3.codec.encode(
                ["bytes32", "string"], [bytes.fromhex(opened["salt"][2:]), opened["account_key"]]
            )
        )
        leaf = (opened["index"], 1, id_hash, bytes(32))
        path = (opened["proof"], [])
        assert contest.functions.isEntry(number, terms.words(), leaf, path).call()
        held = contest.functions.isDrawnAt(number, terms.words(), opened["rank"], leaf, path).call()
        assert held == (opened["rank"] != 0)


async def test_weighted_contest__repeats_proved_by_the_wallets_own_calls__as_the_contract_says(
    chain: RealChain, api: AsyncClient, database: DatabaseUris, tmp_path: Path
) -> None:
    contest = chain.contracts["Contest"]
    chain.mirror(tmp_path, database.listener)
    olga = await sign_up(api._transport.app, "olga")  # type: ignore[attr-defined]
    people = [{"user": f"user {n}", "tickets": 1_000_000 if n in (2, 5) else 1} for n in range(9)]
    draft = await olga.draft(json.dumps(people), winners=2, alternates=7, weight_column="tickets")
    chain.send_raw(olga.wallet, call_of(database, await olga.commit(draft)))
    number = int(contest.functions.contestCount().call())
    chain.finalise("Contest", number)
    drawn = await read_after_mirror(chain, api, database, tmp_path, f"/contests/{draft['id']}")
    before = (await read(api, f"/contests/{draft['id']}/winners"))["items"]
    proving = (await olga.post(f"/{draft['id']}/repeats")).json()
    for call in calls_of(database, proving):
        chain.send_raw(olga.wallet, call)
    after = (await read_after_mirror(chain, api, database, tmp_path, f"/contests/{draft['id']}/winners"))[
        "items"
    ]
    shown = await read(api, f"/contests/{draft['id']}")
    nothing = await olga.post(f"/{draft['id']}/repeats")
    out = await olga.post(f"/{draft['id']}/disqualify", {"rank": shown["repeated"][0], "reason": "again"})
    bundle = await read(api, f"/contests/{draft['id']}/bundle")
    await olga.http.aclose()

    (opened,) = contest.events.ContestOpened().get_logs(from_block=0, argument_filters={"contestId": number})
    terms = opened_terms(opened["args"], total_weight=2_000_007)
    assert drawn["commitment"] == drawn["draw"]["commitment"] == "0x" + terms.hash().hex()
    assert (drawn["total_weight"], drawn["weight_column"], drawn["draw"]["n"]) == (
        "2000007",
        "weight",
        "2000007",
    )
    again = {item["rank"]: item["repeats"] for item in before if item["repeats"] is not None}
    assert len(again) >= 3, "two heavy entries among nine ranks"
    assert all(before[rank]["index"] == before[earlier]["index"] for rank, earlier in again.items())
    assert len({item["index"] for item in before}) == len(before) - len(again)
    assert [item["rank"] for item in before if item["standing"]] == [0, 1], "nothing is proved yet"
    assert (proving["kind"], proving["params"]["ranks"]) == ("prove_repeats", sorted(again))
    assert shown["repeated"] == [item["rank"] for item in after if item["repeat_proved"]] == sorted(again)
    standing = [item for item in after if item["standing"]]
    assert len({item["index"] for item in standing}) == len(standing) == 2
    units = contest.functions.standingWinners(number, terms.words()).call()
    assert units[0] == [item["rank"] for item in standing]
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_repeats")
    assert (out.status_code, out.json()["code"]) == (409, "rank_already_disqualified")
    assert bundle["weights"] == [str(person["tickets"]) for person in people]
    for opening in bundle["openings"]:
        id_hash = merkle.id_hash(bytes.fromhex(opening["salt"][2:]), opening["account_key"])
        leaf = (opening["index"], int(bundle["weights"][opening["index"]]), id_hash, bytes(32))
        siblings = [
            (node, int(amount)) for node, amount in zip(opening["proof"], opening["sums"], strict=True)
        ]
        path = ([], siblings)
        assert contest.functions.isEntry(number, terms.words(), leaf, path).call()
        held = contest.functions.isDrawnAt(number, terms.words(), opening["rank"], leaf, path).call()
        assert held == (opening["rank"] not in again)


def opened_terms(args: Any, total_weight: int = 0) -> ContestTerms:
    """The terms of a contest without prizes, from its opening event."""
    details = ContestDetails(args["rulesHash"], args["listSha256"], args["exclusionRoot"], args["postHash"])
    return ContestTerms(
        organiser=args["organiser"],
        contest_key=args["contestKey"],
        root=args["root"],
        entries=args["entries"],
        winners=args["winners"],
        alternates=args["alternates"],
        details_hash=details.hash(),
        total_weight=total_weight,
    )


def call_of(database: DatabaseUris, intent: Any) -> dict[str, str]:
    """The one call an intent asks the sender to sign."""
    (call,) = calls_of(database, intent)
    return call


def calls_of(database: DatabaseUris, intent: Any) -> list[dict[str, str]]:
    """The calls an intent asks the sender to sign, in order."""
    with psycopg.connect(database.superuser) as db:
        row = db.execute("SELECT calls FROM app.intent WHERE id = %s", [intent["id"]]).fetchone()
    assert row is not None
    return [dict(call) for call in row[0]]
