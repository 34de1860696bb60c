"""A list of grants → grants of a plan, in batches; stopped anywhere and run again, it grants the rest and nothing twice.

The chain is the only record. Grants of a plan are numbered in the order they were made and nobody but its creator makes
any, so the plan's `Granted` events must be the list's first rows; what follows them is left to do. Each batch carries the
number of transaction that the account had when they were counted (`_turn.py`), so that no second one can follow the same
count.
"""

from collections.abc import Iterator, Sequence

from scripts._batches import next_batch
from scripts._desk import Desk
from scripts._given import DeskError
from scripts._turn import next_turn, reach
from scripts._vesting import Plan
from scripts._vesting_list import Row, totals

GRANT_GAS, BATCH_GAS = 30_000, 100_000
"""Of each grant and of the transaction around it, to begin with and where the node cannot say."""
MOST_GRANTS = 1_500
"""Of one batch: nodes take transactions of up to 128 KiB."""
Given = tuple[str, int]
"""Beneficiary and amount."""


class Import:
    """One list and one plan. `after`: so many grants stood on the plan before the list's first."""

    def __init__(self, desk: Desk, plan: Plan, rows: Sequence[Row], *, after: int, gas_part: int) -> None:
        self._desk = desk
        self._plan = plan
        self._rows = rows
        self._after = after
        self._most = desk.sending.most_gas(gas_part)
        self._vesting = desk.contract("Vesting")
        self._granted: list[Given] = []
        self._read_to = desk.known("Vesting").first_block

    def lines(self) -> Iterator[str]:
        """What the list would do, before anything is sent. Raises DeskError where it cannot."""
        desk, plan, tell = self._desk, self._plan, self._plan.token.tell
        if plan.creator != desk.me:
            raise DeskError(f"Only {plan.creator}, who created plan {plan.id}, can grant; you are {desk.me}.")
        yield from plan.lines()
        for kind, (count, amount) in totals(self._rows).items():
            yield f"kind        {kind or 'without a kind'}: {count} grants, {tell(amount)}"
        yield f"list        {len(self._rows)} grants, {tell(self._sum(0))}"
        done = self.done()
        left, needed = len(self._rows) - done, self._sum(done)
        yield f"on chain    {done} of them, {tell(self._sum(0) - needed)}"
        yield f"left        {left} grants, {tell(needed)}"
        balance = int(desk.view("Token", "balanceOf", desk.me, at=plan.token.address))
        allowed = self._allowed()
        yield f"account     {desk.me} has {tell(balance)}, vesting may take {tell(allowed)}"
        if balance < needed:
            raise DeskError(f"{desk.me} lacks {tell(needed - balance)}: send it there, and run this again.")
        if allowed < needed:
            yield f"approval    of {tell(needed)} goes first"

    def run(self) -> None:
        """Grant what is left."""
        while True:
            turn = next_turn(self._desk)
            done = self.done()
            if done == len(self._rows):
                break
            if self._allowed() < self._sum(done):
                token = self._plan.token
                what = f"approve {token.tell(self._sum(done))} for vesting"
                approve = self._desk.contract("Token", token.address).approve
                sent = self._desk.sending.send(
                    what, approve, self._vesting.address, self._sum(done), nonce=turn.nonce
                )
                if sent is None:
                    self._reckon(done)
                    return
                reach(self._desk, sent.block_number)
                continue
            if self._desk.sending.dry_run:
                self._rehearse(done)
                return
            batch = self._batch(done)
            sent = self._desk.sending.send(
                _told(batch), self._vesting.grant, self._plan.id, _inputs(batch), nonce=turn.nonce
            )
            assert sent is not None  # noqa: S101 - no dry run here
            reach(self._desk, sent.block_number)
        self._granted, self._read_to = [], self._desk.known("Vesting").first_block
        self.done()
        self._desk.say(f"on chain    all {len(self._rows)} grants of the list, read again and compared")

    def done(self) -> int:
        """How many rows are granted. Raises DeskError where the plan has grants that are not the list's."""
        count = self._desk.view("Vesting", "planOf", self._plan.id)[2]
        self._read_on()
        if len(self._granted) != count:
            raise DeskError(
                f"Plan {self._plan.id} has {count} grants, the node gives the events of {len(self._granted)}. "
                "Use a node that has all events since the deployment, and run this again."
            )
        if count < self._after:
            raise DeskError(f"Plan {self._plan.id} has {count} grants, fewer than --after {self._after}.")
        ours = self._granted[self._after :]
        for row, (beneficiary, amount) in zip(self._rows, ours, strict=False):
            if (row.beneficiary, row.amount) != (beneficiary, amount):
                tell = self._plan.token.tell
                raise DeskError(
                    f"Line {row.line} says {row.beneficiary} {tell(row.amount)}, but in its place the plan has "
                    f"{beneficiary} {tell(amount)}. Is it another list's plan, or was the list changed? Give the list "
                    "as it was, with new lines at its end; where the plan had N grants before it, say --after N."
                )
        if len(ours) > len(self._rows):
            raise DeskError(
                f"Plan {self._plan.id} has {len(ours)} grants, the list only {len(self._rows)}: it is not whole. "
                "Give the whole list."
            )
        return len(ours)

    def _read_on(self) -> None:
        """The plan's grants since the last look."""
        logs = self._desk.logs("Vesting", "Granted", None, self._plan.id, first_block=self._read_to)
        logs.sort(key=lambda log: log.args["grantId"])
        self._granted += [(log.args["beneficiary"], log.args["amount"]) for log in logs]
        self._read_to = self._desk.chain.head + 1

    def _batch(self, done: int) -> Sequence[Row]:
        """As many of the next rows as fit, by the node's estimate."""
        left = self._rows[done : done + MOST_GRANTS]
        return next_batch(
            left,
            self._most,
            GRANT_GAS,
            lambda rows: self._desk.sending.gas_of(
                _told(rows), self._vesting.grant, self._plan.id, _inputs(rows)
            ),
        )

    def _rehearse(self, done: int) -> None:
        """Every batch as the node estimates it now."""
        while done < len(self._rows):
            batch = self._batch(done)
            self._desk.sending.send(_told(batch), self._vesting.grant, self._plan.id, _inputs(batch))
            done += len(batch)

    def _reckon(self, done: int) -> None:
        """Before the approval the node would refuse each batch, so their gas is reckoned."""
        size = max(1, min(MOST_GRANTS, (self._most - BATCH_GAS) // GRANT_GAS))
        while done < len(self._rows):
            batch = self._rows[done : done + size]
            gas = BATCH_GAS + len(batch) * GRANT_GAS
            self._desk.sending.foretell(_told(batch), f"about {gas:,} gas, not estimated before the approval")
            done += len(batch)

    def _sum(self, done: int) -> int:
        return sum(row.amount for row in self._rows[done:])

    def _allowed(self) -> int:
        token = self._plan.token.address
        return int(self._desk.view("Token", "allowance", self._desk.me, str(self._vesting.address), at=token))


def _inputs(rows: Sequence[Row]) -> list[Given]:
    return [(row.beneficiary, row.amount) for row in rows]


def _told(rows: Sequence[Row]) -> str:
    return f"grant lines {rows[0].line} to {rows[-1].line}, {len(rows)} grants"


__all__ = ["Import"]
