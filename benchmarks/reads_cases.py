"""The reads that are measured: every function of the read model, with parameters drawn anew for each call."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.reads_data import key_of_contest, token, who
from benchmarks.reads_facts import (
    BIG_PROPOSAL,
    BIG_RAFFLE,
    BIG_TOKEN,
    CONTESTS,
    GRANTS,
    HEAD,
    ORGANISERS,
    PEOPLE,
    PLANS,
    PROPOSALS,
    RAFFLES,
    TOKENS,
)
from listener.mirror.reads import (
    accounts,
    contests,
    duties,
    evidence,
    governance,
    holders,
    participations,
    raffles,
    reports,
    timelock,
    tokens,
    vesting,
)
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.duties import DutyKind
from listener.mirror.reads.raffles import RaffleState

PAGE = 20
Case = Callable[[AsyncConnection, AsOf, Random], Awaitable[Any]]
CASES: dict[str, Case] = {}


def case(name: str) -> Callable[[Case], Case]:
    """Register a read under what the table calls it."""

    def register(function: Case) -> Case:
        CASES[name] = function
        return function

    return register


def _raffle(random: Random) -> int:
    return random.choice([BIG_RAFFLE, random.randint(1, RAFFLES)])


def _person(random: Random) -> bytes:
    """The busiest one, an organiser or anybody."""
    return who(random.choice([0, random.randrange(ORGANISERS), random.randrange(PEOPLE)]))


def _token(random: Random) -> bytes:
    return token(random.choice([BIG_TOKEN, random.randint(1, TOKENS)]))


def _position(random: Random) -> int | None:
    return random.choice([None, random.randrange(HEAD) << 20])


def _before(random: Random, most: int) -> int | None:
    return random.choice([None, random.randint(2, most)])


@case("F1 raffles.find")
async def _find(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await raffles.find(db, as_of, _raffle(random))


@case("F1 raffles.page")
async def _page(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await raffles.page(db, as_of, limit=PAGE, before=_before(random, RAFFLES))


def _in_state(state: RaffleState) -> None:
    @case(f"F1 raffles.page, {state.value}")
    async def _of_state(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
        return await raffles.page(db, as_of, limit=PAGE, state=state, before=_before(random, RAFFLES))


for _state in RaffleState:
    _in_state(_state)


@case("F1 raffles.page, one organiser's")
async def _organisers(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await raffles.page(
        db, as_of, limit=PAGE, organiser=_person(random), before=_before(random, RAFFLES)
    )


@case("F1 raffles.page, one organiser's in a state")
async def _organisers_state(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    state = random.choice(list(RaffleState))
    return await raffles.page(db, as_of, limit=PAGE, organiser=_person(random), state=state)


@case("F1 raffles.entries")
async def _entries(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await raffles.entries(db, _raffle(random), limit=PAGE, after=_before(random, 3_000_000))


@case("F1 raffles.entries, one buyer's")
async def _own_entries(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    after = _before(random, 3_000_000)
    return await raffles.entries(db, _raffle(random), limit=PAGE, buyer=_person(random), after=after)


@case("F1 raffles.winners")
async def _winners(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    raffle = await raffles.find(db, as_of, _raffle(random))
    assert raffle is not None
    return await raffles.winners(db, raffle, limit=PAGE, after=random.choice([None, 79]))


@case("F1 participations.of_buyer")
async def _participations(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    before = _before(random, RAFFLES)
    return await participations.of_buyer(db, as_of, _person(random), limit=PAGE, before=before)


@case("F2 tokens.find")
async def _find_token(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await tokens.find(db, _token(random))


@case("F2 tokens.page")
async def _tokens(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    creator = random.choice([None, _person(random)])
    return await tokens.page(db, limit=PAGE, creator=creator, before=_position(random))


@case("F2 holders.figures")
async def _figures(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await holders.figures(db, _token(random))


@case("F2 holders.holders")
async def _holders(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    after = random.choice([None, who(random.randrange(PEOPLE))])
    return await holders.holders(db, _token(random), limit=PAGE, after=after)


@case("F2 holders.transfers, a token's")
async def _transfers(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await holders.transfers(db, limit=PAGE, token=_token(random), before=_position(random))


@case("F2 holders.transfers, an account's")
async def _own_transfers(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await holders.transfers(db, limit=PAGE, account=_person(random), before=_position(random))


@case("F2 holders.transfers, an account's of a token")
async def _own_of_token(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    of, whose = _token(random), _person(random)
    return await holders.transfers(db, limit=PAGE, token=of, account=whose, before=_position(random))


@case("F2 holders.balances")
async def _balances(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await holders.balances(db, as_of, _person(random), limit=100)


@case("F3 vesting.find_plan")
async def _plan(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await vesting.find_plan(db, as_of, random.choice([1, random.randint(1, PLANS)]))


@case("F3 vesting.plans")
async def _plans(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    before = _before(random, PLANS)
    return await vesting.plans(db, as_of, limit=PAGE, before=before)


@case("F3 vesting.plans, a creator's or token's")
async def _own_plans(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    wanted: dict[str, Any] = random.choice([{"creator": _person(random)}, {"token": _token(random)}])
    return await vesting.plans(db, as_of, limit=PAGE, **wanted)


@case("F3 vesting.find_grant")
async def _grant(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await vesting.find_grant(db, as_of, random.randint(1, GRANTS))


@case("F3 vesting.grants")
async def _grants(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await vesting.grants(db, as_of, limit=PAGE, after=_before(random, GRANTS))


@case("F3 vesting.grants, a beneficiary's")
async def _own_grants(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    after = _before(random, GRANTS)
    return await vesting.grants(db, as_of, limit=PAGE, beneficiary=_person(random), after=after)


@case("F3 vesting.grants, a plan's or token's")
async def _plan_grants(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    wanted: dict[str, Any] = random.choice([{"plan_id": random.choice([1, 7])}, {"token": _token(random)}])
    return await vesting.grants(db, as_of, limit=PAGE, after=_before(random, GRANTS), **wanted)


@case("F4 governance.find")
async def _proposal(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    number = random.choice([BIG_PROPOSAL, random.randint(1, PROPOSALS)])
    return await governance.find(db, as_of, number, token=token(BIG_TOKEN))


@case("F4 governance.proposals")
async def _proposals(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    before = _before(random, PROPOSALS)
    return await governance.proposals(db, as_of, token=token(BIG_TOKEN), limit=PAGE, before=before)


@case("F4 governance.votes, a proposal's")
async def _votes(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    number = random.choice([BIG_PROPOSAL, random.randint(1, PROPOSALS)])
    return await governance.votes(db, limit=PAGE, proposal_id=number, before=_position(random))


@case("F4 governance.votes, a voter's")
async def _own_votes(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await governance.votes(db, limit=PAGE, voter=_person(random), before=_position(random))


@case("F4 holders.delegates")
async def _delegates(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    after = random.choice([None, who(random.randrange(2_000))])
    return await holders.delegates(db, token(BIG_TOKEN), limit=PAGE, after=after)


@case("F4 holders.votes_at")
async def _votes_at(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    time = as_of.unix_time - random.randrange(30_000_000)
    return await holders.votes_at(db, token(BIG_TOKEN), who(random.randrange(2_000)), time)


@case("F4 holders.delegations")
async def _delegations(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await holders.delegations(db, _person(random), limit=PAGE)


@case("F4 timelock.operations")
async def _operations(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await timelock.operations(db, as_of, limit=PAGE, before=_position(random))


@case("F4 timelock.treasury_moves")
async def _moves(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await timelock.treasury_moves(db, _person(random), limit=PAGE, before=_position(random))


@case("F5 accounts.overview")
async def _overview(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await accounts.overview(db, as_of, _person(random), limit=10)


@case("F6 contests.find")
async def _contest(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await contests.find(db, random.randint(1, CONTESTS))


@case("F6 contests.page")
async def _contests(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    drawn = random.choice([None, True, False])
    return await contests.page(db, limit=PAGE, drawn=drawn, before=_before(random, CONTESTS))


@case("F6 contests.page, one organiser's")
async def _own_contests(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await contests.page(db, limit=PAGE, organiser=_person(random), before=_before(random, CONTESTS))


@case("F6 contests.by_key")
async def _by_key(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await contests.by_key(db, [key_of_contest(random.randint(1, CONTESTS)) for _ in range(PAGE)])


@case("F6 contests.places")
async def _places(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    contest = await contests.find(db, random.randint(1, CONTESTS // 4) * 4)
    assert contest is not None
    return await contests.places(db, contest)


@case("F7 evidence.of_draw")
async def _evidence(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    if random.random() < 0.5:
        return await evidence.of_draw(db, "raffle", _raffle(random))
    return await evidence.of_draw(db, "contest", random.randint(1, CONTESTS))


@case("F8 duties.counts")
async def _counts(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await duties.counts(db, as_of)


def _of_kind(kind: DutyKind) -> None:
    @case(f"F8 duties.waiting, {kind.value}")
    async def _waiting(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
        return await duties.waiting(db, as_of, kind, limit=100, after=_before(random, RAFFLES))


for _kind in DutyKind:
    _of_kind(_kind)


@case("F8 duties.missing_words")
async def _missing(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await duties.missing_words(db, as_of, limit=100)


@case("F8 duties.proceeds")
async def _proceeds(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    organiser = random.choice([None, _person(random)])
    return await duties.proceeds(db, limit=PAGE, organiser=organiser, before=_before(random, RAFFLES))


@case("F9 reports.daily, platform, 31 days")
async def _daily(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    first, last = reports.last_days(as_of, 31)
    return await reports.daily(db, as_of, first_day=first, last_day=last)


@case("F9 reports.daily, one figure of a token, 366 days")
async def _year(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    first, last = reports.last_days(as_of, 366)
    metric = random.choice(["raffles", "sales", "draws", "fees", "released"])
    paid_in = random.choice([bytes(20), token(BIG_TOKEN), token(2)])
    return await reports.daily(db, as_of, first_day=first, last_day=last, metrics=(metric,), token=paid_in)


@case("S12 reports.totals, platform")
async def _totals(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await reports.totals(db, as_of)


@case("S12 reports.totals, one organiser's")
async def _organiser(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await reports.totals(db, as_of, subject=reports.of_organiser(_person(random)))


@case("S12 reports.daily, one raffle's")
async def _raffle_days(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    first, last = reports.last_days(as_of, 366)
    subject = reports.of_raffle(BIG_RAFFLE)
    return await reports.daily(db, as_of, first_day=first, last_day=last, subject=subject, metrics=("sales",))


@case("S12 reports.problems")
async def _problems(db: AsyncConnection, as_of: AsOf, random: Random) -> Any:
    return await reports.problems(db, limit=PAGE)
