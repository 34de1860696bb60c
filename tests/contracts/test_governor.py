"""The governor: who proposes, votes, queues, executes and cancels, and what its settings refuse."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_utils import keccak

from tests.contracts.governance_kit import (
    ABSTAIN,
    ACTIVE,
    AGAINST,
    CANCELED,
    DEFEATED,
    DELAY,
    EXECUTED,
    EXECUTOR,
    EXTENSION,
    FOR,
    NO_SALT,
    NOTHING_BEFORE,
    PENDING,
    PERIOD,
    QUEUED,
    QUORUM,
    QUORUM_PERCENT,
    SUCCEEDED,
    SUPPLY,
    THRESHOLD,
    WAIT,
    GovernanceKit,
    Proposal,
    deploy,
)
from tests.contracts.kit import DAY, ZERO, event
from tests.evm import reverts

LIVE_SETTINGS = (3_600, 86_400, 3_600, THRESHOLD, QUORUM_PERCENT)


@pytest.fixture(scope="session")
def governed(chain: Any) -> GovernanceKit:
    """A governed system."""
    return deploy(chain)


@pytest.fixture
def fee(governed: GovernanceKit) -> Proposal:
    """A proposal that nobody has made yet."""
    return governed.fee()


@pytest.fixture
def pending(governed: GovernanceKit, fee: Proposal) -> Proposal:
    return governed.propose(fee)


@pytest.fixture
def active(governed: GovernanceKit, fee: Proposal) -> Proposal:
    """Carol has nothing but locked votes, one less than the quorum."""
    governed.locked.set(governed.carol, QUORUM - 1, sender=governed.carol)
    return governed.open(fee)


@pytest.fixture
def late(governed: GovernanceKit, active: Proposal) -> Proposal:
    """The next transaction comes 5 seconds before the end."""
    governed.pass_to(governed.governor.proposalDeadline(active.id) - 6)
    return active


def install(chain: Any, settings: tuple[int, ...], vesting: str = ZERO) -> Any:
    """A governor of its own."""
    nobody = "0x" + "11" * 20
    return chain.accounts[20].deploy(
        chain.project.TombolaGovernor, nobody, vesting, nobody, chain.accounts[21], settings
    )


# Constructor


def test_constructor__the_voting_delay_is_too_short_on_a_live_chain__reverts_tombola_governor_voting_delay_too_short(
    open_another: Callable[..., Any],
) -> None:
    live = open_another(chain_id=137)
    live.set_balance(live.accounts[20], 10**20)
    with reverts(
        live.project.TombolaGovernor.TombolaGovernorVotingDelayTooShort, votingDelay=3_599, least=3_600
    ):
        install(live, (3_599, *LIVE_SETTINGS[1:]))
    assert install(live, LIVE_SETTINGS).votingDelay() == 3_600


def test_constructor__the_voting_period_is_too_short_on_a_live_chain__reverts_tombola_governor_voting_period_too_short(
    open_another: Callable[..., Any],
) -> None:
    live = open_another(chain_id=80002)
    live.set_balance(live.accounts[20], 10**20)
    error = live.project.TombolaGovernor.TombolaGovernorVotingPeriodTooShort
    with reverts(error, votingPeriod=86_399, least=86_400):
        install(live, (3_600, 86_399, *LIVE_SETTINGS[2:]))
    assert install(live, LIVE_SETTINGS).votingPeriod() == 86_400


def test_constructor__there_is_no_quorum__reverts_governor_invalid_quorum_fraction(chain: Any) -> None:
    chain.set_balance(chain.accounts[20], 10**20)
    error = chain.project.TombolaGovernor.GovernorInvalidQuorumFraction
    with reverts(error, quorumNumerator=0, quorumDenominator=100):
        install(chain, (DELAY, PERIOD, EXTENSION, THRESHOLD, 0))


def test_constructor__the_extension_is_too_long__reverts_governor_prevent_late_quorum_vote_extension_too_large(
    chain: Any,
) -> None:
    chain.set_balance(chain.accounts[20], 10**20)
    error = chain.project.TombolaGovernor.GovernorPreventLateQuorumVoteExtensionTooLarge
    with reverts(error, newVoteExtension=51, maxVoteExtension=50):
        install(chain, (DELAY, PERIOD, 51, THRESHOLD, QUORUM_PERCENT))
    assert install(chain, (DELAY, PERIOD, 50, THRESHOLD, QUORUM_PERCENT)).lateQuorumVoteExtension() == 50


def test_constructor__the_settings_are_right__holds_them(chain: Any) -> None:
    chain.set_balance(chain.accounts[20], 10**20)
    governor = install(chain, (1, 2, 1, 3, 100))
    assert (governor.votingDelay(), governor.votingPeriod(), governor.proposalThreshold()) == (1, 2, 3)
    assert (governor.quorumNumerator(), governor.proposalGuardian()) == (100, chain.accounts[21])


# Proposing


def test_propose__the_proposer_has_too_few_votes__reverts_governor_insufficient_proposer_votes(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governed.locked.set(governed.carol, THRESHOLD - 1, sender=governed.carol)
    with reverts(
        governed.governor.GovernorInsufficientProposerVotes,
        proposer=governed.carol,
        votes=THRESHOLD - 1,
        threshold=THRESHOLD,
    ):
        governed.propose(fee, sender=governed.carol)


def test_propose__the_proposer_has_held_and_locked_votes__makes_a_pending_proposal(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governed.locked.set(governed.carol, THRESHOLD, sender=governed.carol)
    receipt = governed.governor.propose(*fee.what, fee.description, sender=governed.carol)
    created = event(receipt, "ProposalCreated")
    assert receipt.return_value == created.proposalId == fee.id
    assert (created.proposer, created.description) == (governed.carol, "The fee")
    assert (created.voteStart, created.voteEnd) == (
        receipt.timestamp + DELAY,
        receipt.timestamp + DELAY + PERIOD,
    )
    assert fee.state == PENDING


def test_propose__there_is_nothing_to_do__reverts_governor_invalid_proposal_length(
    governed: GovernanceKit,
) -> None:
    with reverts(governed.governor.GovernorInvalidProposalLength, targets=0, calldatas=0, values=0):
        governed.governor.propose([], [], [], "Nothing", sender=governed.alice)


def test_propose__values_and_targets_differ_in_number__reverts_governor_invalid_proposal_length(
    governed: GovernanceKit,
) -> None:
    with reverts(governed.governor.GovernorInvalidProposalLength, targets=1, calldatas=1, values=2):
        governed.governor.propose([governed.factory], [0, 0], [b""], "Two", sender=governed.alice)


def test_propose__the_proposal_is_known__reverts_governor_unexpected_proposal_state(
    governed: GovernanceKit, pending: Proposal
) -> None:
    with reverts(governed.governor.GovernorUnexpectedProposalState, proposalId=pending.id, current=PENDING):
        governed.propose(pending, sender=governed.bob)


def test_propose__the_description_names_another_proposer__reverts_governor_restricted_proposer(
    governed: GovernanceKit,
) -> None:
    mine = governed.fee(description=f"Mine #proposer={governed.bob.address}")
    with reverts(governed.governor.GovernorRestrictedProposer, proposer=governed.alice):
        governed.propose(mine)
    assert governed.propose(mine, sender=governed.bob).state == PENDING


# Votes


def test_get_votes__the_account_has_held_and_locked_votes__adds_them(governed: GovernanceKit) -> None:
    governed.locked.set(governed.bob, 55, sender=governed.bob)
    past = governed.chain.timestamp
    governed.chain.mine()
    assert governed.governor.getVotes(governed.bob, past) == 255
    assert governed.governor.getVotesWithParams(governed.bob, past, b"any") == 255


def test_get_votes__vesting_reverts__counts_the_held_ones(governed: GovernanceKit) -> None:
    governed.locked.set(governed.bob, 55, sender=governed.bob)
    governed.chain.mine()
    governed.locked.breakDown(1, sender=governed.bob)
    assert governed.governor.getVotes(governed.bob, governed.chain.timestamp - 1) == 200


def test_get_votes__vesting_uses_up_its_gas__counts_the_held_ones(governed: GovernanceKit) -> None:
    governed.locked.breakDown(2, sender=governed.bob)
    assert governed.governor.getVotes(governed.bob, governed.chain.timestamp - 1) == 200


def test_get_votes__there_is_no_vesting__counts_the_held_ones(governed: GovernanceKit) -> None:
    settings = (DELAY, PERIOD, EXTENSION, THRESHOLD, QUORUM_PERCENT)
    arguments = (governed.token, ZERO, governed.timelock, governed.guardian, settings)
    plain = governed.alice.deploy(governed.chain.project.TombolaGovernor, *arguments)
    assert plain.getVotes(governed.bob, governed.chain.timestamp - 1) == 200
    assert plain.vesting() == ZERO


def test_get_votes__the_time_is_not_over__reverts_erc5805_future_lookup(governed: GovernanceKit) -> None:
    with reverts("ERC5805FutureLookup"):
        governed.governor.getVotes(governed.bob, governed.chain.timestamp + 1)


# Voting


def test_cast_vote__voting_has_not_begun__reverts_governor_unexpected_proposal_state(
    governed: GovernanceKit, pending: Proposal
) -> None:
    governed.chain.pending_timestamp = governed.governor.proposalSnapshot(pending.id)
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=PENDING):
        governed.governor.castVote(pending.id, FOR, sender=governed.alice)


def test_cast_vote__voting_is_over__reverts_governor_unexpected_proposal_state(
    governed: GovernanceKit, active: Proposal
) -> None:
    end = governed.governor.proposalDeadline(active.id)
    governed.chain.pending_timestamp = end
    governed.governor.castVote(active.id, FOR, sender=governed.bob)
    governed.pass_to(governed.governor.proposalDeadline(active.id))
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=SUCCEEDED):
        governed.governor.castVote(active.id, FOR, sender=governed.alice)


def test_cast_vote__the_proposal_is_unknown__reverts_governor_nonexistent_proposal(
    governed: GovernanceKit, fee: Proposal
) -> None:
    with reverts(governed.governor.GovernorNonexistentProposal, proposalId=fee.id):
        governed.governor.castVote(fee.id, FOR, sender=governed.alice)


def test_cast_vote__the_voter_has_voted__reverts_governor_already_cast_vote(
    governed: GovernanceKit, active: Proposal
) -> None:
    governed.governor.castVote(active.id, AGAINST, sender=governed.alice)
    with reverts(governed.governor.GovernorAlreadyCastVote, voter=governed.alice):
        governed.governor.castVote(active.id, FOR, sender=governed.alice)


def test_cast_vote__the_choice_is_none__reverts_governor_invalid_vote_type(
    governed: GovernanceKit, active: Proposal
) -> None:
    with reverts(governed.governor.GovernorInvalidVoteType):
        governed.governor.castVote(active.id, 3, sender=governed.alice)


def test_cast_vote__voting_is_open__counts_the_weight_of_the_snapshot(
    governed: GovernanceKit, active: Proposal
) -> None:
    governor = governed.governor
    receipt = governor.castVote(active.id, AGAINST, sender=governed.alice)
    cast = event(receipt, "VoteCast")
    assert (cast.voter, cast.proposalId, cast.support, cast.weight) == (
        governed.alice,
        active.id,
        AGAINST,
        300,
    )
    assert receipt.return_value == 300
    governor.castVote(active.id, FOR, sender=governed.bob)
    governor.castVote(active.id, ABSTAIN, sender=governed.carol)
    assert governor.proposalVotes(active.id) == (300, 200, QUORUM - 1)
    assert governor.hasVoted(active.id, governed.bob)
    assert not governor.hasVoted(active.id, governed.guardian)


def test_cast_vote__votes_moved_after_the_snapshot__counts_those_of_the_snapshot(
    governed: GovernanceKit, active: Proposal
) -> None:
    governed.token.delegate(governed.carol, sender=governed.alice)
    governed.locked.set(governed.carol, 500, sender=governed.carol)
    assert governed.governor.castVote(active.id, FOR, sender=governed.carol).return_value == QUORUM - 1
    assert governed.governor.castVote(active.id, FOR, sender=governed.alice).return_value == 300


def test_cast_vote__the_quorum_is_reached_early__keeps_the_deadline(
    governed: GovernanceKit, active: Proposal
) -> None:
    end = governed.governor.proposalDeadline(active.id)
    governed.chain.pending_timestamp = end - EXTENSION
    receipt = governed.governor.castVote(active.id, FOR, sender=governed.alice)
    assert [found.event_name for found in receipt.events] == ["VoteCast"]
    assert governed.governor.proposalDeadline(active.id) == end


@pytest.mark.parametrize("support", [FOR, ABSTAIN])
def test_cast_vote__the_quorum_is_reached_late__extends_the_voting(
    governed: GovernanceKit, active: Proposal, support: int
) -> None:
    end = governed.governor.proposalDeadline(active.id)
    governed.chain.pending_timestamp = end - EXTENSION + 1
    receipt = governed.governor.castVote(active.id, support, sender=governed.alice)
    extended = event(receipt, "ProposalExtended")
    assert (extended.proposalId, extended.extendedDeadline) == (active.id, end + 1)
    assert governed.governor.proposalDeadline(active.id) == end + 1
    governed.pass_to(end)
    governed.governor.castVote(active.id, AGAINST, sender=governed.bob)
    assert active.state == ACTIVE
    governed.pass_to(end + 2)
    assert active.state == (SUCCEEDED if support == FOR else DEFEATED)


def test_cast_vote__the_quorum_was_reached_before__keeps_the_deadline_of_a_late_vote(
    governed: GovernanceKit, active: Proposal
) -> None:
    governed.governor.castVote(active.id, FOR, sender=governed.alice)
    end = governed.governor.proposalDeadline(active.id)
    governed.chain.pending_timestamp = end
    governed.governor.castVote(active.id, FOR, sender=governed.bob)
    assert governed.governor.proposalDeadline(active.id) == end


def test_cast_vote__the_late_vote_does_not_reach_the_quorum__leaves_the_extension_to_the_vote_that_does(
    governed: GovernanceKit, late: Proposal
) -> None:
    end = governed.governor.proposalDeadline(late.id)
    governed.governor.castVote(late.id, FOR, sender=governed.carol)
    governed.governor.castVote(late.id, AGAINST, sender=governed.alice)
    assert governed.governor.proposalDeadline(late.id) == end
    receipt = governed.governor.castVote(late.id, ABSTAIN, sender=governed.bob)
    assert governed.governor.proposalDeadline(late.id) == receipt.timestamp + EXTENSION > end


def test_cast_vote__the_extension_was_longer_than_half_of_this_voting__never_extends_from_the_first_half(
    governed: GovernanceKit,
) -> None:
    """Two proposals of the short period; it and the extension grow while they are voted on."""
    calls = [
        governed.setting("setVotingPeriod", 10 * PERIOD).calldatas[0],
        governed.setting("setLateQuorumVoteExtension", 5 * PERIOD).calldatas[0],
    ]
    longer = governed.due(Proposal(governed.governor, [governed.governor] * 2, calls, "Longer"))
    early, late = governed.fee(description="Early"), governed.fee(description="Late")
    governed.propose(late)
    governed.open(early)
    governed.governor.execute(*longer.hashed, sender=governed.carol)
    governor, end = governed.governor, governed.governor.proposalDeadline(early.id)
    governed.chain.pending_timestamp = end - PERIOD // 2
    governor.castVote(early.id, FOR, sender=governed.alice)
    receipt = governor.castVote(late.id, FOR, sender=governed.alice)
    assert governor.proposalDeadline(early.id) == end
    assert governor.proposalDeadline(late.id) == receipt.timestamp + 5 * PERIOD


def test_cast_vote_with_reason__tells_the_reason(governed: GovernanceKit, active: Proposal) -> None:
    receipt = governed.governor.castVoteWithReason(active.id, FOR, "Why not", sender=governed.bob)
    assert (event(receipt, "VoteCast").reason, event(receipt, "VoteCast").weight) == ("Why not", 200)


def test_cast_vote_with_reason_and_params__tells_both(governed: GovernanceKit, active: Proposal) -> None:
    vote = governed.governor.castVoteWithReasonAndParams
    cast = event(vote(active.id, FOR, "Why not", b"\x01", sender=governed.bob), "VoteCastWithParams")
    assert (cast.reason, cast.params, cast.weight) == ("Why not", b"\x01", 200)


def test_cast_vote_by_sig__the_signature_is_the_voter_s__counts_the_vote(
    governed: GovernanceKit, active: Proposal
) -> None:
    ballot = governed.ballot(governed.alice, active.id, FOR)
    receipt = governed.governor.castVoteBySig(active.id, FOR, governed.alice, ballot, sender=governed.carol)
    assert (event(receipt, "VoteCast").voter, event(receipt, "VoteCast").weight) == (governed.alice, 300)
    assert governed.governor.nonces(governed.alice) == 1


def test_cast_vote_by_sig__the_signature_is_another_s__reverts_governor_invalid_signature(
    governed: GovernanceKit, active: Proposal
) -> None:
    ballot = governed.ballot(governed.alice, active.id, FOR, key=governed.bob.private_key)
    with reverts(governed.governor.GovernorInvalidSignature, voter=governed.alice):
        governed.governor.castVoteBySig(active.id, FOR, governed.alice, ballot, sender=governed.carol)


def test_cast_vote_by_sig__the_signature_was_used__reverts_governor_invalid_signature(
    governed: GovernanceKit, active: Proposal
) -> None:
    ballot = governed.ballot(governed.alice, active.id, FOR)
    governed.governor.castVoteBySig(active.id, FOR, governed.alice, ballot, sender=governed.carol)
    with reverts(governed.governor.GovernorInvalidSignature, voter=governed.alice):
        governed.governor.castVoteBySig(active.id, FOR, governed.alice, ballot, sender=governed.carol)


def test_cast_vote_by_sig__the_signature_is_for_another_governor__reverts_governor_invalid_signature(
    governed: GovernanceKit, active: Proposal
) -> None:
    elsewhere = {"verifyingContract": governed.timelock.address}
    ballot = governed.ballot(governed.alice, active.id, FOR, domain=elsewhere)
    with reverts(governed.governor.GovernorInvalidSignature, voter=governed.alice):
        governed.governor.castVoteBySig(active.id, FOR, governed.alice, ballot, sender=governed.carol)


def test_cast_vote_by_sig__the_voter_is_a_contract_that_signs__counts_the_vote_of_a_contract(
    governed: GovernanceKit, fee: Proposal
) -> None:
    wallet = governed.alice.deploy(governed.chain.project.TestWallet)
    governed.token.transfer(wallet, 100, sender=governed.alice)
    wallet.execute(governed.token, governed.token.delegate.encode_input(wallet), sender=governed.alice)
    governed.open(fee)
    wallet.approveSignature(_ballot_hash(governed, fee.id, wallet), b"ours", sender=governed.alice)
    receipt = governed.governor.castVoteBySig(fee.id, FOR, wallet, b"ours", sender=governed.carol)
    assert event(receipt, "VoteCast").weight == 100


def _ballot_hash(governed: GovernanceKit, proposal_id: int, voter: Any) -> bytes:
    """EIP-712 by hand."""
    words = (proposal_id, FOR, int(voter.address, 16), 0)
    struct = keccak(governed.governor.BALLOT_TYPEHASH() + b"".join(word.to_bytes(32) for word in words))
    domain = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    parts = (
        keccak(text=domain),
        keccak(text="Tombola Governor"),
        keccak(text="1"),
        governed.chain.chain_id.to_bytes(32),
        bytes.fromhex(governed.governor.address[2:]).rjust(32, b"\0"),
    )
    return keccak(b"\x19\x01" + keccak(b"".join(parts)) + struct)


def test_cast_vote_with_reason_and_params_by_sig__the_signature_is_the_voter_s__counts_the_extended_vote(
    governed: GovernanceKit, active: Proposal
) -> None:
    ballot = governed.ballot(governed.alice, active.id, FOR, reason="Why", params=b"\x02")
    vote = governed.governor.castVoteWithReasonAndParamsBySig
    receipt = vote(active.id, FOR, governed.alice, "Why", b"\x02", ballot, sender=governed.carol)
    assert event(receipt, "VoteCastWithParams").weight == 300


def test_cast_vote_with_reason_and_params_by_sig__the_reason_was_changed__reverts_governor_invalid_signature(
    governed: GovernanceKit, active: Proposal
) -> None:
    ballot = governed.ballot(governed.alice, active.id, FOR, reason="Why", params=b"\x02")
    vote = governed.governor.castVoteWithReasonAndParamsBySig
    with reverts(governed.governor.GovernorInvalidSignature, voter=governed.alice):
        vote(active.id, FOR, governed.alice, "Because", b"\x02", ballot, sender=governed.carol)


# Queueing


def refuse_to_queue(governed: GovernanceKit, proposal: Proposal, state: int) -> None:
    assert proposal.state == state
    governed.governor.queue(*proposal.hashed, sender=governed.carol)


def test_queue__the_proposal_is_pending__reverts_governor_unexpected_proposal_state(
    governed: GovernanceKit, pending: Proposal
) -> None:
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=PENDING):
        refuse_to_queue(governed, pending, PENDING)


def test_queue__the_quorum_was_missed__reverts_governor_unexpected_proposal_state(
    governed: GovernanceKit, active: Proposal
) -> None:
    governed.governor.castVote(active.id, FOR, sender=governed.carol)
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=DEFEATED):
        refuse_to_queue(governed, governed.close(active), DEFEATED)


def test_queue__there_are_as_many_against__reverts_governor_unexpected_proposal_state(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governed.locked.set(governed.carol, 100, sender=governed.carol)
    governed.open(fee)
    for voter, support in ((governed.alice, FOR), (governed.bob, AGAINST), (governed.carol, AGAINST)):
        governed.governor.castVote(fee.id, support, sender=voter)
    assert governed.governor.proposalVotes(fee.id) == (300, 300, 0)
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=DEFEATED):
        refuse_to_queue(governed, governed.close(fee), DEFEATED)


def test_queue__the_proposal_was_queued__reverts_governor_unexpected_proposal_state(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governed.queued(fee)
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=QUEUED):
        refuse_to_queue(governed, fee, QUEUED)


def test_queue__the_proposal_succeeded__schedules_it_in_the_timelock_under_its_id(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governed.locked.set(governed.carol, QUORUM, sender=governed.carol)
    active = governed.open(fee)
    governed.governor.castVote(active.id, FOR, sender=governed.carol)
    governed.close(active)
    receipt = governed.governor.queue(*active.hashed, sender=governed.carol)
    queued, scheduled = event(receipt, "ProposalQueued"), event(receipt, "CallScheduled")
    assert (queued.proposalId, queued.etaSeconds) == (active.id, receipt.timestamp + WAIT)
    assert int.from_bytes(scheduled.id) == receipt.return_value == active.id
    assert (scheduled.target, scheduled.data) == (governed.factory, active.calldatas[0])
    assert active.state == QUEUED


# Executing


def test_execute__the_proposal_is_not_queued__reverts_governor_unexpected_proposal_state(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governed.passed(fee)
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=SUCCEEDED):
        governed.governor.execute(*fee.hashed, sender=governed.alice)


def test_execute__the_delay_is_not_over__reverts_timelock_unexpected_operation_state(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governed.queued(fee)
    governed.chain.pending_timestamp = governed.governor.proposalEta(fee.id) - 1
    with reverts(governed.timelock.TimelockUnexpectedOperationState, operationId=fee.id.to_bytes(32)):
        governed.governor.execute(*fee.hashed, sender=governed.alice)
    governed.chain.pending_timestamp = governed.governor.proposalEta(fee.id)
    governed.governor.execute(*fee.hashed, sender=governed.alice)
    assert fee.state == EXECUTED


def test_execute__the_delay_is_over__acts_as_the_timelock(governed: GovernanceKit, fee: Proposal) -> None:
    receipt = governed.executed(fee)
    assert event(receipt, "ProposalExecuted").proposalId == receipt.return_value == fee.id
    assert event(receipt, "CallExecuted").target == governed.factory
    assert governed.factory.fee() == 7
    assert fee.state == EXECUTED


def test_execute__the_call_carries_the_money__passes_it_on(governed: GovernanceKit) -> None:
    someone = "0x" + "77" * 20
    pay = governed.due(Proposal(governed.governor, [someone], [b""], "Pay", [5]))
    governed.governor.execute(*pay.hashed, sender=governed.carol, value=5)
    assert governed.chain.get_balance(someone) == 5


def test_execute__the_treasury_pays__moves_it(governed: GovernanceKit) -> None:
    someone = "0x" + "78" * 20
    governed.alice.transfer(governed.timelock, 9)
    governed.token.transfer(governed.timelock, 50, sender=governed.alice)
    move = governed.token.transfer.encode_input(someone, 50)
    pay = Proposal(governed.governor, [someone, governed.token], [b"", move], "Pay both", [9, 0])
    governed.executed(pay)
    assert (governed.chain.get_balance(someone), governed.token.balanceOf(someone)) == (9, 50)


def test_execute__the_call_fails__reverts_token_factory_fee_too_high(governed: GovernanceKit) -> None:
    greedy = governed.due(governed.fee(10**30))
    with reverts("TokenFactoryFeeTooHigh"):
        governed.governor.execute(*greedy.hashed, sender=governed.carol)
    assert greedy.state == QUEUED


def test_execute__the_proposal_was_executed__reverts_governor_unexpected_proposal_state(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governed.executed(fee)
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=EXECUTED):
        governed.governor.execute(*fee.hashed, sender=governed.carol)


def test_execute__one_of_several_calls_fails__undoes_the_others(governed: GovernanceKit) -> None:
    one, other = governed.fee(7), governed.fee(10**30)
    both = Proposal(governed.governor, one.targets * 2, one.calldatas + other.calldatas, "Both")
    governed.due(both)
    with reverts("TokenFactoryFeeTooHigh"):
        governed.governor.execute(*both.hashed, sender=governed.carol)
    assert governed.factory.fee() == 0


# Cancelling


def test_cancel__a_stranger__reverts_governor_unable_to_cancel(
    governed: GovernanceKit, pending: Proposal
) -> None:
    with reverts(governed.governor.GovernorUnableToCancel, proposalId=pending.id, account=governed.bob):
        governed.governor.cancel(*pending.hashed, sender=governed.bob)


def test_cancel__the_proposer_while_it_is_pending__cancels(
    governed: GovernanceKit, pending: Proposal
) -> None:
    receipt = governed.governor.cancel(*pending.hashed, sender=governed.alice)
    assert event(receipt, "ProposalCanceled").proposalId == pending.id
    assert pending.state == CANCELED


def test_cancel__the_proposer_after_voting_began__reverts_governor_unable_to_cancel(
    governed: GovernanceKit, active: Proposal
) -> None:
    with reverts(governed.governor.GovernorUnableToCancel, account=governed.alice):
        governed.governor.cancel(*active.hashed, sender=governed.alice)


@pytest.mark.parametrize("stage", ["propose", "open", "passed", "queued", "due"])
def test_cancel__the_guardian_at_every_stage__cancels_for_good(governed: GovernanceKit, stage: str) -> None:
    proposal = getattr(governed, stage)(governed.fee())
    governed.governor.cancel(*proposal.hashed, sender=governed.guardian)
    assert proposal.state == CANCELED
    governed.close(proposal)
    for act in (governed.governor.queue, governed.governor.execute):
        with reverts(governed.governor.GovernorUnexpectedProposalState, current=CANCELED):
            act(*proposal.hashed, sender=governed.carol)
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=CANCELED):
        governed.propose(proposal)


def test_cancel__the_guardian_after_execution__reverts_governor_unexpected_proposal_state(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governed.executed(fee)
    with reverts(governed.governor.GovernorUnexpectedProposalState, current=EXECUTED):
        governed.governor.cancel(*fee.hashed, sender=governed.guardian)


def test_cancel__the_timelock_holds_the_operation__takes_it_out_of_the_timelock(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governed.queued(fee)
    receipt = governed.governor.cancel(*fee.hashed, sender=governed.guardian)
    assert int.from_bytes(event(receipt, "Cancelled").id) == fee.id
    assert governed.timelock.getTimestamp(fee.id.to_bytes(32)) == 0


def test_cancel__there_is_no_guardian__lets_the_proposer_cancel_at_any_stage(governed: GovernanceKit) -> None:
    governed.executed(governed.setting("setProposalGuardian", ZERO))
    proposal = governed.open(governed.fee())
    with reverts(governed.governor.GovernorUnableToCancel):
        governed.governor.cancel(*proposal.hashed, sender=governed.guardian)
    governed.governor.cancel(*proposal.hashed, sender=governed.alice)
    assert proposal.state == CANCELED


# Settings


def test_relay__a_stranger__reverts_governor_only_executor(governed: GovernanceKit) -> None:
    with reverts(governed.governor.GovernorOnlyExecutor, account=governed.alice):
        governed.governor.relay(governed.alice, 0, b"", sender=governed.alice)


def test_relay__a_proposal__sends_what_was_left_here(governed: GovernanceKit) -> None:
    governed.token.transfer(governed.governor, 30, sender=governed.alice)
    back = governed.token.transfer.encode_input(governed.bob, 30)
    governed.executed(governed.setting("relay", governed.token, 0, back))
    assert governed.token.balanceOf(governed.bob) == 230


def test_relay__the_guardian__reverts_governor_only_executor(governed: GovernanceKit) -> None:
    with reverts(governed.governor.GovernorOnlyExecutor, account=governed.guardian):
        governed.governor.relay(governed.alice, 0, b"", sender=governed.guardian)


def test_set_voting_delay__a_stranger__reverts_governor_only_executor(governed: GovernanceKit) -> None:
    with reverts(governed.governor.GovernorOnlyExecutor, account=governed.alice):
        governed.governor.setVotingDelay(1, sender=governed.alice)


def test_set_voting_delay__a_proposal__changes_the_voting_delay(governed: GovernanceKit) -> None:
    receipt = governed.executed(governed.setting("setVotingDelay", 77))
    assert event(receipt, "VotingDelaySet").newVotingDelay == governed.governor.votingDelay() == 77


def test_set_voting_delay__a_proposal_below_the_floor_on_a_live_chain__reverts_tombola_governor_voting_delay_too_short(
    open_another: Callable[..., Any],
) -> None:
    live = deploy(open_another(chain_id=137), LIVE_SETTINGS, wait=DAY)
    shorter = live.due(live.setting("setVotingDelay", 3_599))
    with reverts(live.governor.TombolaGovernorVotingDelayTooShort, votingDelay=3_599, least=3_600):
        live.governor.execute(*shorter.hashed, sender=live.carol)


def test_set_voting_period__a_stranger__reverts_governor_only_executor(governed: GovernanceKit) -> None:
    with reverts(governed.governor.GovernorOnlyExecutor, account=governed.alice):
        governed.governor.setVotingPeriod(1, sender=governed.alice)


def test_set_voting_period__a_proposal__changes_the_voting_period(governed: GovernanceKit) -> None:
    receipt = governed.executed(governed.setting("setVotingPeriod", 200))
    assert event(receipt, "VotingPeriodSet").newVotingPeriod == governed.governor.votingPeriod() == 200


def test_set_voting_period__a_proposal_below_the_floor_on_a_live_chain__reverts_tombola_governor_voting_period_too_short(
    open_another: Callable[..., Any],
) -> None:
    live = deploy(open_another(chain_id=137), LIVE_SETTINGS, wait=DAY)
    shorter = live.due(live.setting("setVotingPeriod", DAY - 1))
    with reverts(live.governor.TombolaGovernorVotingPeriodTooShort, votingPeriod=DAY - 1, least=DAY):
        live.governor.execute(*shorter.hashed, sender=live.carol)


def test_set_voting_period__a_proposal_of_none__reverts_governor_invalid_voting_period(
    governed: GovernanceKit,
) -> None:
    none = governed.due(governed.setting("setVotingPeriod", 0))
    with reverts(governed.governor.GovernorInvalidVotingPeriod, votingPeriod=0):
        governed.governor.execute(*none.hashed, sender=governed.carol)


def test_set_proposal_threshold__a_stranger__reverts_governor_only_executor(governed: GovernanceKit) -> None:
    with reverts(governed.governor.GovernorOnlyExecutor, account=governed.alice):
        governed.governor.setProposalThreshold(0, sender=governed.alice)


def test_set_proposal_threshold__a_proposal__changes_the_threshold(governed: GovernanceKit) -> None:
    governed.executed(governed.setting("setProposalThreshold", 301))
    with reverts(governed.governor.GovernorInsufficientProposerVotes, votes=300, threshold=301):
        governed.propose(governed.fee())


def test_set_late_quorum_vote_extension__a_stranger__reverts_governor_only_executor(
    governed: GovernanceKit,
) -> None:
    with reverts(governed.governor.GovernorOnlyExecutor, account=governed.alice):
        governed.governor.setLateQuorumVoteExtension(0, sender=governed.alice)


def test_set_late_quorum_vote_extension__a_proposal__changes_the_extension(governed: GovernanceKit) -> None:
    governed.executed(governed.setting("setLateQuorumVoteExtension", PERIOD // 2))
    assert governed.governor.lateQuorumVoteExtension() == 50


def test_set_late_quorum_vote_extension__too_long_a_one__reverts_governor_prevent_late_quorum_vote_extension_too_large(
    governed: GovernanceKit,
) -> None:
    more = governed.due(governed.setting("setLateQuorumVoteExtension", PERIOD // 2 + 1))
    with reverts(governed.governor.GovernorPreventLateQuorumVoteExtensionTooLarge, maxVoteExtension=50):
        governed.governor.execute(*more.hashed, sender=governed.carol)


def test_set_proposal_guardian__a_stranger__reverts_governor_only_executor(governed: GovernanceKit) -> None:
    with reverts(governed.governor.GovernorOnlyExecutor, account=governed.guardian):
        governed.governor.setProposalGuardian(governed.alice, sender=governed.guardian)


def test_set_proposal_guardian__a_proposal__changes_the_guardian(governed: GovernanceKit) -> None:
    governed.executed(governed.setting("setProposalGuardian", governed.carol))
    proposal = governed.queued(governed.fee())
    governed.governor.cancel(*proposal.hashed, sender=governed.carol)
    assert proposal.state == CANCELED


def test_set_proposal_guardian__the_timelock_without_a_proposal__reverts_panic_0x31(
    governed: GovernanceKit,
) -> None:
    """Whoever else could ever propose in the timelock would not get at the governor's settings."""
    timelock = governed.chain.impersonate(governed.timelock)
    with reverts(panic=0x31):
        governed.governor.setProposalGuardian(governed.carol, sender=timelock)


def test_update_quorum_numerator__a_stranger__reverts_governor_only_executor(governed: GovernanceKit) -> None:
    with reverts(governed.governor.GovernorOnlyExecutor, account=governed.alice):
        governed.governor.updateQuorumNumerator(1, sender=governed.alice)


def test_update_quorum_numerator__a_proposal__changes_the_quorum_of_later_proposals(
    governed: GovernanceKit,
) -> None:
    before = governed.chain.timestamp - 1
    governed.executed(governed.setting("updateQuorumNumerator", 50))
    governed.chain.mine()
    assert governed.governor.quorum(governed.chain.timestamp - 1) == SUPPLY // 2
    assert governed.governor.quorum(before) == QUORUM
    assert governed.governor.invoke("quorumNumerator(uint256)", before) == QUORUM_PERCENT


def test_update_quorum_numerator__a_proposal_of_none__reverts_governor_invalid_quorum_fraction(
    governed: GovernanceKit,
) -> None:
    none = governed.due(governed.setting("updateQuorumNumerator", 0))
    with reverts(governed.governor.GovernorInvalidQuorumFraction, quorumNumerator=0):
        governed.governor.execute(*none.hashed, sender=governed.carol)


def test_update_quorum_numerator__a_proposal_of_more_than_all__reverts_governor_invalid_quorum_fraction(
    governed: GovernanceKit,
) -> None:
    more = governed.due(governed.setting("updateQuorumNumerator", 101))
    with reverts(governed.governor.GovernorInvalidQuorumFraction, quorumNumerator=101):
        governed.governor.execute(*more.hashed, sender=governed.carol)


# Reading


def test_state__the_proposal_is_unknown__reverts_governor_nonexistent_proposal(
    governed: GovernanceKit,
) -> None:
    with reverts(governed.governor.GovernorNonexistentProposal, proposalId=5):
        governed.governor.state(5)


def test_state__the_proposal_goes_its_way__tells_every_stage(
    governed: GovernanceKit, pending: Proposal
) -> None:
    seen = []
    start, end = (
        governed.governor.proposalSnapshot(pending.id),
        governed.governor.proposalDeadline(pending.id),
    )
    for time in (start, start + 1):
        governed.pass_to(time)
        seen.append(pending.state)
    governed.governor.castVote(pending.id, FOR, sender=governed.alice)
    for time in (end, end + 1):
        governed.pass_to(time)
        seen.append(pending.state)
    governed.governor.queue(*pending.hashed, sender=governed.bob)
    seen.append(pending.state)
    governed.chain.warp(WAIT)
    seen.append(pending.state)
    governed.governor.execute(*pending.hashed, sender=governed.bob)
    assert [*seen, pending.state] == [PENDING, ACTIVE, ACTIVE, SUCCEEDED, QUEUED, QUEUED, EXECUTED]


def test_state__the_timelock_executed_without_the_governor__tells_that_it_was_executed(
    governed: GovernanceKit, fee: Proposal
) -> None:
    """Only a proposal could ever let somebody else execute."""
    grant = governed.timelock.grantRole.encode_input(EXECUTOR, governed.carol)
    governed.executed(Proposal(governed.governor, [governed.timelock], [grant], "Carol executes"))
    governed.due(fee)
    salt = bytes(
        a ^ b
        for a, b in zip(
            bytes.fromhex(governed.governor.address[2:]).ljust(32, b"\0"), fee.hashed[3], strict=True
        )
    )
    governed.timelock.executeBatch(*fee.what, NOTHING_BEFORE, salt, sender=governed.carol)
    assert fee.state == EXECUTED
    assert salt != NO_SALT


def test_get_proposal_id__is_the_timelock_s_operation_id(governed: GovernanceKit, fee: Proposal) -> None:
    description_hash = fee.hashed[3]
    salt = int.from_bytes(bytes.fromhex(governed.governor.address[2:]).ljust(32, b"\0")) ^ int.from_bytes(
        description_hash
    )
    operation = governed.timelock.hashOperationBatch(*fee.what, NOTHING_BEFORE, salt.to_bytes(32))
    assert int.from_bytes(operation) == fee.id
    assert governed.governor.hashProposal(*fee.hashed) != fee.id


def test_proposal_snapshot__the_proposal_is_queued__tell_what_is_known_of_it(
    governed: GovernanceKit, fee: Proposal
) -> None:
    governor = governed.governor
    created = governor.propose(*fee.what, fee.description, sender=governed.alice).timestamp
    assert governor.proposalSnapshot(fee.id) == created + DELAY
    assert governor.proposalDeadline(fee.id) == created + DELAY + PERIOD
    assert governor.proposalProposer(fee.id) == governed.alice
    assert governor.proposalNeedsQueuing(fee.id)
    assert governor.proposalEta(fee.id) == 0
    governed.pass_to(created + DELAY + 1)
    governor.castVote(fee.id, FOR, sender=governed.alice)
    governed.close(fee)
    queued = governor.queue(*fee.hashed, sender=governed.bob).timestamp
    assert governor.proposalEta(fee.id) == queued + WAIT
    assert governor.proposalVotes(fee.id) == (0, 300, 0)
    assert [governor.hasVoted(fee.id, voter) for voter in (governed.alice, governed.bob)] == [True, False]
    governed.chain.warp(WAIT)
    governor.execute(*fee.hashed, sender=governed.bob)
    assert governor.proposalEta(fee.id) == 1


def test_voting_delay__tell_the_settings(governed: GovernanceKit) -> None:
    governor = governed.governor
    assert (governor.votingDelay(), governor.votingPeriod(), governor.proposalThreshold()) == (10, 100, 10)
    assert (governor.lateQuorumVoteExtension(), governor.proposalGuardian()) == (EXTENSION, governed.guardian)
    assert (governor.quorumNumerator(), governor.quorumDenominator()) == (QUORUM_PERCENT, 100)
    assert (governor.LEAST_VOTING_DELAY(), governor.LEAST_VOTING_PERIOD()) == (3_600, 86_400)


def test_quorum__is_a_fraction_of_the_supply_then(governed: GovernanceKit) -> None:
    before = governed.chain.timestamp
    governed.token.burn(100, sender=governed.alice)
    governed.chain.mine()
    assert governed.governor.quorum(before) == QUORUM
    assert governed.governor.quorum(governed.chain.timestamp - 1) == (SUPPLY - 100) * QUORUM_PERCENT // 100


def test_token__are_those_of_the_constructor(governed: GovernanceKit) -> None:
    governor = governed.governor
    assert (governor.token(), governor.vesting()) == (governed.token, governed.locked)
    assert governor.timelock() == governed.timelock


def test_clock__count_seconds_as_the_token_does(governed: GovernanceKit) -> None:
    governor = governed.governor
    assert governor.clock() == governed.token.clock() == governed.chain.timestamp
    assert governor.CLOCK_MODE() == governed.token.CLOCK_MODE() == "mode=timestamp"
    assert governor.COUNTING_MODE() == "support=bravo&quorum=for,abstain"


def test_name__describe_what_is_signed(governed: GovernanceKit) -> None:
    governor = governed.governor
    assert (governor.name(), governor.version(), governor.nonces(governed.alice)) == (
        "Tombola Governor",
        "1",
        0,
    )
    domain = governor.eip712Domain()
    assert (domain.name, domain.chainId, domain.verifyingContract) == (
        "Tombola Governor",
        governed.chain.chain_id,
        governor.address,
    )
    ballot = "Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)"
    assert governor.BALLOT_TYPEHASH() == keccak(text=ballot)
    extended = ballot.replace("Ballot", "ExtendedBallot").replace(")", ",string reason,bytes params)")
    assert governor.EXTENDED_BALLOT_TYPEHASH() == keccak(text=extended)


def test_supports_interface__knows_the_governor_s(governed: GovernanceKit) -> None:
    assert governed.governor.supportsInterface(bytes.fromhex("01ffc9a7"))
    assert governed.governor.supportsInterface(bytes.fromhex("4e2312e0"))
    assert not governed.governor.supportsInterface(bytes.fromhex("ffffffff"))


def test_on_erc721_received__reverts_governor_disabled_deposit(governed: GovernanceKit) -> None:
    governor, someone = governed.governor, governed.alice
    with reverts(governor.GovernorDisabledDeposit):
        governor.onERC721Received(someone, someone, 1, b"", sender=someone)
    with reverts(governor.GovernorDisabledDeposit):
        governor.onERC1155Received(someone, someone, 1, 1, b"", sender=someone)
    with reverts(governor.GovernorDisabledDeposit):
        governor.onERC1155BatchReceived(someone, someone, [1], [1], b"", sender=someone)


def test_receive__reverts_governor_disabled_deposit(governed: GovernanceKit) -> None:
    with reverts(governed.governor.GovernorDisabledDeposit):
        governed.alice.transfer(governed.governor, 1)
