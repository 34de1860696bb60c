"""GET /vesting… and the vesting curve: integers equal to the contract's."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from listener.mirror.reads.curve import Curve, vested, vested_by_tranches
from tests.backend.reads.facts import GENESIS, ChainOfFacts, address, event, shown
from tests.backend.reads.stories import ORGANISER, granted, plan_created, token_created

ANA, BEN, MEAD = address(0xB1), address(0xB2), address(0x70)
PLAN = Curve(start=1_000, cliff=50, duration=1_000, step=10, start_unlock_bps=1_000)

curves = st.builds(
    lambda start, duration, cliff, step, bps: Curve(start, min(cliff, duration), duration, step, bps),
    st.integers(0, 2**40 - 1),
    st.integers(1, 2**40 - 1),
    st.integers(0, 2**40 - 1),
    st.integers(0, 10**6),
    st.integers(0, 10_000),
)
amounts = st.integers(1, 2**96 - 1)


async def read(client: AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"/api/v1/vesting{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def released(grant_id: int, amount: int, total: int, beneficiary: bytes = ANA) -> Any:
    return event(
        "Vesting",
        "Released",
        grantId=grant_id,
        to=beneficiary,
        amount=amount,
        totalReleased=total,
    )


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (999, 0),
        (1_000, 100),
        (1_049, 100),
        (1_050, 100 + 900 * 50 // 1_000),
        (1_059, 100 + 900 * 50 // 1_000),
        (1_060, 100 + 900 * 60 // 1_000),
        (1_999, 100 + 900 * 990 // 1_000),
        (2_000, 1_000),
        (2**64, 1_000),
    ],
)
def test_vested__around_each_corner_of_the_curve(time: int, expected: int) -> None:
    assert vested(PLAN, 1_000, time) == expected


def test_vested__rounds_down() -> None:
    assert vested(Curve(0, 0, 3, 0, 3_333), 100, 1) == 33 + 67 // 3


@given(curves, amounts, st.integers(0, 2**42))
def test_vested__never_more_than_the_exact_curve_and_never_a_unit_less(
    curve: Curve, amount: int, after: int
) -> None:
    elapsed = min(after, curve.duration)
    unlock = Fraction(amount * curve.start_unlock_bps, 10_000)
    step = max(curve.step, 1)
    grown = 0 if elapsed < curve.cliff else Fraction(elapsed - elapsed % step, curve.duration)
    exact = Fraction(amount) if elapsed == curve.duration else unlock + (amount - unlock) * grown

    found = vested(curve, amount, curve.start + after)

    assert 0 <= found <= amount
    assert exact - 2 < found < exact + 1


@given(curves, amounts, st.integers(0, 2**41), st.integers(0, 2**41))
def test_vested__is_monotone(curve: Curve, amount: int, one: int, other: int) -> None:
    early, late = sorted((one, other))
    assert vested(curve, amount, early) <= vested(curve, amount, late)


async def test_grant__vested_and_releasable__at_the_time_of_the_block(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    grant_id = 3 << 64
    facts.block(token_created(MEAD), plan_created(3, MEAD))
    facts.block(granted(3, 0, ANA, 10_000))
    facts.block(number=40)
    before_cliff = await read(client, f"/grants/{grant_id}")
    facts.block(number=57)
    after_cliff = await read(client, f"/grants/{grant_id}")
    facts.block(released(grant_id, 400, 400))
    facts.block(released(grant_id, 100, 500), final=58)
    after_release = await read(client, f"/grants/{grant_id}")
    facts.block(number=1_000, final=999)
    at_the_end = await read(client, f"/grants/{grant_id}")

    def shown_amounts(grant: Any) -> tuple[str, str, str]:
        return grant["vested"], grant["released"], grant["releasable"]

    assert shown_amounts(before_cliff) == ("1000", "0", "1000")
    assert shown_amounts(after_cliff) == ("1450", "0", "1450")
    assert shown_amounts(after_release) == ("1450", "500", "950")
    assert shown_amounts(at_the_end) == ("10000", "500", "9500")
    assert (after_release["final"], at_the_end["final"]) == (False, True)
    assert at_the_end["id"] == str(grant_id)
    assert (at_the_end["token"], at_the_end["symbol"], at_the_end["decimals"]) == (shown(MEAD), "MEAD", 18)
    assert (at_the_end["beneficiary"], at_the_end["start"]) == (shown(ANA), "2027-01-15T08:00:00Z")
    shape = ("cliff", "duration", "step", "start_unlock_bps")
    assert [at_the_end[name] for name in shape] == [50, 1_000, 10, 1_000]


async def test_grants__of_one_beneficiary_token_or_plan__in_pages(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    other = address(0x99)
    facts.block(token_created(MEAD), plan_created(1, MEAD), plan_created(2, other))
    facts.block(*(granted(1, n, ANA if n % 2 else BEN, 100 + n) for n in range(5)))
    facts.block(granted(2, 0, ANA, 7))

    first = await read(client, "/grants", limit=4)
    second = await read(client, "/grants", limit=4, cursor=first["next_cursor"])
    of_ana = await read(client, "/grants", beneficiary=shown(ANA))
    of_other = await read(client, "/grants", token=shown(other))
    of_plan = await read(client, "/grants", plan_id="1", beneficiary=shown(BEN))

    def ids(page: Any) -> list[str]:
        return [grant["id"] for grant in page["items"]]

    assert ids(first) + ids(second) == [str((1 << 64) + n) for n in range(5)] + [str(2 << 64)]
    assert second["next_cursor"] is None
    assert ids(of_ana) == [str((1 << 64) + 1), str((1 << 64) + 3), str(2 << 64)]
    assert ids(of_other) == [str(2 << 64)]
    assert ids(of_plan) == [str((1 << 64) + n) for n in (0, 2, 4)]
    assert (of_other["items"][0]["symbol"], of_other["items"][0]["decimals"]) == (None, None)


async def test_plans__sum_of_their_grants(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(token_created(MEAD), plan_created(1, MEAD), plan_created(2, MEAD))
    facts.block(granted(1, 0, ANA, 2**95), granted(1, 1, BEN, 2**95))

    plans = (await read(client, "/plans", creator=shown(ORGANISER)))["items"]
    one = await read(client, "/plans/1")

    assert [(plan["id"], plan["grants"], plan["granted"]) for plan in plans] == [
        ("2", 0, "0"),
        ("1", 2, str(2**96)),
    ]
    assert (one["start"], one["symbol"], one["as_of_block"]) == ("2027-01-15T08:00:00Z", "MEAD", 2)
    assert GENESIS == 1_800_000_000


@pytest.mark.parametrize(
    ("time", "expected"), [(9, 0), (10, 33), (19, 33), (20, 66), (29, 66), (30, 100), (2**40, 100)]
)
def test_vested_by_tranches__around_each__what_has_come_rounded_down(time: int, expected: int) -> None:
    assert vested_by_tranches([(10, 3_333), (20, 6_667), (30, 10_000)], 100, time) == expected


def vesting(name: str, **arguments: Any) -> Any:
    return event("Vesting", name, **arguments)


async def test_grant__on_dated_tranches__vests_by_them(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block(
        token_created(MEAD),
        plan_created(1, MEAD, cliff=0, duration=50, step=0, start=GENESIS + 10, startUnlockBps=2_500),
        vesting("TrancheAdded", planId=1, time=GENESIS + 10, cumulativeBps=2_500),
        vesting("TrancheAdded", planId=1, time=GENESIS + 60, cumulativeBps=10_000),
        granted(1, 0, ANA, 1_001),
    )

    seen = []
    for block in (9, 10, 59, 60):
        facts.block(number=block)
        seen.append((await read(client, f"/grants/{1 << 64}"))["vested"])
    grant = await read(client, f"/grants/{1 << 64}")
    plan = await read(client, "/plans/1")

    assert seen == ["0", "250", "250", "1001"]
    told = [
        {"time": "2027-01-15T08:00:10Z", "cumulative_bps": 2_500},
        {"time": "2027-01-15T08:01:00Z", "cumulative_bps": 10_000},
    ]
    assert (grant["tranches"], plan["tranches"], plan["step"]) == (told, told, 0)


async def test_grant__revoked_at_a_time__vests_until_then(client: AsyncClient, facts: ChainOfFacts) -> None:
    grant_id = 1 << 64
    facts.block(token_created(MEAD), plan_created(1, MEAD), granted(1, 0, ANA, 10_000))
    facts.block(number=100)
    facts.block(
        vesting("Revoked", grantId=grant_id, creator=ORGANISER, stopsAt=GENESIS + 205, returned=7_200)
    )
    before = await read(client, f"/grants/{grant_id}")
    facts.block(number=500)
    after = await read(client, f"/grants/{grant_id}")
    facts.block(vesting("RevocationRenounced", planId=1))
    plan = await read(client, "/plans/1")

    assert (before["vested"], after["vested"]) == ("1900", "2800")
    assert (after["returned"], after["stops_at"]) == ("7200", "2027-01-15T08:03:25Z")
    assert plan["revocable"] is False


async def test_grant__offered_and_taken_over__belongs_to_the_new_one(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    grant_id, other = 1 << 64, 1 << 64 | 1
    facts.block(token_created(MEAD), plan_created(1, MEAD))
    facts.block(granted(1, 0, ANA, 10_000), granted(1, 1, ANA, 10_000))
    facts.block(
        vesting("GrantDelegated", **{"grantId": grant_id, "from": bytes(20), "to": BEN}),
        vesting("TransferProposed", **{"grantId": grant_id, "from": ANA, "to": MEAD}),
        vesting("TransferProposed", **{"grantId": grant_id, "from": ANA, "to": BEN}),
        vesting("TransferProposed", **{"grantId": other, "from": ANA, "to": BEN}),
        vesting("TransferProposed", **{"grantId": other, "from": ANA, "to": bytes(20)}),
    )
    offered = (await read(client, "/grants", offered_to=shown(BEN)))["items"]
    facts.block(vesting("BeneficiaryChanged", **{"grantId": grant_id, "from": ANA, "to": BEN}))
    taken = await read(client, f"/grants/{grant_id}")

    assert [(grant["id"], grant["offered_to"], grant["delegatee"]) for grant in offered] == [
        (str(grant_id), shown(BEN), shown(BEN))
    ]
    assert [taken[name] for name in ("beneficiary", "granted_to")] == [shown(BEN), shown(ANA)]
    assert [taken[name] for name in ("offered_to", "delegatee")] == [None, None]
    assert (await read(client, "/grants", offered_to=shown(BEN)))["items"] == []
    lists = {
        holder: (await read(client, "/grants", beneficiary=shown(holder)))["items"] for holder in (ANA, BEN)
    }
    ids = {holder: [grant["id"] for grant in items] for holder, items in lists.items()}
    assert ids == {ANA: [str(other)], BEN: [str(grant_id)]}


async def test_grant__recovery__shown_until_vetoed_or_expired(
    client: AsyncClient, facts: ChainOfFacts
) -> None:
    days, grants = 86_400, [1 << 64, 1 << 64 | 1]
    facts.block(token_created(MEAD), plan_created(1, MEAD), *(granted(1, n, ANA, 100) for n in range(2)))
    ready_at = GENESIS + 30 * days
    facts.block(
        *(
            vesting("RecoveryProposed", grantId=grant_id, candidate=BEN, readyAt=ready_at)
            for grant_id in grants
        )
    )

    async def open_for(grant_id: int) -> tuple[Any, Any]:
        grant = await read(client, f"/grants/{grant_id}")
        return grant["recovery_by"], grant["recovery_from"]

    proposed = (shown(BEN), "2027-02-14T08:00:00Z")
    assert [await open_for(grant_id) for grant_id in grants] == [proposed, proposed]
    facts.block(vesting("RecoveryVetoed", grantId=grants[0], candidate=BEN))
    facts.block(number=60 * days - 1)
    assert [await open_for(grant_id) for grant_id in grants] == [(None, None), proposed]
    facts.block(number=60 * days)
    assert await open_for(grants[1]) == (None, None)


async def test_bad_input__problem_documents(client: AsyncClient, facts: ChainOfFacts) -> None:
    facts.block()
    cases = [
        ("/grants/5", 404, "grant_not_found"),
        ("/plans/5", 404, "plan_not_found"),
        ("/grants?beneficiary=ana", 422, "invalid_input"),
        ("/grants?plan_id=-1", 422, "invalid_input"),
    ]
    for path, status, code in cases:
        answer = await client.get(f"/api/v1/vesting{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
