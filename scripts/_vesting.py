"""Vesting's plans and grants as the chain has them, and acting on them: create, release, revoke."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scripts._batches import next_batch
from scripts._desk import Desk, TokenFacts
from scripts._given import DeskError, when
from scripts._turn import next_turn, reach

RELEASE_GAS = 75_000
"""Of one release in a batch, to begin with."""
Curve = tuple[int, int, int, int, int]
"""start, cliff, duration, step, start unlock in basis points."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as the chain has it; times in Unix seconds, lengths in seconds."""

    id: int
    token: TokenFacts
    creator: str
    curve: Curve
    tranches: tuple[int, ...]
    count: int
    revocable: bool

    def lines(self) -> Iterator[str]:
        """What it is, in words."""
        start, cliff, duration, step, unlock = self.curve
        yield f"plan        {self.id}, of {self.creator}"
        yield f"token       {self.token.symbol}, {self.token.address}"
        if self.tranches:
            for tranche in self.tranches:
                yield f"tranche     {(tranche & 0xFFFF) / 100:g} % in all from {when(tranche >> 16)}"
        else:
            yield f"curve       from {when(start)}, cliff {cliff} s, all after {duration} s, in steps of {step} s"
            yield f"at start    {unlock / 100:g} %"
        yield f"revocable   {'yes, by its creator' if self.revocable else 'no, for good'}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A grant and what it has come to; amounts in the token's smallest unit."""

    index: int
    beneficiary: str
    amount: int
    released: int
    returned: int
    releasable: int
    stops_at: int


class Vesting:
    """The vesting contract of a desk's registry."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def plan(self, plan_id: int) -> Plan:
        """Raises DeskError for a number that no plan has."""
        count = self._view("planCount")
        if not 1 <= plan_id <= count:
            raise DeskError(f"There is no plan {plan_id}: they are numbered from 1 to {count}.")
        config, creator, grants, revocable = self._view("planOf", plan_id)
        tranches = self._view("tranchesOf", plan_id)
        times = (config["start"], config["cliff"], config["duration"], config["step"])
        curve = (*times, config["startUnlockBps"])
        token = self.desk.token(config["token"])
        return Plan(plan_id, token, creator, curve, tuple(tranches), grants, revocable)

    def create(self, token: str, curve: Curve) -> int | None:
        """The number of the account's plan with this curve: one it has without grants, or a new one."""
        facts, turn = self.desk.token(token), next_turn(self.desk)
        for found in self._own_plans(facts.address):
            plan = self.plan(found)
            if plan.curve == (*curve[:3], max(curve[3], 1), curve[4]) and plan.count == 0:
                self.desk.say(f"There is such a plan without grants already: {found}")
                return found
        self.desk.agree()
        method = self.desk.contract("Vesting").createPlan
        receipt = self.desk.sending.send(
            f"create a plan for {facts.symbol}", method, (facts.address, *curve), nonce=turn.nonce
        )
        if receipt is None:
            return None
        reach(self.desk, receipt.block_number)
        made = max(self._own_plans(facts.address, receipt.block_number))
        self.desk.say(f"plan        {made}")
        return made

    def standings(self, plan: Plan, indexes: Sequence[int] = ()) -> list[Standing]:
        """The grants of these indexes, all by default. Raises DeskError for one that is not there."""
        for index in indexes:
            if not 0 <= index < plan.count:
                raise DeskError(f"Plan {plan.id} has no grant {index}: they are 0 to {plan.count - 1}.")
        wanted = indexes or range(plan.count)
        ids = [(plan.id << 64 | index,) for index in wanted]
        grants, releasable = (self.desk.views("Vesting", view, ids) for view in ("grantOf", "releasable"))
        return [
            Standing(
                index,
                one["beneficiary"],
                one["amount"],
                one["released"],
                one["returned"],
                due,
                one["stopsAt"],
            )
            for index, one, due in zip(wanted, grants, releasable, strict=True)
        ]

    def release(self, plan: Plan, indexes: Sequence[int], gas_part: int) -> None:
        """Pay the beneficiaries what is vested. Anybody may; a second run has nothing to pay."""
        desk, due = self.desk, [one for one in self.standings(plan, indexes) if one.releasable]
        total = sum(one.releasable for one in due)
        desk.say(f"release     {plan.token.tell(total)} to {len(due)} grants of plan {plan.id}")
        if not due:
            return
        desk.agree()
        method = desk.contract("Vesting").releaseMany
        most = desk.sending.most_gas(gas_part)
        while due:
            batch = next_batch(due, most, RELEASE_GAS, lambda part: self._gas(method, _ids(plan, part)))
            amount = plan.token.tell(sum(one.releasable for one in batch))
            what = f"release {amount} to {len(batch)} grants"
            desk.sending.send(what, method, _ids(plan, batch))
            due = due[len(batch) :]

    def revoke(self, plan: Plan, indexes: Sequence[int], at: int | None) -> None:
        """End grants, now or at a time to come; what will not be vested by then returns to the creator."""
        desk = self.desk
        if plan.creator != desk.me:
            raise DeskError(
                f"Only {plan.creator}, who created plan {plan.id}, can revoke; you are {desk.me}."
            )
        if not plan.revocable:
            raise DeskError(f"The right to revoke grants of plan {plan.id} was given up for good.")
        time = desk.now if at is None else at
        left = []
        for one in self.standings(plan, indexes):
            if one.stops_at:
                desk.say(f"grant {one.index:<6}revoked already, stops at {when(one.stops_at)}")
                continue
            vested = self._view("vestedAmount", plan.id << 64 | one.index, time)
            tell = plan.token.tell
            desk.say(
                f"grant {one.index:<6}{one.beneficiary}: {tell(one.amount - vested)} of {tell(one.amount)} return, "
                f"{tell(vested)} vested by {when(time)} stay, {tell(one.released)} of it released"
            )
            left.append(one.index)
        if not left:
            return
        desk.agree()
        contract = desk.contract("Vesting")
        for index in left:
            grant = plan.id << 64 | index
            method, more = (contract.revoke, ()) if at is None else (contract.revokeAt, (at,))
            desk.sending.send(f"revoke grant {index} of plan {plan.id}", method, grant, *more)

    def _own_plans(self, token: str, first_block: int | None = None) -> list[int]:
        """Numbers of the account's plans for a token, oldest first."""
        logs = self.desk.logs("Vesting", "PlanCreated", None, self.desk.me, token, first_block=first_block)
        return [log.args["planId"] for log in logs]

    def _gas(self, method: Any, ids: list[int]) -> int:
        return self.desk.sending.gas_of(f"release to {len(ids)} grants", method, ids)

    def _view(self, function: str, *arguments: Any) -> Any:
        return self.desk.view("Vesting", function, *arguments)


def _ids(plan: Plan, grants: Sequence[Standing]) -> list[int]:
    return [plan.id << 64 | one.index for one in grants]


__all__ = ["Curve", "Plan", "Standing", "Vesting"]
