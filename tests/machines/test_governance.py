"""Governor and timelock: weights of the snapshot, legal transitions, nobody acts but the timelock on what was voted."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from tests.contracts import governance_kit as kit
from tests.contracts.kit import ZERO
from tests.evm import Chain
from tests.machines.base import Machine, Namespace

PEOPLE = 5
GUARDIAN, VAULT = 5, 6
STARTING = (300, 200, 60, 20, 0)
TREASURY = 100

people = st.integers(0, PEOPLE - 1)
anybody = st.integers(0, GUARDIAN)
amounts = st.one_of(st.integers(0, 80), st.sampled_from([0, 1, 9, 10, 11, 300]))


class Past:
    """A number that changes in time; the last of a second counts."""

    def __init__(self, time: int, value: int) -> None:
        self._known = {time: value}

    @property
    def now(self) -> int:
        return self._known[max(self._known)]

    def set(self, time: int, value: int) -> None:
        self._known[time] = value

    def at(self, time: int) -> int:
        before = [known for known in self._known if known <= time]
        return self._known[max(before)] if before else 0


@dataclass
class Proposed:
    """What the model knows of a proposal."""

    proposal: kit.Proposal
    proposer: int
    kind: str
    argument: int
    snapshot: int
    deadline: int
    votes: dict[int, tuple[int, int]] = field(default_factory=dict)
    queued_at: int | None = None
    executed_at: int | None = None
    cancelled: bool = False

    def sum(self, *choices: int) -> int:
        return sum(weight for choice, weight in self.votes.values() if choice in choices)


class GovernanceMachine(Machine):
    """People move, lock, delegate and burn votes, and try every step of every proposal at any time."""

    only_refused = frozenset({"act_as_owner", "act_in_the_timelock", "change_settings"})
    proposals = Bundle("proposals")

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        governed = kit.deploy(chain)
        someone = [chain.accounts[40 + index] for index in range(PEOPLE)]
        deployer = chain.accounts[20]
        vault = chain.accounts[40 + VAULT]
        held = {who: governed.token.balanceOf(who) for who in (deployer, governed.alice, governed.bob)}
        for who, amount in held.items():
            governed.token.transfer(vault, amount, sender=who)
        for who, amount in zip(someone, STARTING, strict=True):
            missing = amount - governed.token.balanceOf(who)
            governed.token.transfer(who, missing, sender=vault)
        governed.token.transfer(governed.timelock, TREASURY, sender=vault)
        for who in someone[:3]:
            governed.token.delegate(who, sender=who)
        chain.mine()
        return Namespace(kit=governed, people=[*someone, governed.guardian, vault])

    @initialize()
    def begin(self) -> None:
        """The model: who holds, who votes for whom, what is locked."""
        self.kit: kit.GovernanceKit = self.world.kit
        self.token, self.governor = self.kit.token, self.kit.governor
        now = self.chain.timestamp
        self.balances = [*STARTING, 0, int(self.token.balanceOf(self.world.people[VAULT]))]
        self.delegates = {who: who for who in range(3)}
        self.locked = [0] * PEOPLE
        self.held_votes = [Past(now - 1, STARTING[who] if who < 3 else 0) for who in range(PEOPLE)]
        self.locked_votes = [Past(now, 0) for _ in range(PEOPLE)]
        self.supply = Past(0, kit.SUPPLY)
        self.percent = Past(0, kit.QUORUM_PERCENT)
        self.broken = False
        self.fee, self.treasury, self.guardian = 0, TREASURY, GUARDIAN
        self.made: list[Proposed] = []

    # Votes

    def _recount(self, time: int) -> None:
        for delegate in range(PEOPLE):
            found = sum(self.balances[who] for who, to in self.delegates.items() if to == delegate)
            if found != self.held_votes[delegate].now:
                self.held_votes[delegate].set(time, found)

    @rule(who=people, to=people)
    def delegate(self, who: int, to: int) -> None:
        time = self.chain.pending_timestamp
        self.attempt(None, lambda: self.token.delegate(self.world.people[to], sender=self.world.people[who]))
        self.delegates[who] = to
        self._recount(time)

    @rule(who=people, to=people, amount=amounts)
    def transfer(self, who: int, to: int, amount: int) -> None:
        error = None if amount <= self.balances[who] else "ERC20InsufficientBalance"
        time, giver, taker = self.chain.pending_timestamp, self.world.people[who], self.world.people[to]
        if self.attempt(error, lambda: self.token.transfer(taker, amount, sender=giver)):
            self.balances[who] -= amount
            self.balances[to] += amount
            self._recount(time)

    @rule(who=people, amount=amounts)
    def burn(self, who: int, amount: int) -> None:
        error = None if amount <= self.balances[who] else "ERC20InsufficientBalance"
        time = self.chain.pending_timestamp
        if self.attempt(error, lambda: self.token.burn(amount, sender=self.world.people[who])):
            self.balances[who] -= amount
            self.supply.set(time, self.supply.now - amount)
            self._recount(time)

    @rule(who=people, amount=amounts)
    def lock(self, who: int, amount: int) -> None:
        """Into a grant: the tokens lie with somebody who does not vote with them, the votes are counted there."""
        self._lock(who, min(amount, self.balances[who]))

    @rule(who=people, amount=amounts)
    def release(self, who: int, amount: int) -> None:
        self._lock(who, -min(amount, self.locked[who]))

    def _lock(self, who: int, amount: int) -> None:
        person, vault = self.world.people[who], self.world.people[VAULT]
        giver, taker = (person, vault) if amount > 0 else (vault, person)
        time = self.chain.pending_timestamp
        self.token.transfer(taker, abs(amount), sender=giver)
        self.balances[who] -= amount
        self.balances[VAULT] += amount
        self.locked[who] += amount
        self._recount(time)
        time = self.chain.pending_timestamp
        self.kit.locked.set(person, self.locked[who], sender=person)
        self.locked_votes[who].set(time, self.locked[who])

    @rule(broken=st.booleans())
    def break_vesting(self, broken: bool) -> None:
        self.broken = broken
        self.kit.locked.breakDown(int(broken), sender=self.kit.carol)

    def _weight(self, who: int, time: int) -> int:
        return self.held_votes[who].at(time) + (0 if self.broken else self.locked_votes[who].at(time))

    # Proposals

    @rule(
        target=proposals,
        who=st.one_of(st.integers(0, 2), people),
        kind=st.sampled_from(["fee", "pay", "quorum", "guardian"]),
        n=st.integers(0, 9),
    )
    def propose(self, who: int, kind: str, n: int) -> Any:
        time = self.chain.pending_timestamp
        targets = {
            "fee": (self.kit.factory, self.kit.factory.setFee, (n, ZERO)),
            "pay": (self.token, self.token.transfer, (self.world.people[VAULT], 20 * n)),
            "quorum": (self.governor, self.governor.updateQuorumNumerator, (n * 11,)),
            "guardian": (
                self.governor,
                self.governor.setProposalGuardian,
                (self.world.people[n % GUARDIAN],),
            ),
        }
        target, call, arguments = targets[kind]
        proposal = kit.Proposal(
            self.governor, [target], [call.encode_input(*arguments)], f"{kind} {len(self.made)}"
        )
        few = self._weight(who, time - 1) < kit.THRESHOLD
        error = "GovernorInsufficientProposerVotes" if few else None
        what, sender = proposal.what, self.world.people[who]

        def act() -> Any:
            return self.governor.propose(*what, proposal.description, sender=sender)

        if not self.attempt(error, act):
            return multiple()
        snapshot = time + kit.DELAY
        self.made.append(Proposed(proposal, who, kind, n, snapshot, snapshot + kit.PERIOD))
        return len(self.made) - 1

    def _state(self, one: Proposed, time: int) -> int:
        """What the way of a proposal has to be, from the plan alone."""
        if one.executed_at is not None:
            return kit.EXECUTED
        if one.cancelled:
            return kit.CANCELED
        if time <= one.snapshot:
            return kit.PENDING
        if time <= one.deadline:
            return kit.ACTIVE
        if not self._reached(one) or one.sum(kit.FOR) <= one.sum(kit.AGAINST):
            return kit.DEFEATED
        return kit.SUCCEEDED if one.queued_at is None else kit.QUEUED

    def _reached(self, one: Proposed) -> bool:
        needed = self.supply.at(one.snapshot) * self.percent.at(one.snapshot) // 100
        return one.sum(kit.FOR, kit.ABSTAIN) >= needed

    @rule(
        index=proposals, who=people, support=st.sampled_from([1, 1, 1, 0, 2, 3]), by_signature=st.booleans()
    )
    def vote(self, index: int, who: int, support: int, by_signature: bool) -> None:
        one, time = self.made[index], self.chain.pending_timestamp
        error = None
        if self._state(one, time) != kit.ACTIVE:
            error = "GovernorUnexpectedProposalState"
        elif who in one.votes:
            error = "GovernorAlreadyCastVote"
        elif support > kit.ABSTAIN:
            error = "GovernorInvalidVoteType"
        if self.attempt(error, lambda: self._cast(one.proposal.id, who, support, by_signature)):
            before = self._reached(one)
            one.votes[who] = (support, self._weight(who, one.snapshot))
            if self._reached(one) and not before:
                one.deadline = max(one.deadline, time + kit.EXTENSION)

    def _cast(self, proposal_id: int, who: int, support: int, by_signature: bool) -> Any:
        voter = self.world.people[who]
        if not by_signature:
            return self.governor.castVote(proposal_id, support, sender=voter)
        ballot = self.kit.ballot(voter, proposal_id, support)
        return self.governor.castVoteBySig(proposal_id, support, voter, ballot, sender=self.kit.carol)

    @rule(index=proposals, who=anybody)
    def queue(self, index: int, who: int) -> None:
        one, time = self.made[index], self.chain.pending_timestamp
        error = None if self._state(one, time) == kit.SUCCEEDED else "GovernorUnexpectedProposalState"
        sender = self.world.people[who]
        if self.attempt(error, lambda: self.governor.queue(*one.proposal.hashed, sender=sender)):
            one.queued_at = time

    @rule(index=proposals, who=anybody)
    def execute(self, index: int, who: int) -> None:
        one, time, sender = self.made[index], self.chain.pending_timestamp, self.world.people[who]
        error = self._refused(one, time)
        if self.attempt(error, lambda: self.governor.execute(*one.proposal.hashed, sender=sender)):
            one.executed_at = time
            self._effect(one, time)

    def _refused(self, one: Proposed, time: int) -> str | None:
        if self._state(one, time) != kit.QUEUED:
            return "GovernorUnexpectedProposalState"
        assert one.queued_at is not None
        if time < one.queued_at + kit.WAIT:
            return "TimelockUnexpectedOperationState"
        if one.kind == "pay" and 20 * one.argument > self.treasury:
            return "ERC20InsufficientBalance"
        return "GovernorInvalidQuorumFraction" if one.kind == "quorum" and one.argument == 0 else None

    def _effect(self, one: Proposed, time: int) -> None:
        if one.kind == "fee":
            self.fee = one.argument
        elif one.kind == "pay":
            self.treasury -= 20 * one.argument
            self.balances[VAULT] += 20 * one.argument
        elif one.kind == "quorum":
            self.percent.set(time, 11 * one.argument)
        else:
            self.guardian = one.argument % GUARDIAN

    @rule(index=proposals, who=st.one_of(st.just(GUARDIAN), anybody))
    def cancel(self, index: int, who: int) -> None:
        one, time, sender = self.made[index], self.chain.pending_timestamp, self.world.people[who]
        state = self._state(one, time)
        error = None
        if who != self.guardian and not (who == one.proposer and state == kit.PENDING):
            error = "GovernorUnableToCancel"
        elif state in (kit.CANCELED, kit.EXECUTED):
            error = "GovernorUnexpectedProposalState"
        if self.attempt(error, lambda: self.governor.cancel(*one.proposal.hashed, sender=sender)):
            one.cancelled = True

    @rule(seconds=st.sampled_from([1, 5, kit.DELAY, kit.WAIT, kit.EXTENSION, kit.PERIOD // 2, kit.PERIOD]))
    def wait(self, seconds: int) -> None:
        self.chain.warp(seconds)

    @rule(index=proposals, who=people, finish=st.booleans())
    def carry_through(self, index: int, who: int, finish: bool) -> None:
        """What random steps seldom come to: voted for, waited for, queued and due."""
        if self._state(self.made[index], self.chain.pending_timestamp) > kit.ACTIVE:
            return
        one = self.made[index]
        self.chain.warp(one.snapshot + 1 - self.chain.timestamp)
        for voter in range(PEOPLE):
            if voter not in one.votes and self._state(one, self.chain.pending_timestamp) == kit.ACTIVE:
                self.vote(index, voter, kit.FOR, False)
        self.chain.warp(one.deadline + 1 - self.chain.timestamp)
        self.queue(index, who)
        self.chain.warp(kit.WAIT)
        if finish:
            self.execute(index, who)

    # Who must not act

    @rule(who=anybody, n=st.integers(0, 9))
    def act_as_owner(self, who: int, n: int) -> None:
        sender, factory = self.world.people[who], self.kit.factory
        self.attempt("OwnableUnauthorizedAccount", lambda: factory.setFee(n, ZERO, sender=sender))

    @rule(who=anybody, index=proposals, step=st.sampled_from(["schedule", "execute", "cancel", "grant"]))
    def act_in_the_timelock(self, who: int, index: int, step: str) -> None:
        sender, timelock = self.world.people[who], self.kit.timelock
        proposal = self.made[index].proposal
        call = (proposal.what[0][0], 0, proposal.calldatas[0], kit.NOTHING_BEFORE, kit.NO_SALT)
        acts = {
            "schedule": lambda: timelock.schedule(*call, kit.WAIT, sender=sender),
            "execute": lambda: timelock.execute(*call, sender=sender),
            "cancel": lambda: timelock.cancel(proposal.id.to_bytes(32), sender=sender),
            "grant": lambda: timelock.grantRole(kit.PROPOSER, sender, sender=sender),
        }
        self.attempt("AccessControlUnauthorizedAccount", acts[step])

    @rule(who=anybody, n=st.integers(1, 99))
    def change_settings(self, who: int, n: int) -> None:
        sender = self.world.people[who]
        act = self.governor.updateQuorumNumerator
        self.attempt("GovernorOnlyExecutor", lambda: act(n, sender=sender))

    # What stays true

    @invariant()
    def proposals_are_where_they_should_be(self) -> None:
        for one in self.made:
            assert one.proposal.state == self._state(one, self.chain.timestamp)
            tally = tuple(one.sum(choice) for choice in (kit.AGAINST, kit.FOR, kit.ABSTAIN))
            assert self.governor.proposalVotes(one.proposal.id) == tally
            assert self.governor.proposalDeadline(one.proposal.id) == one.deadline
            assert sum(tally) <= self.supply.at(one.snapshot)

    @invariant()
    def nothing_is_executed_without_quorum_majority_and_delay(self) -> None:
        for one in self.made:
            if one.executed_at is None:
                continue
            against, in_favour, abstain = self.governor.proposalVotes(one.proposal.id)
            assert in_favour > against
            assert in_favour + abstain >= self.governor.quorum(one.snapshot)
            assert one.queued_at is not None
            assert one.executed_at >= one.queued_at + kit.WAIT > one.deadline + kit.WAIT

    @invariant()
    def only_proposals_changed_anything(self) -> None:
        assert self.kit.factory.fee() == self.fee
        assert self.token.balanceOf(self.kit.timelock) == self.treasury
        assert self.governor.invoke("quorumNumerator()") == self.percent.now
        assert self.governor.proposalGuardian() == self.world.people[self.guardian]
        assert self.kit.factory.owner() == self.kit.timelock

    @invariant()
    def votes_are_those_of_held_and_locked_tokens(self) -> None:
        past = self.chain.timestamp - 1
        weights = [self._weight(who, past) for who in range(PEOPLE)]
        found = [self.governor.getVotes(who, past) for who in self.world.people[:PEOPLE]]
        assert found == weights
        assert sum(weights) <= self.supply.at(past)


TestGovernance = GovernanceMachine.quick(examples=80)
