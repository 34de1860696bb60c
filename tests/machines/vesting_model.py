"""What must be true of vesting, from the words of the interfaces IVesting…, in whole numbers and fractions alone."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from eth_utils import keccak

DAY = 86_400
BPS = 10_000
MOST_AMOUNT, MOST_START, MOST_SECONDS = 2**95 - 1, 2**34 - 1, 2**32 - 1
LONGEST_PAUSE, BETWEEN_PAUSES, LATE_CLAIMS = 7 * DAY, 30 * DAY, 7 * DAY
RECOVERY_PERIOD, RECOVERY_WINDOW, BETWEEN_RECOVERIES = 30 * DAY, 30 * DAY, 180 * DAY
HONEST, FALSE, KEEP_ONE, ADD_ONE, CALL_BACK, REFUSE = range(6)
# Holders are people by number; this one is the contract itself, and None is the zero address.
VESTING = 99
Rows = Sequence[tuple[int | None, int]]


@dataclass(frozen=True)
class Curve:
    """Nothing, the start unlock, whole steps after the cliff, all."""

    start: int
    cliff: int
    duration: int
    step: int
    unlock_bps: int

    @property
    def end(self) -> int:
        return self.start + self.duration

    @property
    def moments(self) -> tuple[int, ...]:
        step = self.start + max(self.cliff, self.step, 1)
        return self.start, self.start + self.cliff, step, self.start + self.duration // 2, self.end

    def vested(self, amount: int, time: int) -> int:
        if time < self.start:
            return 0
        if time >= self.end:
            return amount
        unlocked = floor(Fraction(self.unlock_bps, BPS) * amount)
        if time < self.start + self.cliff:
            return unlocked
        step = self.step or 1
        way = Fraction((time - self.start) // step * step, self.duration)
        return unlocked + floor((amount - unlocked) * way)


@dataclass(frozen=True)
class Dates:
    """Tranches: (time, basis points in all from then on)."""

    tranches: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        return self.tranches[0][0]

    @property
    def end(self) -> int:
        return self.tranches[-1][0]

    @property
    def moments(self) -> tuple[int, ...]:
        return tuple(time for time, _ in self.tranches)

    def vested(self, amount: int, time: int) -> int:
        come = [bps for at, bps in self.tranches if at <= time]
        return floor(Fraction(come[-1], BPS) * amount) if come else 0


@dataclass
class Coin:
    """Who holds how much of a token, and how it behaves just now."""

    held: Counter[int]
    # What the contract may take of each; None is without end.
    allowed: dict[int, int | None]
    manner: int = HONEST
    # Who refuses, when the manner is that.
    target: int = -1
    called: Callable[[], None] = lambda: None
    # What was taken away from the contract by the token itself.
    lost: int = 0

    def taking(self, payer: int, amount: int, *, by_allowance: bool = True) -> set[str]:
        wrong = set()
        limit = self.allowed[payer]
        if by_allowance and limit is not None and limit < amount:
            wrong.add("ERC20InsufficientAllowance")
        if amount > self.held[payer]:
            wrong.add("ERC20InsufficientBalance")
        if self.manner == FALSE:
            wrong.add("SafeERC20FailedOperation")
        if self.manner in (KEEP_ONE, ADD_ONE):
            wrong.add("VestingTokenRefused")
        return wrong

    def take(self, payer: int, amount: int, *, by_allowance: bool = True) -> None:
        limit = self.allowed[payer]
        if by_allowance and limit is not None:
            self.allowed[payer] = limit - amount
        self._move(payer, VESTING, amount)

    def paying(self, to: int | None, amount: int) -> set[str]:
        if self.manner == FALSE:
            return {"SafeERC20FailedOperation"}
        wrong = set()
        if to is None:
            wrong.add("ERC20InvalidReceiver")
        if amount > self.held[VESTING]:
            wrong.add("ERC20InsufficientBalance")
        if self.manner == REFUSE and to == self.target:
            wrong.add("TrickyRefuses")
        return wrong

    def pay(self, to: int | None, amount: int) -> None:
        assert to is not None
        self._move(VESTING, to, amount)

    def _move(self, source: int, to: int, amount: int) -> None:
        self.held[source] -= amount
        self.held[to] += amount
        self.held[to] += {KEEP_ONE: -1, ADD_ONE: 1}.get(self.manner, 0)
        if self.manner == CALL_BACK:
            self.called()


@dataclass(eq=False)
class Plan:
    """A shape in time that grants share."""

    number: int
    creator: int
    token: int
    shape: Curve | Dates
    revocable: bool = True
    grants: int = 0


@dataclass(eq=False)
class Grant:
    """An amount on a plan."""

    number: int
    plan: Plan
    beneficiary: int
    amount: int
    released: int = 0
    settled: int = 0
    stops_at: int = 0
    delegatee: int | None = None
    offered_to: int | None = None
    candidate: int | None = None
    # Of the last recovery that was proposed to this beneficiary.
    ready_at: int = 0
    forbidden: bool = False

    def vested(self, time: int) -> int:
        return self.plan.shape.vested(self.amount, min(time, self.stops_at) if self.stops_at else time)

    @property
    def kept(self) -> int:
        """What the beneficiary will have in the end."""
        return self.plan.shape.vested(self.amount, self.stops_at) if self.stops_at else self.amount

    @property
    def returned(self) -> int:
        return self.amount - self.kept

    @property
    def unreleased(self) -> int:
        return self.kept - self.released

    def due(self, time: int) -> int:
        return self.vested(time) - self.released

    def recovery_is_open(self, time: int) -> bool:
        return self.candidate is not None and time < self.ready_at + RECOVERY_WINDOW

    def recoverable(self, time: int) -> bool:
        """Whether a recovery can be proposed."""
        return not self.forbidden and (not self.ready_at or time >= self.ready_at + BETWEEN_RECOVERIES)

    @property
    def moments(self) -> tuple[int, ...]:
        """When something changes."""
        times = [*self.plan.shape.moments]
        if self.stops_at:
            times.append(self.stops_at)
        if self.ready_at:
            later = (0, RECOVERY_WINDOW, BETWEEN_RECOVERIES)
            times += [self.ready_at + more for more in later]
        return tuple(times)

    def act(self) -> None:
        """Whatever the beneficiary does with a grant is a veto."""
        self.candidate = None

    def change_hands(self, to: int) -> None:
        """Votes and proposals were the old beneficiary's."""
        self.beneficiary, self.delegatee, self.offered_to = to, None, None
        self.candidate, self.ready_at, self.forbidden = None, 0, False


@dataclass(eq=False)
class Campaign:
    """Leaves (beneficiary, amount) under a root."""

    number: int
    plan: Plan
    leaves: list[tuple[int, int]]
    rows: list[list[bytes]]
    left: int
    deadline: int
    claimed: set[int] = field(default_factory=set)

    @property
    def root(self) -> bytes:
        return self.rows[-1][0]

    def proof(self, index: int) -> list[bytes]:
        """What stands beside the way from a leaf to the root."""
        found = []
        for row in self.rows[:-1]:
            if index ^ 1 < len(row):
                found.append(row[index ^ 1])
            index //= 2
        return found


def rows_of(leaves: list[bytes]) -> list[list[bytes]]:
    """A tree from its leaves up; an odd last node goes up as it is."""
    rows = [leaves]
    while len(rows[-1]) > 1:
        pairs = [rows[-1][at : at + 2] for at in range(0, len(rows[-1]), 2)]
        rows.append([keccak(b"".join(pair)) if len(pair) == 2 else pair[0] for pair in pairs])
    return rows


class VestingModel:
    """Everything that the contract knows. Methods in -ing say all that is wrong with a call; the others do it."""

    def __init__(self, coins: list[Coin]) -> None:
        self.coins = coins
        self.plans: list[Plan] = []
        self.grants: list[Grant] = []
        self.campaigns: list[Campaign] = []
        self.nonces: Counter[int] = Counter()
        self.pause_from = self.pause_until = 0
        # Of the call that is under way, and whether it lets no other in.
        self.time, self.locked = 0, False
        # What the hooked token calls in each of its transfers, and how often that went well.
        self.hook: Callable[[], bool] = lambda: False
        self.reentered = 0
        for coin in coins:
            coin.called = self._called

    def _called(self) -> None:
        went_well = self.hook()  # which may come here again
        self.reentered += went_well

    def coin_of(self, thing: Plan | Grant) -> Coin:
        return self.coins[thing.token if isinstance(thing, Plan) else thing.plan.token]

    # What is owed, and who votes with it

    def of(self, token: int) -> list[Grant]:
        return [grant for grant in self.grants if grant.plan.token == token]

    def in_campaigns(self, token: int) -> int:
        return sum(campaign.left for campaign in self.campaigns if campaign.plan.token == token)

    def owed(self, token: int) -> int:
        return sum(grant.unreleased for grant in self.of(token)) + self.in_campaigns(token)

    def booked(self, token: int) -> int:
        return sum(grant.kept - grant.settled for grant in self.of(token)) + self.in_campaigns(token)

    def votes(self, token: int, person: int) -> int:
        return sum(grant.unreleased for grant in self.of(token) if grant.delegatee == person)

    # Pause

    def stopped(self) -> set[str]:
        return {"VestingPaused"} if self.time < self.pause_until else set()

    def pausing(self, until: int) -> set[str]:
        wrong, begin = set(), self.pause_from
        if self.time >= self.pause_until:
            begin = self.time
            if self.pause_until and self.time < self.pause_until + BETWEEN_PAUSES:
                wrong.add("VestingPauseTooSoon")
        if not self.time <= until <= begin + LONGEST_PAUSE:
            wrong.add("VestingPauseInvalid")
        return wrong

    def pause(self, until: int) -> None:
        if self.time >= self.pause_until:
            self.pause_from = self.time
        self.pause_until = until

    def closes_at(self, campaign: Campaign) -> int:
        """A pause that began before the deadline leaves time to claim after it."""
        if not self.pause_until or self.pause_from >= campaign.deadline:
            return campaign.deadline
        return max(campaign.deadline, self.pause_until + LATE_CLAIMS)

    # Plans and grants

    def creating(self, plan: Plan | None, caller: int) -> set[str]:
        """What only a plan's creator may do."""
        if plan is None:
            return {"VestingPlanUnknown"}
        return set() if caller == plan.creator else {"VestingNotCreator"}

    def granting(self, rows: Rows) -> set[str]:
        good = rows and all(who is not None and 0 < amount <= MOST_AMOUNT for who, amount in rows)
        return self.stopped() | (set() if good else {"VestingGrantInvalid"})

    def next_plan(self, creator: int, token: int, shape: Curve | Dates) -> Plan:
        """As it will be if its creation goes well; whoever sees that adds it to the others."""
        return Plan(len(self.plans) + 1, creator, token, shape)

    def add_grants(self, plan: Plan, rows: Rows) -> list[Grant]:
        added = []
        for who, amount in rows:
            assert who is not None
            added.append(Grant((plan.number << 64) + plan.grants, plan, who, amount))
            plan.grants += 1
        self.grants += added
        return added

    def fund(self, plan: Plan, payer: int, amount: int, *, by_allowance: bool = True) -> None:
        """While the contract takes money it lets nobody in."""
        self.locked = True
        self.coin_of(plan).take(payer, amount, by_allowance=by_allowance)
        self.locked = False

    # Release

    def releasing(self, grant: Grant | None) -> set[str]:
        """By anybody, to the beneficiary."""
        if grant is None:
            return self.stopped() | {"VestingGrantUnknown"}
        wrong = self.stopped()
        if grant.recovery_is_open(self.time):
            wrong.add("VestingRecoveryPending")
        elif not grant.due(self.time):
            wrong.add("VestingNothingToRelease")
        else:
            wrong |= self.coin_of(grant).paying(grant.beneficiary, grant.due(self.time))
        return wrong

    def releasing_to(self, grant: Grant | None, caller: int, to: int | None) -> set[str]:
        """By the beneficiary, to whomever."""
        wrong = self.acting(grant, caller) | self.stopped()
        if grant is None:
            return wrong
        if not grant.due(self.time):
            return wrong | {"VestingNothingToRelease"}
        return wrong | self.coin_of(grant).paying(to, grant.due(self.time))

    def release(self, grant: Grant, to: int | None) -> int:
        amount = grant.due(self.time)
        grant.released += amount
        self.coin_of(grant).pay(to, amount)
        return amount

    def releasing_many(self, grants: Sequence[Grant | None]) -> set[str]:
        if not grants:
            return set()
        known = {grant for grant in grants if grant}
        wrong = self.stopped() | (set() if all(grants) else {"VestingGrantUnknown"})
        due = [grant for grant in known if self.pushed(grant)]
        for grant in due:
            wrong |= self.coin_of(grant).paying(grant.beneficiary, grant.due(self.time))
        for coin in self.coins:
            total = sum(grant.due(self.time) for grant in due if self.coin_of(grant) is coin)
            if total > coin.held[VESTING]:
                wrong.add("ERC20InsufficientBalance")
        return wrong

    def pushed(self, grant: Grant) -> int:
        """What {releaseMany} pays of a grant."""
        return 0 if grant.recovery_is_open(self.time) else grant.due(self.time)

    def release_many(self, grants: Sequence[Grant]) -> None:
        for grant in grants:
            if self.pushed(grant):
                self.release(grant, grant.beneficiary)

    def settle(self, grants: Sequence[Grant]) -> None:
        for grant in grants:
            grant.settled = grant.released

    # Revocation

    def revoking(self, grant: Grant | None, caller: int, time: int) -> set[str]:
        if grant is None:
            return self.stopped() | {"VestingGrantUnknown"}
        wrong = self.stopped() | self.creating(grant.plan, caller)
        if not grant.plan.revocable:
            wrong.add("VestingNotRevocable")
        if grant.stops_at:
            return wrong | {"VestingAlreadyRevoked"}
        back = grant.amount - grant.plan.shape.vested(grant.amount, time)
        if not back:
            return wrong | {"VestingNothingToReturn"}
        return wrong | self.coin_of(grant).paying(caller, back)

    def revoke(self, grant: Grant, time: int) -> int:
        grant.stops_at = time
        self.give_back(grant.plan, grant.plan.creator, grant.returned)
        return grant.returned

    def give_back(self, plan: Plan, to: int, amount: int) -> None:
        """While the contract gives back it lets nobody in."""
        self.locked = True
        self.coin_of(plan).pay(to, amount)
        self.locked = False

    # Beneficiaries

    def acting(self, grant: Grant | None, caller: int) -> set[str]:
        """What only the beneficiary may do."""
        if grant is None:
            return {"VestingGrantUnknown"}
        return set() if caller == grant.beneficiary else {"VestingNotBeneficiary"}

    def recovering(self, grant: Grant | None, caller: int, candidate: int | None) -> set[str]:
        if grant is None:
            return {"VestingGrantUnknown"}
        wrong = self.creating(grant.plan, caller)
        if candidate is None:
            wrong.add("VestingBeneficiaryInvalid")
        if not grant.recoverable(self.time):
            wrong.add("VestingRecoveryTooSoon")
        return wrong

    def completing(self, grant: Grant | None, caller: int) -> set[str]:
        if grant is None or grant.candidate != caller:
            return {"VestingNotProposed"}
        if self.time < grant.ready_at:
            return {"VestingRecoveryNotReady"}
        return set() if grant.recovery_is_open(self.time) else {"VestingRecoveryExpired"}

    # Campaigns

    def claiming(self, campaign: Campaign, index: int, row: tuple[int, int], proof: list[bytes]) -> set[str]:
        wrong = self.stopped()
        if self.time >= self.closes_at(campaign):
            wrong.add("VestingCampaignOver")
        if index in campaign.claimed:
            wrong.add("VestingLeafUsed")
        true = index < len(campaign.leaves) and row == campaign.leaves[index]
        if not true or proof != campaign.proof(index):
            wrong.add("VestingProofInvalid")
        if row[1] > campaign.left:
            wrong.add("VestingCampaignExhausted")
        if campaign.plan.shape.vested(row[1], self.time) == row[1]:
            wrong |= self.coin_of(campaign.plan).paying(*row)
        return wrong

    def claim(self, campaign: Campaign, index: int) -> Grant | None:
        """The new grant, or None when the money was paid at once."""
        who, amount = campaign.leaves[index]
        campaign.claimed.add(index)
        campaign.left -= amount
        if campaign.plan.shape.vested(amount, self.time) < amount:
            return self.add_grants(campaign.plan, [(who, amount)])[0]
        self.give_back(campaign.plan, who, amount)
        return None

    def reclaiming(self, campaign: Campaign, caller: int) -> set[str]:
        wrong = self.stopped() | self.creating(campaign.plan, caller)
        if self.time < self.closes_at(campaign):
            wrong.add("VestingCampaignNotOver")
        if not campaign.left:
            wrong.add("VestingCampaignExhausted")
        return wrong | self.coin_of(campaign.plan).paying(caller, campaign.left)

    def reclaim(self, campaign: Campaign) -> int:
        amount, campaign.left = campaign.left, 0
        self.give_back(campaign.plan, campaign.plan.creator, amount)
        return amount
