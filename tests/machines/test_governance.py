"""Governor and timelock: weights of the snapshot, legal transitions, nobody acts but the timelock on what was voted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from tests.contracts import governance_kit as kit
from tests.contracts.kit import ZERO
from tests.evm import Chain
from tests.machines.base import Machine, Namespace
from tests.machines.governance_model import LEGAL, Model, Past, Rules, Way

PEOPLE = 5
GUARDIAN, VAULT = 5, 6
STARTING = (300, 200, 60, 20, 0)
TREASURY = 100
TOO_LONG = "GovernorPreventLateQuorumVoteExtensionTooLarge"
TIMELOCK_ROLES = (kit.PROPOSER, kit.CANCELLER, kit.EXECUTOR, kit.ADMIN)

people = st.integers(0, PEOPLE - 1)
anybody = st.integers(0, GUARDIAN)
amounts = st.one_of(st.integers(0, 80), st.sampled_from([0, 1, 9, 10, 11, 300]))
choices = st.sampled_from([1, 1, 1, 0, 2, 3])
majority = st.sampled_from([kit.FOR, kit.FOR, kit.FOR, kit.ABSTAIN, kit.AGAINST])
ends = st.sampled_from(["execute", "execute", "cancel", "leave"])
kinds = st.sampled_from(
    ["fee", "pay", "both", "percent", "guardian", "delay", "period", "threshold", "extension", "wait"]
)


@dataclass
class Proposed:
    """What stands on the chain, what it would do, and its way in the model."""

    proposal: kit.Proposal
    kind: str
    number: int
    way: Way
    seen: int = kit.PENDING


class GovernanceMachine(Machine):
    """People move, lock, delegate and burn votes, and try every step of every proposal at any time."""

    only_refused = frozenset({"act_without_a_vote", "vote_for_somebody"})
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
            governed.token.transfer(who, amount, sender=vault)
        governed.token.transfer(governed.timelock, TREASURY, sender=vault)
        for who in someone[:3]:
            governed.token.delegate(who, sender=who)
        chain.mine()
        return Namespace(kit=governed, people=[*someone, governed.guardian, vault], deployer=deployer)

    @initialize()
    def begin(self) -> None:
        """The model: who holds, who votes for whom, what is locked."""
        self.kit: kit.GovernanceKit = self.world.kit
        self.token, self.governor, self.factory = self.kit.token, self.kit.governor, self.kit.factory
        now = self.chain.timestamp
        self.balances = [*STARTING, 0, int(self.token.balanceOf(self.world.people[VAULT]))]
        self.delegates = {who: who for who in range(3)}
        self.locked = [0] * PEOPLE
        self.held_votes = [Past(now - 1, STARTING[who] if who < 3 else 0) for who in range(PEOPLE)]
        self.locked_votes = [Past(now, 0) for _ in range(PEOPLE)]
        self.broken = False
        self.fee, self.treasury = 0, TREASURY
        percent = Past(0, kit.QUORUM_PERCENT)
        rules = Rules(kit.DELAY, kit.PERIOD, kit.EXTENSION, kit.THRESHOLD, kit.WAIT, percent, GUARDIAN)
        self.model = Model(rules, Past(0, kit.SUPPLY))
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
        time, supply = self.chain.pending_timestamp, self.model.supply
        if self.attempt(error, lambda: self.token.burn(amount, sender=self.world.people[who])):
            self.balances[who] -= amount
            supply.set(time, supply.now - amount)
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

    def _calls(self, kind: str, n: int) -> list[tuple[Any, bytes]]:
        """What a proposal of this kind does."""
        governor, encode = self.governor, lambda function, *arguments: function.encode_input(*arguments)
        fee = (self.factory, encode(self.factory.setFee, n, ZERO))
        pay = (self.token, encode(self.token.transfer, self.world.people[VAULT], 20 * n))
        guardian = ZERO if n > GUARDIAN else self.world.people[n]
        calls = {
            "fee": [fee],
            "pay": [pay],
            "both": [fee, pay],
            "percent": [(governor, encode(governor.updateQuorumNumerator, self._value("percent", n)))],
            "guardian": [(governor, encode(governor.setProposalGuardian, guardian))],
            "delay": [(governor, encode(governor.setVotingDelay, self._value("delay", n)))],
            "period": [(governor, encode(governor.setVotingPeriod, self._value("period", n)))],
            "threshold": [(governor, encode(governor.setProposalThreshold, self._value("threshold", n)))],
            "extension": [
                (governor, encode(governor.setLateQuorumVoteExtension, self._value("extension", n)))
            ],
            "wait": [(self.kit.timelock, encode(self.kit.timelock.updateDelay, self._value("wait", n)))],
        }
        return calls[kind]

    @staticmethod
    def _value(kind: str, n: int) -> int:
        """Numbers of every size that a setting may have, and some that it may not."""
        steps = {"percent": 3, "delay": 5, "period": 20, "threshold": 10, "extension": 8, "wait": 5}
        return 101 if kind == "percent" and n == 9 else steps[kind] * n

    @rule(target=proposals, who=st.one_of(st.integers(0, 2), people), kind=kinds, n=st.integers(0, 9))
    def propose(self, who: int, kind: str, n: int) -> Any:
        time, calls = self.chain.pending_timestamp, self._calls(kind, n)
        description = f"{kind} {len(self.made)}"
        proposal = kit.Proposal(
            self.governor, [to for to, _ in calls], [data for _, data in calls], description
        )
        few = self._weight(who, time - 1) < self.model.rules.threshold
        error = "GovernorInsufficientProposerVotes" if few else None
        what, sender = proposal.what, self.world.people[who]
        if not self.attempt(error, lambda: self.governor.propose(*what, description, sender=sender)):
            return multiple()
        self.made.append(Proposed(proposal, kind, n, self.model.made(who, time)))
        return len(self.made) - 1

    def _state(self, one: Proposed) -> int:
        return self.model.state(one.way, self.chain.pending_timestamp)

    @rule(index=proposals, who=people, choice=choices, how=st.integers(0, 4))
    def vote(self, index: int, who: int, choice: int, how: int) -> None:
        one, time = self.made[index], self.chain.pending_timestamp
        error = None
        if self._state(one) != kit.ACTIVE:
            error = "GovernorUnexpectedProposalState"
        elif who in one.way.votes:
            error = "GovernorAlreadyCastVote"
        elif choice > kit.ABSTAIN:
            error = "GovernorInvalidVoteType"
        cast = self._ways_to_vote(one.proposal.id, self.world.people[who], choice)[how]
        if self.attempt(error, cast):
            self.model.vote(one.way, who, choice, self._weight(who, one.way.snapshot), time)

    def _ways_to_vote(self, proposal_id: int, voter: Any, choice: int) -> list[Callable[[], Any]]:
        governor, sender = self.governor, self.kit.carol
        extended = {"reason": "It is time.", "params": b"\x01"}

        def signed(**more: Any) -> bytes:
            return self.kit.ballot(voter, proposal_id, choice, **more)

        return [
            lambda: governor.castVote(proposal_id, choice, sender=voter),
            lambda: governor.castVoteWithReason(proposal_id, choice, "It is time.", sender=voter),
            lambda: governor.castVoteWithReasonAndParams(
                proposal_id, choice, *extended.values(), sender=voter
            ),
            lambda: governor.castVoteBySig(proposal_id, choice, voter, signed(), sender=sender),
            lambda: governor.castVoteWithReasonAndParamsBySig(
                proposal_id, choice, voter, *extended.values(), signed(**extended), sender=sender
            ),
        ]

    @rule(index=proposals, who=people, by=people, choice=choices)
    def vote_for_somebody(self, index: int, who: int, by: int, choice: int) -> None:
        """With a signature of another voter, or of the voter's for the opposite."""
        voter, signer = self.world.people[who], self.world.people[by]
        number, other = self.made[index].proposal.id, (choice + 1) % 3 if who == by else choice
        ballot = self.kit.ballot(voter, number, other, key=signer.private_key)
        cast = self.governor.castVoteBySig
        self.attempt("GovernorInvalidSignature", lambda: cast(number, choice, voter, ballot, sender=signer))

    @rule(index=proposals, who=anybody)
    def queue(self, index: int, who: int) -> None:
        one, time = self.made[index], self.chain.pending_timestamp
        error = None if self._state(one) == kit.SUCCEEDED else "GovernorUnexpectedProposalState"
        sender = self.world.people[who]
        if self.attempt(error, lambda: self.governor.queue(*one.proposal.hashed, sender=sender)):
            one.way.queued_at, one.way.due = time, time + self.model.rules.wait

    @rule(index=proposals, who=anybody)
    def execute(self, index: int, who: int) -> None:
        one, time, sender = self.made[index], self.chain.pending_timestamp, self.world.people[who]
        error = self._refused(one, time)
        if self.attempt(error, lambda: self.governor.execute(*one.proposal.hashed, sender=sender)):
            one.way.executed_at = time
            self._effect(one, time)

    def _refused(self, one: Proposed, time: int) -> str | None:
        if self.model.state(one.way, time) != kit.QUEUED:
            return "GovernorUnexpectedProposalState"
        assert one.way.due is not None
        if time < one.way.due:
            return "TimelockUnexpectedOperationState"
        if one.kind in ("pay", "both") and 20 * one.number > self.treasury:
            return "ERC20InsufficientBalance"
        if one.kind == "percent" and one.number in (0, 9):
            return "GovernorInvalidQuorumFraction"
        if one.kind == "period" and one.number == 0:
            return "GovernorInvalidVotingPeriod"
        too_long = one.kind == "extension" and 8 * one.number > self.model.rules.period // 2
        return TOO_LONG if too_long else None

    def _effect(self, one: Proposed, time: int) -> None:
        if one.kind in ("fee", "both"):
            self.fee = one.number
        if one.kind in ("pay", "both"):
            self.treasury -= 20 * one.number
            self.balances[VAULT] += 20 * one.number
        elif one.kind == "percent":
            self.model.rules.percent.set(time, self._value("percent", one.number))
        elif one.kind == "guardian":
            self.model.rules.guardian = None if one.number > GUARDIAN else one.number
        elif one.kind != "fee":
            setattr(self.model.rules, one.kind, self._value(one.kind, one.number))

    @rule(index=proposals, who=st.one_of(st.just(GUARDIAN), anybody))
    def cancel(self, index: int, who: int) -> None:
        one, time, sender = self.made[index], self.chain.pending_timestamp, self.world.people[who]
        error = None
        if not self.model.may_cancel(one.way, who, time):
            error = "GovernorUnableToCancel"
        elif self._state(one) in (kit.CANCELED, kit.EXECUTED):
            error = "GovernorUnexpectedProposalState"
        if self.attempt(error, lambda: self.governor.cancel(*one.proposal.hashed, sender=sender)):
            one.way.cancelled = True

    @rule(seconds=st.sampled_from([1, 5, kit.DELAY, kit.WAIT, kit.EXTENSION, kit.PERIOD // 2, kit.PERIOD]))
    def wait(self, seconds: int) -> None:
        self.chain.warp(seconds)

    @rule(index=proposals, who=people, choice=majority, late=st.booleans(), end=ends)
    def carry_through(self, index: int, who: int, choice: int, late: bool, end: str) -> None:
        """What random steps seldom come to: voted for, waited for, queued and due; and what comes too often or too early."""
        one = self.made[index]
        if self._state(one) > kit.ACTIVE:
            return
        start = one.way.end - 10 if late else one.way.snapshot + 1
        self.chain.warp(max(1, start - self.chain.timestamp))
        for voter in range(PEOPLE):
            if voter not in one.way.votes and self._state(one) == kit.ACTIVE:
                self.vote(index, voter, choice if voter else kit.FOR, voter)
        self.vote(index, who, kit.AGAINST, 0)
        self.proposals_are_where_they_should_be()
        self.chain.warp(max(1, one.way.deadline + 1 - self.chain.timestamp))
        self.proposals_are_where_they_should_be()
        self.queue(index, who)
        self.proposals_are_where_they_should_be()
        self.execute(index, who)
        self.chain.warp(max(1, self.model.rules.wait))
        if end == "execute":
            self.execute(index, who)
        elif end == "cancel":
            self.cancel(
                index, one.way.proposer if self.model.rules.guardian is None else self.model.rules.guardian
            )

    @rule(
        target=proposals,
        who=st.integers(0, 2),
        kind=kinds,
        n=st.integers(0, 9),
        choice=majority,
        late=st.booleans(),
        end=ends,
    )
    def decide(self, who: int, kind: str, n: int, choice: int, late: bool, end: str) -> Any:
        """From its making to its execution."""
        index = self.propose(who, kind, n)
        if isinstance(index, int):
            self.carry_through(index, who, choice, late, end)
        return index

    # Who must not act: everybody, the guardian and the deployer too

    @rule(who=st.integers(0, VAULT), n=st.integers(1, 9), index=proposals)
    def act_without_a_vote(self, who: int, n: int, index: int) -> None:
        sender = self.world.deployer if who == VAULT else self.world.people[who]
        acts = [*self._settings(sender, n), *self._owner_acts(sender, n), *self._timelock_acts(sender, index)]
        for error, act in acts:
            self.attempt(error, act)

    def _settings(self, sender: Any, n: int) -> list[tuple[str, Callable[[], Any]]]:
        governor, timelock = self.governor, self.kit.timelock
        acts = [
            lambda: governor.setVotingDelay(n, sender=sender),
            lambda: governor.setVotingPeriod(n, sender=sender),
            lambda: governor.setProposalThreshold(n, sender=sender),
            lambda: governor.setLateQuorumVoteExtension(n, sender=sender),
            lambda: governor.setProposalGuardian(sender, sender=sender),
            lambda: governor.updateQuorumNumerator(n, sender=sender),
            lambda: governor.relay(sender, 0, b"", sender=sender),
        ]
        waits = ("TimelockUnauthorizedCaller", lambda: timelock.updateDelay(n, sender=sender))
        return [*(("GovernorOnlyExecutor", act) for act in acts), waits]

    def _owner_acts(self, sender: Any, n: int) -> list[tuple[str, Callable[[], Any]]]:
        factory = self.factory
        acts = [
            lambda: factory.setFee(n, ZERO, sender=sender),
            lambda: factory.setTreasury(sender, sender=sender),
            lambda: factory.setOpen(False, sender=sender),
            lambda: factory.setCreators([sender], True, sender=sender),
            lambda: factory.registerTemplate(bytes(32), self.token, sender=sender),
            lambda: factory.retireTemplate(1, sender=sender),
            lambda: factory.transferOwnership(sender, sender=sender),
            lambda: factory.renounceOwnership(sender=sender),
            lambda: factory.acceptOwnership(sender=sender),
        ]
        return [("OwnableUnauthorizedAccount", act) for act in acts]

    def _timelock_acts(self, sender: Any, index: int) -> list[tuple[str, Callable[[], Any]]]:
        timelock, proposal = self.kit.timelock, self.made[index].proposal
        call = (proposal.what[0][0], 0, proposal.calldatas[0], kit.NOTHING_BEFORE, kit.NO_SALT)
        batch = (*proposal.what, kit.NOTHING_BEFORE, kit.NO_SALT)
        acts = [
            lambda: timelock.schedule(*call, kit.WAIT, sender=sender),
            lambda: timelock.scheduleBatch(*batch, kit.WAIT, sender=sender),
            lambda: timelock.execute(*call, sender=sender),
            lambda: timelock.executeBatch(*batch, sender=sender),
            lambda: timelock.cancel(proposal.id.to_bytes(32), sender=sender),
            lambda: timelock.grantRole(kit.PROPOSER, sender, sender=sender),
            lambda: timelock.revokeRole(kit.CANCELLER, self.governor, sender=sender),
        ]
        return [("AccessControlUnauthorizedAccount", act) for act in acts]

    # What stays true

    @invariant()
    def proposals_are_where_they_should_be(self) -> None:
        for one in self.made:
            now = one.proposal.state
            assert now == self.model.state(one.way, self.chain.timestamp)
            assert now == one.seen or now in LEGAL[one.seen], f"{one.seen} → {now}"
            one.seen = now
            tally = tuple(one.way.sum(choice) for choice in (kit.AGAINST, kit.FOR, kit.ABSTAIN))
            assert self.governor.proposalVotes(one.proposal.id) == tally
            assert self.governor.proposalDeadline(one.proposal.id) == one.way.deadline
            assert sum(tally) <= self.model.supply.at(one.way.snapshot)

    @invariant()
    def the_timelock_holds_what_was_queued_and_nothing_else(self) -> None:
        for one in self.made:
            due = self.kit.timelock.getTimestamp(one.proposal.id.to_bytes(32))
            queued = 0 if one.way.due is None or one.way.cancelled else one.way.due
            assert due == (1 if one.way.executed_at is not None else queued)

    @invariant()
    def nothing_is_executed_without_quorum_majority_and_delay(self) -> None:
        for one in self.made:
            if one.way.executed_at is None:
                continue
            against, in_favour, abstain = self.governor.proposalVotes(one.proposal.id)
            assert in_favour > against
            assert in_favour + abstain >= self.governor.quorum(one.way.snapshot)
            assert one.way.due is not None
            assert one.way.executed_at >= one.way.due
            assert one.way.queued_at > one.way.deadline

    @invariant()
    def only_proposals_changed_anything(self) -> None:
        governor, rules = self.governor, self.model.rules
        assert (self.factory.fee(), self.token.balanceOf(self.kit.timelock)) == (self.fee, self.treasury)
        found = (governor.votingDelay(), governor.votingPeriod(), governor.lateQuorumVoteExtension())
        assert found == (rules.delay, rules.period, rules.extension)
        assert governor.proposalThreshold() == rules.threshold
        assert governor.invoke("quorumNumerator()") == rules.percent.now
        assert self.kit.timelock.getMinDelay() == rules.wait
        guardian = ZERO if rules.guardian is None else self.world.people[rules.guardian]
        assert governor.proposalGuardian() == guardian
        assert (self.factory.owner(), self.factory.pendingOwner()) == (self.kit.timelock, ZERO)

    @invariant()
    def votes_are_those_of_held_and_locked_tokens(self) -> None:
        past = self.chain.timestamp - 1
        weights = [self._weight(who, past) for who in range(PEOPLE)]
        found = [self.governor.getVotes(who, past) for who in self.world.people[:PEOPLE]]
        assert found == weights
        assert sum(weights) <= self.model.supply.at(past)

    def teardown(self) -> None:
        """Nobody came to a role of the timelock on the way."""
        timelock = self.kit.timelock
        for who in (*self.world.people, self.world.deployer):
            assert not any(timelock.hasRole(role, who) for role in TIMELOCK_ROLES)
        super().teardown()


TestGovernance = GovernanceMachine.quick(examples=80)
