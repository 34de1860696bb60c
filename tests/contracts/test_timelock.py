"""The timelock: what it does for proposer and executor, and that it has no other master than itself."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.contracts.governance_kit import (
    ADMIN,
    CANCELLER,
    EXECUTOR,
    NO_SALT,
    NOTHING_BEFORE,
    PROPOSER,
    WAIT,
    GovernanceKit,
    Proposal,
    deploy,
)
from tests.contracts.kit import DAY, event
from tests.evm import reverts

UNSET, WAITING, READY, DONE = range(4)
LIVE_SETTINGS = (3_600, 86_400, 3_600, 10, 4)


@pytest.fixture(scope="session")
def governed(chain: Any) -> GovernanceKit:
    """A governed system."""
    return deploy(chain)


@pytest.fixture
def manager(accounts: Any) -> Any:
    return accounts[30]


@pytest.fixture
def timelock(project: Any, manager: Any, chain: Any) -> Any:
    """As it is before the hand-over: the manager proposes, cancels and executes."""
    chain.set_balance(manager, 10**20)
    return manager.deploy(project.Timelock, manager)


@pytest.fixture
def coin(project: Any, manager: Any, timelock: Any) -> Any:
    return manager.deploy(project.TestERC20)


def mint(coin: Any, to: Any, amount: int) -> bytes:
    data: bytes = coin.mint.encode_input(to, amount)
    return data


def call(coin: Any, to: Any, amount: int = 5, before: bytes = NOTHING_BEFORE) -> tuple[Any, ...]:
    """An operation of one call."""
    return (coin, 0, mint(coin, to, amount), before, NO_SALT)


def batch(coin: Any, *people: Any) -> tuple[Any, ...]:
    """An operation of a call for each."""
    return (
        [coin] * len(people),
        [0] * len(people),
        [mint(coin, who, 5) for who in people],
        NOTHING_BEFORE,
        NO_SALT,
    )


def test_constructor__gives_the_deployer_all_but_the_admin_role(timelock: Any, manager: Any) -> None:
    held = [timelock.hasRole(role, manager) for role in (PROPOSER, CANCELLER, EXECUTOR, ADMIN)]
    assert held == [True, True, True, False]
    assert timelock.hasRole(ADMIN, timelock)
    assert timelock.getMinDelay() == 0


def test_schedule__the_caller_is_no_proposer__reverts_access_control_unauthorized_account(
    timelock: Any, coin: Any, stranger: Any
) -> None:
    with reverts(timelock.AccessControlUnauthorizedAccount, account=stranger, neededRole=PROPOSER):
        timelock.schedule(*call(coin, stranger), 0, sender=stranger)


def test_schedule__the_delay_is_too_short__reverts_timelock_insufficient_delay(
    timelock: Any, coin: Any, manager: Any
) -> None:
    longer = (timelock, 0, timelock.updateDelay.encode_input(50), NOTHING_BEFORE, NO_SALT)
    timelock.schedule(*longer, 0, sender=manager)
    timelock.execute(*longer, sender=manager)
    with reverts(timelock.TimelockInsufficientDelay, delay=49, minDelay=50):
        timelock.schedule(*call(coin, manager), 49, sender=manager)
    timelock.schedule(*call(coin, manager), 50, sender=manager)


def test_schedule__the_operation_is_known__reverts_timelock_unexpected_operation_state(
    timelock: Any, coin: Any, manager: Any
) -> None:
    timelock.schedule(*call(coin, manager), 0, sender=manager)
    known = timelock.hashOperation(*call(coin, manager))
    with reverts(timelock.TimelockUnexpectedOperationState, operationId=known):
        timelock.schedule(*call(coin, manager), 0, sender=manager)


def test_schedule__a_proposer__schedules_one_call(timelock: Any, coin: Any, manager: Any) -> None:
    receipt = timelock.schedule(*call(coin, manager)[:4], b"\x01" * 32, 9, sender=manager)
    scheduled, salted = event(receipt, "CallScheduled"), event(receipt, "CallSalt")
    assert (scheduled.target, scheduled.data, scheduled.delay) == (coin, mint(coin, manager, 5), 9)
    assert (salted.id, salted.salt) == (scheduled.id, b"\x01" * 32)
    assert timelock.getTimestamp(scheduled.id) == receipt.timestamp + 9


def test_schedule_batch__the_caller_is_no_proposer__reverts_access_control_unauthorized_account(
    timelock: Any, coin: Any, stranger: Any
) -> None:
    with reverts(timelock.AccessControlUnauthorizedAccount, account=stranger, neededRole=PROPOSER):
        timelock.scheduleBatch(*batch(coin, stranger), 0, sender=stranger)


def test_schedule_batch__the_lengths_differ__reverts_timelock_invalid_operation_length(
    timelock: Any, coin: Any, manager: Any
) -> None:
    targets, values, _, *rest = batch(coin, manager)
    with reverts(timelock.TimelockInvalidOperationLength, targets=1, payloads=0, values=1):
        timelock.scheduleBatch(targets, values, [], *rest, 0, sender=manager)
    with reverts(timelock.TimelockInvalidOperationLength, targets=1, payloads=1, values=0):
        timelock.scheduleBatch(targets, [], [b""], *rest, 0, sender=manager)


def test_schedule_batch__a_proposer__schedules_the_calls(
    timelock: Any, coin: Any, manager: Any, stranger: Any
) -> None:
    receipt = timelock.scheduleBatch(*batch(coin, manager, stranger), 3, sender=manager)
    found = [log for log in receipt.events if log.event_name == "CallScheduled"]
    assert [log.index for log in found] == [0, 1]
    assert {log.id for log in found} == {timelock.hashOperationBatch(*batch(coin, manager, stranger))}


def test_execute__the_caller_is_no_executor__reverts_access_control_unauthorized_account(
    timelock: Any, coin: Any, manager: Any, stranger: Any
) -> None:
    timelock.schedule(*call(coin, manager), 0, sender=manager)
    with reverts(timelock.AccessControlUnauthorizedAccount, account=stranger, neededRole=EXECUTOR):
        timelock.execute(*call(coin, manager), sender=stranger)


def test_execute__the_operation_is_not_due__reverts_timelock_unexpected_operation_state(
    timelock: Any, coin: Any, manager: Any, chain: Any
) -> None:
    scheduled = timelock.schedule(*call(coin, manager), 100, sender=manager).timestamp
    chain.pending_timestamp = scheduled + 99
    with reverts(timelock.TimelockUnexpectedOperationState):
        timelock.execute(*call(coin, manager), sender=manager)
    chain.pending_timestamp = scheduled + 100
    timelock.execute(*call(coin, manager), sender=manager)
    assert coin.balanceOf(manager) == 5


def test_execute__the_operation_before_it_is_not_done__reverts_timelock_unexecuted_predecessor(
    timelock: Any, coin: Any, manager: Any
) -> None:
    first = timelock.hashOperation(*call(coin, manager))
    second = call(coin, manager, amount=6, before=first)
    timelock.schedule(*second, 0, sender=manager)
    with reverts(timelock.TimelockUnexecutedPredecessor, predecessorId=first):
        timelock.execute(*second, sender=manager)
    timelock.schedule(*call(coin, manager), 0, sender=manager)
    timelock.execute(*call(coin, manager), sender=manager)
    timelock.execute(*second, sender=manager)
    assert coin.balanceOf(manager) == 11


def test_execute__the_operation_is_due__calls_as_the_timelock(
    timelock: Any, coin: Any, manager: Any, stranger: Any
) -> None:
    coin.mint(timelock, 8, sender=manager)
    pay = (coin, 0, coin.transfer.encode_input(stranger, 8), NOTHING_BEFORE, NO_SALT)
    timelock.schedule(*pay, 0, sender=manager)
    receipt = timelock.execute(*pay, sender=manager)
    assert event(receipt, "CallExecuted").target == coin
    assert coin.balanceOf(stranger) == 8


def test_execute_batch__the_caller_is_no_executor__reverts_access_control_unauthorized_account(
    timelock: Any, coin: Any, manager: Any, stranger: Any
) -> None:
    timelock.scheduleBatch(*batch(coin, manager), 0, sender=manager)
    with reverts(timelock.AccessControlUnauthorizedAccount, account=stranger, neededRole=EXECUTOR):
        timelock.executeBatch(*batch(coin, manager), sender=stranger)


def test_execute_batch__the_lengths_differ__reverts_timelock_invalid_operation_length(
    timelock: Any, coin: Any, manager: Any
) -> None:
    targets, _, payloads, *rest = batch(coin, manager)
    with reverts(timelock.TimelockInvalidOperationLength, targets=1, payloads=1, values=2):
        timelock.executeBatch(targets, [0, 0], payloads, *rest, sender=manager)


def test_execute_batch__the_operation_is_unknown__reverts_timelock_unexpected_operation_state(
    timelock: Any, coin: Any, manager: Any
) -> None:
    with reverts(timelock.TimelockUnexpectedOperationState):
        timelock.executeBatch(*batch(coin, manager), sender=manager)


def test_execute_batch__the_operation_runs_itself_again__reverts_timelock_unexpected_operation_state(
    timelock: Any, coin: Any, manager: Any, project: Any
) -> None:
    """An executor that is a contract, called back in the middle of the operation, runs it a second time."""
    wallet = manager.deploy(project.TestWallet)
    grant = (timelock, 0, timelock.grantRole.encode_input(EXECUTOR, wallet), NOTHING_BEFORE, NO_SALT)
    timelock.schedule(*grant, 0, sender=manager)
    timelock.execute(*grant, sender=manager)
    inner = batch(coin, manager)
    timelock.scheduleBatch(*inner, 0, sender=manager)
    again = timelock.executeBatch.encode_input(*inner)
    outer = (
        [coin, wallet, wallet],
        [0, 0, 0],
        [mint(coin, manager, 5), *[wallet.execute.encode_input(timelock, again)] * 2],
        NOTHING_BEFORE,
        NO_SALT,
    )
    timelock.scheduleBatch(*outer, 0, sender=manager)
    with reverts(timelock.TimelockUnexpectedOperationState, operationId=timelock.hashOperationBatch(*inner)):
        timelock.executeBatch(*outer, sender=manager)


def test_execute_batch__the_operation_is_due__makes_all_calls(
    timelock: Any, coin: Any, manager: Any, stranger: Any
) -> None:
    timelock.scheduleBatch(*batch(coin, manager, stranger), 0, sender=manager)
    receipt = timelock.executeBatch(*batch(coin, manager, stranger), sender=manager)
    assert [log.index for log in receipt.events if log.event_name == "CallExecuted"] == [0, 1]
    assert [coin.balanceOf(who) for who in (manager, stranger)] == [5, 5]


def test_cancel__the_caller_is_no_canceller__reverts_access_control_unauthorized_account(
    timelock: Any, coin: Any, manager: Any, stranger: Any
) -> None:
    timelock.schedule(*call(coin, manager), 0, sender=manager)
    with reverts(timelock.AccessControlUnauthorizedAccount, account=stranger, neededRole=CANCELLER):
        timelock.cancel(timelock.hashOperation(*call(coin, manager)), sender=stranger)


def test_cancel__the_operation_is_not_pending__reverts_timelock_unexpected_operation_state(
    timelock: Any, coin: Any, manager: Any
) -> None:
    operation = timelock.hashOperation(*call(coin, manager))
    with reverts(timelock.TimelockUnexpectedOperationState, operationId=operation):
        timelock.cancel(operation, sender=manager)
    timelock.schedule(*call(coin, manager), 0, sender=manager)
    timelock.execute(*call(coin, manager), sender=manager)
    with reverts(timelock.TimelockUnexpectedOperationState, operationId=operation):
        timelock.cancel(operation, sender=manager)


def test_cancel__the_operation_is_pending__forgets_it(timelock: Any, coin: Any, manager: Any) -> None:
    operation = timelock.hashOperation(*call(coin, manager))
    timelock.schedule(*call(coin, manager), 0, sender=manager)
    assert event(timelock.cancel(operation, sender=manager), "Cancelled").id == operation
    assert not timelock.isOperation(operation)


def test_update_delay__the_caller_is_not_the_timelock__reverts_timelock_unauthorized_caller(
    timelock: Any, manager: Any
) -> None:
    with reverts(timelock.TimelockUnauthorizedCaller, caller=manager):
        timelock.updateDelay(5, sender=manager)


def test_update_delay__a_proposal_below_the_floor_on_a_live_chain__reverts_timelock_delay_too_short(
    open_another: Callable[..., Any],
) -> None:
    live = deploy(open_another(chain_id=137), LIVE_SETTINGS, wait=DAY)
    data = live.timelock.updateDelay.encode_input(DAY - 1)
    shorter = live.due(Proposal(live.governor, [live.timelock], [data], "Shorter"))
    with reverts(live.timelock.TimelockDelayTooShort, delay=DAY - 1, least=DAY):
        live.governor.execute(*shorter.hashed, sender=live.carol)


def test_update_delay__a_proposal__changes_the_delay_of_later_operations(governed: GovernanceKit) -> None:
    data = governed.timelock.updateDelay.encode_input(300)
    receipt = governed.executed(Proposal(governed.governor, [governed.timelock], [data], "Longer"))
    changed = event(receipt, "MinDelayChange")
    assert (changed.oldDuration, changed.newDuration) == (WAIT, 300)
    later = governed.queued(governed.fee())
    assert governed.governor.proposalEta(later.id) == governed.chain.timestamp + 300


def test_grant_role__the_caller_is_no_admin__reverts_access_control_unauthorized_account(
    timelock: Any, manager: Any, governed: GovernanceKit
) -> None:
    with reverts(timelock.AccessControlUnauthorizedAccount, account=manager, neededRole=ADMIN):
        timelock.grantRole(PROPOSER, manager, sender=manager)
    with reverts(timelock.AccessControlUnauthorizedAccount, account=manager, neededRole=ADMIN):
        timelock.revokeRole(PROPOSER, manager, sender=manager)
    guardian = governed.guardian
    with reverts(governed.timelock.AccessControlUnauthorizedAccount, account=guardian, neededRole=ADMIN):
        governed.timelock.grantRole(CANCELLER, guardian, sender=guardian)


def test_grant_role__a_proposal__changes_who_governs(governed: GovernanceKit) -> None:
    old, new, timelock = governed.governor, governed.carol, governed.timelock
    calls = [timelock.grantRole.encode_input(PROPOSER, new), timelock.revokeRole.encode_input(PROPOSER, old)]
    late = governed.passed(governed.fee())
    governed.executed(Proposal(old, [timelock] * 2, calls, "Another governor"))
    assert [timelock.hasRole(PROPOSER, who) for who in (old, new)] == [False, True]
    with reverts(timelock.AccessControlUnauthorizedAccount, account=old, neededRole=PROPOSER):
        old.queue(*late.hashed, sender=governed.carol)


def test_renounce_role__the_caller_is_another__reverts_access_control_bad_confirmation(
    timelock: Any, manager: Any, stranger: Any
) -> None:
    with reverts(timelock.AccessControlBadConfirmation):
        timelock.renounceRole(PROPOSER, manager, sender=stranger)


def test_renounce_role__the_caller_holds_it__takes_it_away(timelock: Any, manager: Any) -> None:
    timelock.renounceRole(PROPOSER, manager, sender=manager)
    assert not timelock.hasRole(PROPOSER, manager)


def test_has_role__the_system_is_handed_over__only_governor_and_timelock_hold_roles(
    governed: GovernanceKit,
) -> None:
    timelock, governor = governed.timelock, governed.governor
    deployer = governed.chain.accounts[20]
    roles = (timelock.PROPOSER_ROLE(), timelock.CANCELLER_ROLE(), timelock.EXECUTOR_ROLE())
    assert roles == (PROPOSER, CANCELLER, EXECUTOR)
    assert all(timelock.hasRole(role, governor) for role in roles)
    assert timelock.hasRole(timelock.DEFAULT_ADMIN_ROLE(), timelock)
    assert {timelock.getRoleAdmin(role) for role in roles} == {ADMIN}
    for nobody in (deployer, governed.guardian, governed.alice, "0x" + "00" * 20):
        assert not any(timelock.hasRole(role, nobody) for role in (*roles, ADMIN))


def test_get_operation_state__tell_an_operation_s_stages(
    timelock: Any, coin: Any, manager: Any, chain: Any
) -> None:
    operation = timelock.hashOperation(*call(coin, manager))

    def stages() -> tuple[Any, ...]:
        return (
            timelock.getOperationState(operation),
            timelock.isOperation(operation),
            timelock.isOperationPending(operation),
            timelock.isOperationReady(operation),
            timelock.isOperationDone(operation),
        )

    assert stages() == (UNSET, False, False, False, False)
    timelock.schedule(*call(coin, manager), 10, sender=manager)
    assert stages() == (WAITING, True, True, False, False)
    chain.warp(10)
    assert stages() == (READY, True, True, True, False)
    timelock.execute(*call(coin, manager), sender=manager)
    assert stages() == (DONE, True, False, False, True)
    assert timelock.getTimestamp(operation) == 1


def test_hash_operation__are_hashes_of_all_that_is_asked(timelock: Any, coin: Any, manager: Any) -> None:
    kinds = ["address", "uint256", "bytes", "bytes32", "bytes32"]
    one, many = call(coin, manager), batch(coin, manager)
    assert timelock.hashOperation(*one) == keccak(encode(kinds, [str(one[0]), *one[1:]]))
    lists = [f"{kind}[]" for kind in kinds[:3]] + kinds[3:]
    assert timelock.hashOperationBatch(*many) == keccak(encode(lists, [[str(coin)], *many[1:]]))


def test_get_min_delay__tell_the_delays(governed: GovernanceKit) -> None:
    assert (governed.timelock.getMinDelay(), governed.timelock.LEAST_DELAY()) == (WAIT, DAY)


def test_supports_interface__knows_roles_and_receiving(timelock: Any) -> None:
    known = [timelock.supportsInterface(bytes.fromhex(name)) for name in ("01ffc9a7", "7965db0b", "4e2312e0")]
    assert known == [True, True, True]
    assert not timelock.supportsInterface(b"\xff" * 4)


def test_on_erc721_received__take_what_is_sent(timelock: Any, manager: Any, project: Any) -> None:
    nft = manager.deploy(project.TestERC721)
    nft.mint(manager, 1, sender=manager)
    nft.invoke("safeTransferFrom(address,address,uint256)", manager, timelock, 1, sender=manager)
    assert nft.ownerOf(1) == timelock
    assert timelock.onERC1155Received.call(manager, manager, 1, 1, b"") == timelock.onERC1155Received.selector
    answer = timelock.onERC1155BatchReceived.call(manager, manager, [1], [1], b"")
    assert answer == timelock.onERC1155BatchReceived.selector
    assert timelock.onERC721Received.call(manager, manager, 1, b"") == timelock.onERC721Received.selector


def test_receive__takes_pol(timelock: Any, manager: Any) -> None:
    manager.transfer(timelock, 12)
    assert timelock.balance == 12
