"""A governed system: token, locked votes as the test says, timelock, governor, and a factory that the timelock owns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_utils import keccak

from tests.contracts.kit import ZERO, event
from tests.contracts.token_kit import BURN, FULL, FULL_ID

DELAY, PERIOD, EXTENSION, WAIT = 10, 100, 30, 20
THRESHOLD, QUORUM_PERCENT, SUPPLY = 10, 4, 1_000
QUORUM = SUPPLY * QUORUM_PERCENT // 100
PENDING, ACTIVE, CANCELED, DEFEATED, SUCCEEDED, QUEUED, EXPIRED, EXECUTED = range(8)
AGAINST, FOR, ABSTAIN = range(3)
ADMIN = bytes(32)
PROPOSER, CANCELLER, EXECUTOR = (
    keccak(text=f"{name}_ROLE") for name in ("PROPOSER", "CANCELLER", "EXECUTOR")
)
NOTHING_BEFORE, NO_SALT = bytes(32), bytes(32)


@dataclass(frozen=True)
class Proposal:
    """What is proposed, and why; unique by its description."""

    governor: Any
    targets: list[Any]
    calldatas: list[bytes]
    description: str
    values: list[int] = field(default_factory=list)

    @property
    def what(self) -> tuple[list[str], list[int], list[bytes]]:
        return [str(to) for to in self.targets], self.values or [0] * len(self.targets), self.calldatas

    @property
    def hashed(self) -> tuple[Any, ...]:
        """As queue, execute and cancel take it."""
        return (*self.what, keccak(text=self.description))

    @property
    def id(self) -> int:
        return int(self.governor.getProposalId(*self.hashed))

    @property
    def state(self) -> int:
        return int(self.governor.state(self.id))


@dataclass(frozen=True)
class GovernanceKit:
    """The contracts and what tests do with them."""

    chain: Any
    governor: Any
    timelock: Any
    token: Any
    locked: Any
    factory: Any
    guardian: Any
    alice: Any
    bob: Any
    carol: Any

    def setting(self, function: str, *arguments: Any, description: str = "A setting") -> Proposal:
        """A proposal that changes the governor itself."""
        call = getattr(self.governor, function).encode_input(*arguments)
        return Proposal(self.governor, [self.governor], [call], description)

    def fee(self, amount: int = 7, description: str = "The fee") -> Proposal:
        """A proposal to change the factory's fee."""
        call = self.factory.setFee.encode_input(amount, ZERO)
        return Proposal(self.governor, [self.factory], [call], description)

    def propose(self, proposal: Proposal, sender: Any = None) -> Proposal:
        self.governor.propose(*proposal.what, proposal.description, sender=sender or self.alice)
        return proposal

    def pass_to(self, time: int) -> None:
        """The head is at this time or later."""
        self.chain.warp(time - self.chain.timestamp)

    def open(self, proposal: Proposal) -> Proposal:
        """Proposed, and votes are taken."""
        self.propose(proposal)
        self.pass_to(self.governor.proposalSnapshot(proposal.id) + 1)
        return proposal

    def close(self, proposal: Proposal) -> Proposal:
        self.pass_to(self.governor.proposalDeadline(proposal.id) + 1)
        return proposal

    def passed(self, proposal: Proposal) -> Proposal:
        """Voted for by alice, who has more than the quorum."""
        self.open(proposal)
        self.governor.castVote(proposal.id, FOR, sender=self.alice)
        return self.close(proposal)

    def queued(self, proposal: Proposal) -> Proposal:
        self.passed(proposal)
        self.governor.queue(*proposal.hashed, sender=self.carol)
        return proposal

    def due(self, proposal: Proposal) -> Proposal:
        self.queued(proposal)
        self.chain.warp(self.timelock.getMinDelay())
        return proposal

    def executed(self, proposal: Proposal) -> Any:
        """The receipt of its execution, by somebody without votes."""
        self.due(proposal)
        return self.governor.execute(*proposal.hashed, sender=self.carol)

    def ballot(self, voter: Any, proposal_id: int, support: int, **extended: Any) -> bytes:
        """The signature that castVoteBySig takes; with reason and params that of the extended one."""
        fields = [("proposalId", "uint256"), ("support", "uint8"), ("voter", "address"), ("nonce", "uint256")]
        message: dict[str, Any] = {
            "proposalId": proposal_id,
            "support": support,
            "voter": voter.address,
            "nonce": self.governor.nonces(voter),
        }
        if "params" in extended:
            fields += [("reason", "string"), ("params", "bytes")]
            message |= {"reason": extended.pop("reason"), "params": extended.pop("params")}
        domain = {
            "name": "Tombola Governor",
            "version": "1",
            "chainId": self.chain.chain_id,
            "verifyingContract": self.governor.address,
        }
        kind = "ExtendedBallot" if "params" in message else "Ballot"
        types = {kind: [{"name": name, "type": of} for name, of in fields]}
        key = extended.get("key") or voter.private_key
        return bytes(
            Account.sign_typed_data(key, domain | extended.get("domain", {}), types, message).signature
        )


SETTINGS = (DELAY, PERIOD, EXTENSION, THRESHOLD, QUORUM_PERCENT)


def votes_as_told(project: Any, deployer: Any, *_: Any) -> Any:
    """Locked votes that the test sets, in place of vesting."""
    return deployer.deploy(project.TestLockedVotes)


def deploy(
    chain: Any,
    settings: tuple[int, ...] = SETTINGS,
    wait: int = WAIT,
    vesting: Callable[..., Any] = votes_as_told,
) -> GovernanceKit:
    """Everything handed over: alice has 300 votes, bob 200, carol none; the rest nobody has delegated.

    `vesting` is called with project, deployer, owner and guardian.
    """
    accounts, project = chain.accounts, chain.project
    deployer, guardian, alice, bob, carol = (accounts[index] for index in range(20, 25))
    for person in (deployer, guardian, alice, bob, carol):
        chain.set_balance(person, 10**20)
    timelock = deployer.deploy(project.Timelock, deployer)
    locked = vesting(project, deployer, timelock, guardian)
    templates = [(FULL, deployer.deploy(project.Token))]
    factory = deployer.deploy(project.TokenFactory, timelock, timelock, locked, 0, templates)
    config = ("Votes", "VOTE", ZERO, deployer, SUPPLY, SUPPLY, FULL_ID, BURN)
    created = factory.createToken(config, bytes(32), 0, sender=deployer)
    token = project.Token.at(event(created, "TokenCreated").token)
    for person, votes in ((alice, 300), (bob, 200)):
        token.transfer(person, votes, sender=deployer)
        token.delegate(person, sender=person)
    governor = deployer.deploy(project.TombolaGovernor, token, locked, timelock, guardian, settings)
    hand_over(timelock, governor, deployer, wait)
    chain.mine()
    return GovernanceKit(chain, governor, timelock, token, locked, factory, guardian, alice, bob, carol)


def hand_over(timelock: Any, governor: Any, deployer: Any, wait: int) -> None:
    """As the deploy script does it: one batch of the timelock's own."""
    roles = (PROPOSER, CANCELLER, EXECUTOR)
    calls = [timelock.grantRole.encode_input(role, governor) for role in roles]
    calls.append(timelock.updateDelay.encode_input(wait))
    calls += [timelock.revokeRole.encode_input(role, deployer) for role in roles]
    batch = ([timelock] * len(calls), [0] * len(calls), calls, NOTHING_BEFORE, NO_SALT)
    timelock.scheduleBatch(*batch, 0, sender=deployer)
    timelock.executeBatch(*batch, sender=deployer)
