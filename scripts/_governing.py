"""Carrying a proposal through its stages: each looks at the chain first and says why it cannot go on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import ape
from ape.contracts import ContractInstance

from listener.chain.registry import RegisteredContract, Registry
from scripts._chain import ChainReader
from scripts._given import when, why
from scripts._proposal import Proposal, ProposalError
from scripts._sending import Sender


class Stage(IntEnum):
    """As the governor numbers them."""

    PENDING, ACTIVE, CANCELED, DEFEATED, SUCCEEDED, QUEUED, EXPIRED, EXECUTED = range(8)


CHOICES = {"against": 0, "for": 1, "abstain": 2}


@dataclass(frozen=True)
class Governing:
    """One proposal, and who acts; without a sender it can only be looked at."""

    chain: ChainReader
    registry: Registry
    proposal: Proposal
    say: Callable[[str], None]
    sender: Sender | None = None

    # Looking

    @property
    def id(self) -> int:
        return int(self._ask("getProposalId", *self.proposal.hashed))

    @property
    def stage(self) -> Stage | None:
        """None: nobody has proposed it."""
        if not self._ask("proposalSnapshot", self.id):
            return None
        return Stage(self._ask("state", self.id))

    def lines(self) -> Iterator[str]:
        """What it would do, where it is, and how it stands."""
        yield why(self.proposal.description)
        for call in self.proposal.calls:
            yield f"call        {call.told}"
        yield f"id          {self.id}"
        stage = self.stage
        yield f"stage       {'not proposed' if stage is None else stage.name.lower()}"
        if stage is None:
            return
        snapshot, deadline = self._ask("proposalSnapshot", self.id), self._ask("proposalDeadline", self.id)
        yield f"voting      {when(snapshot)} to {when(deadline)}"
        against, in_favour, abstain = self._ask("proposalVotes", self.id)
        yield f"votes       {in_favour} for, {against} against, {abstain} abstain"
        if snapshot < self._now:
            yield f"quorum      {self._ask('quorum', snapshot)}, for and abstain together"
        if stage is Stage.QUEUED:
            yield f"due         {when(self._ask('proposalEta', self.id))}"

    # Acting

    def propose(self) -> None:
        """Anybody with enough votes."""
        self._expect(None)
        before = self._now - 1
        votes, needed = self._ask("getVotes", self._me, before), self._ask("proposalThreshold")
        if votes < needed:
            raise ProposalError(
                f"{self._me} had {votes} votes, {needed} are needed. Votes count once delegated, to oneself too."
            )
        if self._send("propose", *self.proposal.what, self.proposal.description):
            self.say(f"Proposed as {self.id}; voting starts {when(self._ask('proposalSnapshot', self.id))}.")

    def vote(self, choice: str, reason: str | None) -> None:
        """With what the account had when the voting started."""
        self._expect(Stage.ACTIVE)
        if self._ask("hasVoted", self.id, self._me):
            raise ProposalError(f"{self._me} has voted.")
        weight = self._ask("getVotes", self._me, self._ask("proposalSnapshot", self.id))
        if weight == 0:
            raise ProposalError(f"{self._me} had no votes when the voting started.")
        function, more = ("castVoteWithReason", (reason,)) if reason else ("castVote", ())
        if self._send(function, self.id, CHOICES[choice], *more):
            self.say(f"Voted {choice} with {weight}.")

    def queue(self) -> None:
        """Anybody, once it has succeeded."""
        self._expect(Stage.SUCCEEDED)
        if self._send("queue", *self.proposal.hashed):
            self.say(f"Queued; it can be executed from {when(self._ask('proposalEta', self.id))}.")

    def execute(self) -> None:
        """Anybody, once the timelock's delay is over, to the last block's time."""
        self._expect(Stage.QUEUED)
        due = self._ask("proposalEta", self.id)
        if self._now < due:
            raise ProposalError(f"It can be executed from {when(due)}.")
        if self._send("execute", *self.proposal.hashed):
            self.say("Executed.")

    def cancel(self) -> None:
        """The guardian until it is executed; its proposer while it is pending."""
        stage, guardian = self.stage, self._ask("proposalGuardian")
        if stage in (None, Stage.CANCELED, Stage.EXECUTED):
            raise ProposalError(f"There is nothing to cancel: it is {_name(stage)}.")
        is_proposer = self._me == self._ask("proposalProposer", self.id)
        may_withdraw = stage is Stage.PENDING or int(guardian, 16) == 0
        if self._me != guardian and not (is_proposer and may_withdraw):
            raise ProposalError(
                f"Only the guardian {guardian} may cancel, or the proposer while it is pending."
            )
        if self._send("cancel", *self.proposal.hashed):
            self.say("Canceled.")

    def _expect(self, stage: Stage | None) -> None:
        found = self.stage
        if found is not stage:
            raise ProposalError(f"The proposal is {_name(found)}, it has to be {_name(stage)}.")

    # The chain

    @property
    def _governor(self) -> RegisteredContract:
        return self.registry.contract("Governor")

    @property
    def _me(self) -> str:
        return str(self._sending.account.address)

    @property
    def _sending(self) -> Sender:
        if self.sender is None:
            raise ProposalError("Say who acts: --account.")
        return self.sender

    @property
    def _now(self) -> int:
        """The governor's clock: the time of the last block."""
        return int(self._ask("clock"))

    def _ask(self, view: str, *arguments: Any) -> Any:
        return self.chain.view(self._governor, view, *arguments)

    def _send(self, function: str, *arguments: Any) -> bool:
        """False in a dry run."""
        governor: ContractInstance = ape.Contract(self._governor.address, abi=list(self._governor.abi))
        receipt = self._sending.send(function, getattr(governor, function), *arguments)
        self.chain.advance()
        return receipt is not None


def _name(stage: Stage | None) -> str:
    return "not proposed" if stage is None else stage.name.lower()


__all__ = ["CHOICES", "Governing", "Stage"]
