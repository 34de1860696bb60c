"""Each read over random facts equals what a plain model computes from the same events, forks included."""

from __future__ import annotations

import pytest

from backend.mirror import Snapshot
from listener.mirror import upkeep
from listener.mirror.reads import accounts, duties, governance, holders, participations, raffles, timelock
from listener.mirror.reads.duties import DutyKind
from listener.mirror.reads.raffles import RaffleState
from tests.backend.reads.facts import address, shown
from tests.backend.reads.naive import ORGANISERS, PEOPLE, TOKENS, ZERO, Naive, Raffle
from tests.backend.reads.random_chain import RandomChain, snapshot
from tools.run.postgres import DatabaseUris

VOTES = TOKENS[0]


@pytest.mark.parametrize("seed", range(100, 103))
async def test_reads__random_chain_with_forks__say_what_the_model_says(
    database: DatabaseUris, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "FOLD_ROWS", 7)
    monkeypatch.setattr(upkeep, "FOLD_BLOCKS", 2)
    run = RandomChain(database, seed)
    try:
        run.step()
        for _ in range(4):
            for _ in range(15):
                run.step()
            async with snapshot(database) as mirror:
                now = mirror.as_of.unix_time
                assert now == run.chain.time_of(run.chain.head)
                await check_raffles(mirror, run.known, now)
                await check_participations(mirror, run.known)
                await check_duties(mirror, run.known, now)
                await check_governance(mirror, run.known, now)
                await check_tokens(mirror, run.known)
    finally:
        run.chain.close()


async def check_raffles(mirror: Snapshot, known: Naive, now: int) -> None:
    db, as_of = mirror.db, mirror.as_of
    for organiser in (None, *ORGANISERS):
        mine = {
            number: raffle
            for number, raffle in known.raffles.items()
            if organiser in (None, raffle.terms["organiser"])
        }
        for state in (None, *RaffleState):
            wanted = [n for n, one in sorted(mine.items(), reverse=True) if state in (None, one.state(now))]
            told: list[int] = []
            while True:
                before = told[-1] if told else None
                page = await raffles.page(db, as_of, limit=3, state=state, organiser=organiser, before=before)
                told += [raffle.id for raffle in page]
                if len(page) < 3:
                    break
            assert told == wanted, (state, organiser)
    for raffle in await raffles.by_id(db, as_of, list(known.raffles)):
        model = known.raffles[raffle.id]
        assert (raffle.state, raffle.tickets_sold) == (model.state(now), model.sold)
        assert raffle.proceeds_withdrawn == model.withdrawn
        assert {prize.rank for prize in raffle.prizes if prize.claimed} == model.claimed
        winners = await raffles.winners(db, raffle, limit=10)
        assert [(w.rank, w.ticket, w.buyer) for w in winners] == [
            (rank, ticket, shown(buyer)) for rank, ticket, buyer in model.winners()
        ]
        assert as_of.is_final([raffle]) == (
            as_of.finalized is not None and model.shown_block <= as_of.finalized
        )
        for buyer in PEOPLE[:2]:
            entries = await raffles.entries(db, raffle.id, limit=50, buyer=buyer)
            assert [(e.first_ticket, e.count, e.paid, e.refunded) for e in entries] == [
                (e.first, e.count, e.paid, e.refunded) for e in model.entries if e.buyer == buyer
            ]


async def check_participations(mirror: Snapshot, known: Naive) -> None:
    now = mirror.as_of.unix_time
    for who in PEOPLE:
        wanted = []
        for number, raffle in sorted(known.raffles.items(), reverse=True):
            mine = [entry for entry in raffle.entries if entry.buyer == who]
            won = [rank for rank, _, buyer in raffle.winners() if buyer == who]
            due = sum(entry.paid for entry in mine if not entry.refunded)
            if mine:
                wanted.append(
                    (
                        number,
                        len(mine),
                        sum(entry.count for entry in mine),
                        sum(entry.paid for entry in mine),
                        won,
                        [rank for rank in won if rank not in raffle.claimed],
                        due if raffle.state(now) == "refunding" else 0,
                    )
                )
        told: list[tuple[object, ...]] = []
        before = None
        while True:
            page = await participations.of_buyer(mirror.db, mirror.as_of, who, limit=2, before=before)
            told += [
                (p.raffle.id, p.entries, p.tickets, p.paid, p.won, p.claimable, p.refund_due) for p in page
            ]
            if len(page) < 2:
                break
            before = page[-1].raffle.id
        assert told == wanted
        overview = await accounts.overview(mirror.db, mirror.as_of, who, limit=100)
        assert [one.raffle.id for one in overview.raffles] == [one[0] for one in wanted]


async def check_duties(mirror: Snapshot, known: Naive, now: int) -> None:
    db, as_of = mirror.db, mirror.as_of
    in_state = {
        state: [n for n, r in known.raffles.items() if r.state(now) == state] for state in RaffleState
    }
    drawing = in_state[RaffleState.DRAWING]
    wanted = {
        DutyKind.REQUEST_DRAW: in_state[RaffleState.CLOSED],
        DutyKind.OPEN_REFUNDS: [
            n for n in in_state[RaffleState.REFUNDING] if not known.raffles[n].refunds_opened
        ],
        DutyKind.FINALISE_RAFFLE: [n for n in drawing if _reveal(known.raffles[n]) < now],
        DutyKind.FINALISE_CONTEST: [],
        DutyKind.WITHDRAW_PROCEEDS: [
            n for n in in_state[RaffleState.DRAWN] if not known.raffles[n].withdrawn
        ],
    }
    for kind, numbers in wanted.items():
        found = await duties.waiting(db, as_of, kind, limit=100)
        assert [duty.subject for duty in found] == sorted(numbers), kind
        theirs = await duties.waiting(db, as_of, kind, limit=100, organiser=ORGANISERS[0])
        assert [duty.subject for duty in theirs] == sorted(
            n for n in numbers if known.raffles[n].terms["organiser"] == ORGANISERS[0]
        )
    words = await duties.missing_words(db, as_of, limit=100)
    assert {word.subject for word in words} == {n for n in drawing if not known.raffles[n].has_word}
    waiting = await duties.proceeds(db, limit=100)
    assert {(one.raffle_id, one.paid) for one in waiting} == {
        (n, sum(entry.paid for entry in known.raffles[n].entries)) for n in wanted[DutyKind.WITHDRAW_PROCEEDS]
    }
    counts = await duties.counts(db, as_of)
    assert (counts.raffles, counts.proposals, counts.votes) == (
        len(known.raffles),
        len(known.proposals),
        len(known.ballots),
    )
    assert (counts.entries, counts.tickets) == (
        sum(len(raffle.entries) for raffle in known.raffles.values()),
        sum(raffle.sold for raffle in known.raffles.values()),
    )
    assert {
        RaffleState.OPEN: counts.raffles_open,
        RaffleState.CLOSED: counts.raffles_closed,
        RaffleState.DRAWING: counts.raffles_drawing,
        RaffleState.DRAWN: counts.raffles_drawn,
        RaffleState.REFUNDING: counts.raffles_refunding,
    } == {state: len(numbers) for state, numbers in in_state.items()}


def _reveal(raffle: Raffle) -> int:
    assert raffle.requested is not None
    return int(raffle.requested["revealAt"])


async def check_governance(mirror: Snapshot, known: Naive, now: int) -> None:
    db, as_of = mirror.db, mirror.as_of
    told: list[governance.Proposal] = []
    while True:
        before = told[-1].id if told else None
        page = await governance.proposals(db, as_of, token=VOTES, limit=3, before=before)
        told += page
        if len(page) < 3:
            break
    assert [proposal.id for proposal in told] == sorted(known.proposals, reverse=True)
    for proposal in told:
        model = known.proposals[proposal.id]
        counted = [proposal.votes_against, proposal.votes_for, proposal.votes_abstain]
        assert counted == model.votes
        assert proposal.quorum == known.quorum(model, VOTES, now)
        assert proposal.state == known.state_of(model, VOTES, now)
        assert int(proposal.vote_end.timestamp()) == model.vote_end
        ready = proposal.executable_at and int(proposal.executable_at.timestamp())
        assert ready == model.ready_at
        votes = await governance.votes(db, limit=100, proposal_id=proposal.id)
        assert [(v.voter, v.support, v.weight) for v in reversed(votes)] == [
            (shown(voter), support, weight)
            for of, voter, support, weight in known.ballots
            if of == proposal.id
        ]
    for who in PEOPLE[:2]:
        ballots = [ballot for ballot in known.ballots if ballot[1] == who]
        first = await governance.votes(db, limit=3, voter=who)
        assert [v.weight for v in first] == [weight for *_, weight in ballots[::-1][:3]]
        if len(first) == 3:
            rest = await governance.votes(db, limit=100, voter=who, before=first[-1].position)
            assert [v.weight for v in rest] == [weight for *_, weight in ballots[::-1][3:]]
    operations = await timelock.operations(db, as_of, limit=100)
    done = {int(operation.id, 16) for operation in operations if operation.state == "done"}
    assert done == {number for number, one in known.proposals.items() if one.executed}


async def check_tokens(mirror: Snapshot, known: Naive) -> None:
    db, as_of = mirror.db, mirror.as_of
    for token in TOKENS:
        figures = await holders.figures(db, token)
        assert figures.supply == known.supply_at(token, as_of.unix_time)
        minted = [move[0] for move in known.moves if move[1] == token and ZERO in move[2:4]]
        times = [as_of.unix_time - 100_000, as_of.unix_time - 1_000_000, *minted[-3:]]
        assert await holders.supplies_at(db, token, times) == {
            time: known.supply_at(token, time) for time in times
        }
        moved = await holders.transfers(db, limit=500, token=token)
        assert [move.amount for move in reversed(moved)] == [m[4] for m in known.moves if m[1] == token]
        for who in PEOPLE[:3]:
            at = as_of.unix_time - 200_000
            then = [
                v for time, of, voter, v in known.vote_history if (of, voter) == (token, who) and time <= at
            ]
            assert await holders.votes_at(db, token, who, at) == (then[-1] if then else 0)
    for who in PEOPLE:
        mine = [move for move in known.moves if who in (move[2], move[3])]
        first = await holders.transfers(db, limit=5, account=who)
        assert [move.amount for move in first] == [m[4] for m in mine[::-1][:5]]
        if len(first) == 5:
            rest = await holders.transfers(db, limit=500, account=who, before=first[-1].position)
            assert [move.amount for move in rest] == [m[4] for m in mine[::-1][5:]]
        for token in TOKENS:
            of_token = await holders.transfers(db, limit=500, token=token, account=who)
            assert [move.amount for move in of_token] == [m[4] for m in mine[::-1] if m[1] == token]
        delegations = await holders.delegations(db, who, limit=10)
        wanted = {
            shown(token): shown(to) if to != ZERO else None
            for (token, delegator), to in known.delegates.items()
            if delegator == who
        }
        assert {d.token: d.delegatee for d in delegations} == wanted
    moves = await timelock.treasury_moves(db, PEOPLE[0], limit=500)
    got = sum(int(move.amount) for move in moves)
    assert got == sum(known.balances[token, PEOPLE[0]] for token in TOKENS)
    assert await timelock.treasury_moves(db, address(0x1234), limit=5) == []
