"""Wishes about governance: who votes, votes, and proposals from making one to its execution."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from backend.governance.content import content_of
from backend.hexes import from_hex
from backend.intents.service import Call
from backend.intents.wishes.base import Means, OneCall, Part, Plan, Wish
from backend.intents.wishes.fields import NOBODY, Address, AmountOrNone, Id, Text
from listener.chain.encode import encode_call

MOST_CALLS = 10
MOST_DATA_BYTES = 4_096
"""Of one call: an exchange of code with its set-up takes some hundred."""
MOST_DESCRIPTION = 10_000
MOST_REASON = 1_000
_DELEGATE: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": "delegate",
        "inputs": [{"name": "delegatee", "type": "address"}],
        "outputs": [],
    }
]


class DelegateVotes(Wish):
    """Let an address, one's own too, vote with the voting tokens that the custodial wallet holds (null: nobody)."""

    kind: Literal["delegate_votes"]
    delegatee: Address | None = None

    async def plan(self, means: Means) -> Plan:
        """The governor says which token votes."""
        token = str(await means.view("Governor", "token"))
        return [Call(token, encode_call(_DELEGATE, "delegate", [self.delegatee or NOBODY]))], []


class CastVote(OneCall):
    """Vote on a proposal, once: 0 against, 1 for, 2 abstain."""

    kind: Literal["cast_vote"]
    proposal_id: Id
    support: Annotated[int, Field(strict=True, ge=0, le=2, description="0 against, 1 for, 2 abstain")]
    reason: Annotated[str, Text] = Field("", max_length=MOST_REASON, description="Public for ever")

    def function(self) -> tuple[Any, ...]:
        """The governor weighs it."""
        if self.reason:
            return "Governor", "castVoteWithReason", int(self.proposal_id), self.support, self.reason
        return "Governor", "castVote", int(self.proposal_id), self.support


class ProposedCall(Part):
    """A call that the timelock will make if the proposal passes; never the custodial wallet."""

    target: Address
    value: AmountOrNone = Field("0", description="Wei of the timelock's, sent along")
    calldata: Annotated[
        str, StringConstraints(pattern=r"^0x([0-9a-fA-F]{2})*$", max_length=2 + 2 * MOST_DATA_BYTES)
    ] = "0x"


class Propose(OneCall):
    """Make a proposal. `#proposer=` and one's address at the end keep others from making the same first."""

    kind: Literal["propose"]
    calls: list[ProposedCall] = Field(min_length=1, max_length=MOST_CALLS)
    description: Annotated[str, Text] = Field(
        min_length=1, max_length=MOST_DESCRIPTION, description="Its first line is its name. Public for ever"
    )

    def function(self) -> tuple[Any, ...]:
        """The governor asks for votes enough."""
        targets = [call.target for call in self.calls]
        values = [int(call.value) for call in self.calls]
        calldatas = [from_hex(call.calldata) for call in self.calls]
        return "Governor", "propose", targets, values, calldatas, self.description


class MoveProposal(Wish):
    """Hand a proposal that passed to the timelock, execute it after the delay, or cancel one's own before the voting."""

    kind: Literal["queue_proposal", "execute_proposal", "cancel_proposal"]
    proposal_id: Id

    async def plan(self, means: Means) -> Plan:
        """The governor takes a proposal by its content, which the mirror has."""
        means.address("Governor")
        content = await content_of(means.engine, int(self.proposal_id))
        function = self.kind.removesuffix("_proposal")
        arguments = (content.targets, content.values, content.calldatas, content.description_hash)
        return [means.call("Governor", function, *arguments)], []


_PROPOSAL = "1"
EXAMPLES: dict[str, Any] = {
    "delegate_votes": {"delegatee": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"},
    "cast_vote": {"proposal_id": _PROPOSAL, "support": 1, "reason": "It is time."},
    "propose": {
        "calls": [
            {
                "target": "0xDc64a140Aa3E981100a9becA4E685f962f0cF6C9",
                "value": "0",
                "calldata": "0x06f3f9e6" + "04".rjust(64, "0"),
            }
        ],
        "description": "Set the quorum to 4 percent\n\n#proposer=0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    },
    "queue_proposal": {"proposal_id": _PROPOSAL},
    "execute_proposal": {"proposal_id": _PROPOSAL},
    "cancel_proposal": {"proposal_id": _PROPOSAL},
}
