"""An upgrade of vesting on its whole way: proposed, voted with held and locked tokens, queued, executed by the timelock."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.contracts import governance_kit as kit
from tests.contracts.governance_kit import CANCELED, DEFEATED, EXECUTED, FOR, GovernanceKit, Proposal
from tests.contracts.kit import DAY, ZERO, event
from tests.contracts.vesting_kit import IMPLEMENTATION_SLOT, VestingKit, deploy_vesting
from tests.evm import Chain, reverts

LOCKED = 200
# Alice and Bob hold 500 of 1,000: without Carol's locked votes no quorum is reached.
SETTINGS = (*kit.SETTINGS[:4], 60)


@dataclass(frozen=True)
class Upgrade:
    """A governed vesting contract with a grant of Carol's that votes, and its next version."""

    governed: GovernanceKit
    vestings: VestingKit
    grant: int
    later: Any

    @property
    def proposal(self) -> Proposal:
        vesting = self.vestings.vesting
        call = vesting.upgradeToAndCall.encode_input(self.later, b"")
        return Proposal(self.governed.governor, [vesting], [call], "Vesting, version 2")

    def vote(self, *voters: Any) -> Proposal:
        """Proposed by Alice, for by these, and over."""
        self.governed.open(self.proposal)
        for voter in voters:
            self.governed.governor.castVote(self.proposal.id, FOR, sender=voter)
        return self.governed.close(self.proposal)

    @property
    def runs(self) -> int:
        return int(self.vestings.chain.engine.storage(self.vestings.vesting.address, IMPLEMENTATION_SLOT))

    def state(self) -> list[Any]:
        """All that can be asked of the grant: its plan, its curve over two years, its votes, what is owed."""
        vesting, start = self.vestings.vesting, self.vestings.start_of(self.grant)
        times = [start + day * DAY for day in range(-10, 730, 10)]
        told = [vesting.planOf(self.grant >> 64), vesting.grantOf(self.grant), vesting.owner()]
        told += [vesting.booked(self.governed.token), vesting.guardian(), vesting.lastPause()]
        told += [vesting.getVotes(self.governed.token, self.governed.carol)]
        return told + [vesting.vestedAmount(self.grant, time) for time in times]


@pytest.fixture
def upgrade(chain: Chain) -> Upgrade:
    governed = kit.deploy(chain, SETTINGS, vesting=deploy_vesting)
    deployer = chain.accounts[20]
    vestings = VestingKit(governed.locked, governed.token, chain, deployer)
    governed.token.approve(governed.locked, LOCKED, sender=deployer)
    grant = vestings.create((governed.carol, LOCKED))
    governed.locked.delegate([grant], governed.carol, sender=governed.carol)
    chain.mine()
    return Upgrade(governed, vestings, grant, deployer.deploy(chain.project.TestVestingUpgrade))


def test_upgrade__voted_with_held_and_locked_tokens__keeps_every_curve(upgrade: Upgrade) -> None:
    governed, vesting = upgrade.governed, upgrade.vestings.vesting
    upgrade.vestings.wait(upgrade.grant, 120 * DAY)
    vesting.release(upgrade.grant, sender=governed.carol)
    voted = LOCKED - governed.token.balanceOf(governed.carol)
    assert 0 < voted < LOCKED
    upgrade.vote(governed.alice, governed.bob, governed.carol)
    assert governed.governor.proposalVotes(upgrade.proposal.id) == (0, 500 + voted, 0)
    governed.governor.queue(*upgrade.proposal.hashed, sender=governed.carol)
    before = upgrade.state()
    governed.chain.warp(kit.WAIT)
    receipt = governed.governor.execute(*upgrade.proposal.hashed, sender=governed.carol)
    assert event(receipt, "Upgraded").implementation == upgrade.later
    assert upgrade.proposal.state == EXECUTED
    assert upgrade.runs == int(upgrade.later.address, 16)
    assert governed.chain.project.TestVestingUpgrade.at(vesting.address).version() == 2
    assert upgrade.state() == before
    upgrade.vestings.wait(upgrade.grant, 365 * DAY)
    vesting.release(upgrade.grant, sender=governed.carol)
    assert governed.token.balanceOf(governed.carol) == LOCKED
    assert vesting.getVotes(governed.token, governed.carol) == 0


def test_upgrade__locked_votes_are_missing__is_defeated(upgrade: Upgrade) -> None:
    governed, before = upgrade.governed, upgrade.runs
    upgrade.vote(governed.alice, governed.bob)
    assert upgrade.proposal.state == DEFEATED
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=DEFEATED):
        governed.governor.queue(*upgrade.proposal.hashed, sender=governed.carol)
    assert upgrade.runs == before


def test_upgrade__guardian_cancels_what_was_queued__never_happens(upgrade: Upgrade) -> None:
    governed, before = upgrade.governed, upgrade.runs
    upgrade.vote(governed.alice, governed.bob, governed.carol)
    governed.governor.queue(*upgrade.proposal.hashed, sender=governed.carol)
    governed.governor.cancel(*upgrade.proposal.hashed, sender=governed.guardian)
    governed.chain.warp(kit.WAIT)
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=CANCELED):
        governed.governor.execute(*upgrade.proposal.hashed, sender=governed.carol)
    assert upgrade.runs == before


def test_upgrade__without_a_vote__is_nobody_s(upgrade: Upgrade) -> None:
    governed, vesting = upgrade.governed, upgrade.vestings.vesting
    deployer = upgrade.vestings.creator
    for person in (governed.guardian, governed.alice, governed.carol, deployer):
        with reverts(vesting.OwnableUnauthorizedAccount, account=person):
            vesting.upgradeToAndCall(upgrade.later, b"", sender=person)
    assert (vesting.owner(), vesting.pendingOwner()) == (governed.timelock, ZERO)


def test_upgrade__the_next_version_by_the_next_vote__works_again(upgrade: Upgrade) -> None:
    """Locked votes count after the upgrade as before: they are needed to go back."""
    governed, vesting = upgrade.governed, upgrade.vestings.vesting
    first = upgrade.runs
    upgrade.vote(governed.alice, governed.bob, governed.carol)
    governed.governor.queue(*upgrade.proposal.hashed, sender=governed.carol)
    governed.chain.warp(kit.WAIT)
    governed.governor.execute(*upgrade.proposal.hashed, sender=governed.carol)
    call = vesting.upgradeToAndCall.encode_input(f"0x{first:040x}", b"")
    back = governed.open(Proposal(governed.governor, [vesting], [call], "Back to version 1"))
    for voter in (governed.alice, governed.bob, governed.carol):
        governed.governor.castVote(back.id, FOR, sender=voter)
    governed.close(back)
    governed.governor.queue(*back.hashed, sender=governed.carol)
    governed.chain.warp(kit.WAIT)
    governed.governor.execute(*back.hashed, sender=governed.carol)
    assert upgrade.runs == first
