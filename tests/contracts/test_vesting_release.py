"""Vesting: what is paid, to whom, by whose word; and what is left over."""

from typing import Any

import pytest

from tests.contracts.conftest import ETHER
from tests.contracts.kit import DAY, ZERO, event
from tests.contracts.vesting_kit import YEAR, VestingKit, hash_release, sign_release
from tests.evm import reverts

AMOUNT = 1_000 * ETHER
FOREVER = 2**256 - 1


@pytest.fixture
def running(vestings: VestingKit, buyer: Any, other_buyer: Any) -> int:
    """A plan that starts in a day, with two grants; the first grant's id."""
    return vestings.create((buyer, AMOUNT), (other_buyer, 3))


def test_release__the_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    with reverts(vestings.vesting.VestingGrantUnknown, grantId=running + 2):
        vestings.vesting.release(running + 2, sender=stranger)


def test_release__vesting_is_paused__reverts_vesting_paused(
    vestings: VestingKit, running: int, guardian: Any, stranger: Any
) -> None:
    vestings.wait(running, 0)
    until = vestings.now() + DAY
    vestings.vesting.pauseUntil(until, sender=guardian)
    with reverts(vestings.vesting.VestingPaused, until=until):
        vestings.vesting.release(running, sender=stranger)


def test_release__it_is_before_the_start__reverts_vesting_nothing_to_release(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    with reverts(vestings.vesting.VestingNothingToRelease, grantId=running):
        vestings.vesting.release(running, sender=stranger)


def test_release__it_is_before_the_cliff__pays_the_start_unlock_alone(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    vestings.wait(running, 90 * DAY - 2)
    vestings.vesting.release(running, sender=stranger)
    assert vestings.vesting.grantOf(running).released == AMOUNT // 10
    with reverts(vestings.vesting.VestingNothingToRelease, grantId=running):
        vestings.vesting.release(running, sender=stranger)


def test_release__a_recovery_is_open__reverts_vesting_recovery_pending(
    vestings: VestingKit, running: int, stranger: Any, buyer: Any
) -> None:
    vestings.wait(running, 0)
    vestings.vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    for caller in (stranger, buyer):
        with reverts(vestings.vesting.VestingRecoveryPending, grantId=running, candidate=stranger):
            vestings.vesting.release(running, sender=caller)
    vestings.chain.warp(60 * DAY + 5)
    assert vestings.vesting.release(running, sender=stranger).return_value == AMOUNT // 10


def _hooked(vestings: VestingKit, project: Any, owner: Any, *grants: Any) -> tuple[Any, int]:
    """A token that calls back, and the first of its grants, under way."""
    token = owner.deploy(project.HookERC20)
    token.mint(vestings.creator, ETHER, sender=owner)
    token.approve(vestings.vesting, ETHER, sender=vestings.creator)
    return token, vestings.create(*grants, token=token, start=vestings.now())


def test_release__a_recovery_has_expired__reverts_vesting_nothing_to_release(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    vestings.vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    vestings.wait(running, 60 * DAY)
    vestings.vesting.release(running, sender=stranger)
    with reverts(vestings.vesting.VestingNothingToRelease, grantId=running):
        vestings.vesting.release(running, sender=stranger)


def test_release__the_token_calls_back__reverts_vesting_nothing_to_release(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any
) -> None:
    token, grant_id = _hooked(vestings, project, owner, (buyer, ETHER))
    token.callBack(vestings.vesting, vestings.vesting.release.encode_input(grant_id), sender=owner)
    with reverts(vestings.vesting.VestingNothingToRelease, grantId=grant_id):
        vestings.vesting.release(grant_id, sender=owner)


def test_release__the_token_says_no__reverts_safe_erc20_failed_operation(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any
) -> None:
    token = owner.deploy(project.SilentERC20)
    token.mint(vestings.creator, ETHER, sender=owner)
    token.approve(vestings.vesting, ETHER, sender=vestings.creator)
    grant_id = vestings.create((buyer, ETHER), token=token, start=vestings.now())
    token.refuse(True, sender=owner)
    with reverts("SafeERC20FailedOperation", token=token):
        vestings.vesting.release(grant_id, sender=buyer)
    assert vestings.vesting.grantOf(grant_id).released == 0


def test_release__the_token_lost_value__reverts_erc20_insufficient_balance(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any
) -> None:
    token = owner.deploy(project.TestERC20)
    token.mint(vestings.creator, 100, sender=owner)
    token.approve(vestings.vesting, 100, sender=vestings.creator)
    grant_id = vestings.create((buyer, 100), token=token, start=vestings.now())
    vestings.wait(grant_id, YEAR)
    thief = vestings.chain.impersonate(vestings.vesting)
    token.transfer(owner, 1, sender=thief)
    with reverts("ERC20InsufficientBalance", balance=99, needed=100):
        vestings.vesting.release(grant_id, sender=buyer)


def test_release__time_passes__pays_exactly_what_is_vested(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vesting, token, total = vestings.vesting, vestings.token, 0
    for offset, expected in (
        (0, AMOUNT // 10),
        (90 * DAY, AMOUNT // 10 + AMOUNT * 9 // 10 * 90 // 365),
        (100 * DAY + 5, AMOUNT // 10 + AMOUNT * 9 // 10 * 100 // 365),
        (YEAR, AMOUNT),
    ):
        vestings.wait(running, offset)
        held = token.balanceOf(buyer)
        receipt = vesting.release(running, sender=stranger)
        log = event(receipt, "Released")
        assert (log.grantId, log.to) == (running, buyer)
        assert token.balanceOf(buyer) - held == log.amount == receipt.return_value == expected - total
        total = expected
        assert log.totalReleased == vesting.grantOf(running).released == total
    with reverts(vesting.VestingNothingToRelease):
        vesting.release(running, sender=stranger)
    assert token.balanceOf(vesting) == 3


def test_releasable__the_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, running: int
) -> None:
    with reverts(vestings.vesting.VestingGrantUnknown, grantId=running + 2):
        vestings.vesting.releasable(running + 2)


def test_releasable__some_was_released__is_vested_less_released(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    vestings.wait(running, 0)
    vestings.vesting.release(running, sender=stranger)
    assert vestings.vesting.releasable(running) == 0
    vestings.chain.warp(100 * DAY)
    now_vested = AMOUNT // 10 + AMOUNT * 9 // 10 * 100 // 365
    assert vestings.vesting.releasable(running) == now_vested - AMOUNT // 10


def test_release_many__a_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    with reverts(vestings.vesting.VestingGrantUnknown, grantId=running + 2):
        vestings.vesting.releaseMany([running, running + 2], sender=stranger)


def test_release_many__vesting_is_paused__reverts_vesting_paused(
    vestings: VestingKit, running: int, guardian: Any, stranger: Any
) -> None:
    vestings.vesting.pauseUntil(vestings.now() + DAY, sender=guardian)
    with reverts(vestings.vesting.VestingPaused):
        vestings.vesting.releaseMany([running], sender=stranger)


def test_release_many__some_have_nothing__passes_over_them(
    vestings: VestingKit, running: int, buyer: Any, other_buyer: Any, stranger: Any
) -> None:
    frozen = vestings.create((other_buyer, AMOUNT), start=vestings.now())
    vestings.vesting.proposeRecovery(frozen, stranger, sender=vestings.creator)
    vestings.wait(running, 1)
    token = vestings.token
    held = token.balanceOf(buyer), token.balanceOf(other_buyer)
    receipt = vestings.vesting.releaseMany([running, running + 1, running, frozen], sender=stranger)
    assert event(receipt, "Released").grantId == running
    found = token.balanceOf(buyer) - held[0], token.balanceOf(other_buyer) - held[1]
    assert found == (AMOUNT // 10, 0)


def test_release_many__the_token_calls_back__pays_each_once(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any, other_buyer: Any
) -> None:
    token, first = _hooked(vestings, project, owner, (buyer, 1_000), (other_buyer, 500))
    again = vestings.vesting.releaseMany.encode_input([first, first + 1])
    vestings.wait(first, YEAR)
    token.callBack(vestings.vesting, again, sender=owner)
    vestings.vesting.releaseMany([first, first + 1], sender=owner)
    assert (token.balanceOf(buyer), token.balanceOf(other_buyer)) == (1_000, 500)
    assert token.balanceOf(vestings.vesting) == 0


def test_release_to__the_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, running: int, buyer: Any
) -> None:
    with reverts(vestings.vesting.VestingGrantUnknown, grantId=running + 2):
        vestings.vesting.releaseTo(running + 2, buyer, sender=buyer)


def test_release_to__the_caller_is_not_the_beneficiary__reverts_vesting_not_beneficiary(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    vestings.wait(running, 0)
    with reverts(vestings.vesting.VestingNotBeneficiary, grantId=running, caller=stranger):
        vestings.vesting.releaseTo(running, stranger, sender=stranger)


def test_release_to__there_is_nothing__reverts_vesting_nothing_to_release(
    vestings: VestingKit, running: int, buyer: Any
) -> None:
    with reverts(vestings.vesting.VestingNothingToRelease, grantId=running):
        vestings.vesting.releaseTo(running, buyer, sender=buyer)


def test_release_to__a_recovery_is_open__ends_it(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vestings.vesting.proposeRecovery(running, stranger, sender=vestings.creator)
    vestings.wait(running, 0)
    receipt = vestings.vesting.releaseTo(running, buyer, sender=buyer)
    assert receipt.return_value == AMOUNT // 10
    assert event(receipt, "RecoveryVetoed").candidate == stranger
    assert vestings.vesting.proposalsOf(running) == (ZERO, ZERO, 0)


def test_release_to__the_beneficiary_calls__pays_whom_they_name(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vestings.wait(running, 0)
    log = event(vestings.vesting.releaseTo(running, stranger, sender=buyer), "Released")
    assert (log.grantId, log.to) == (running, stranger)
    assert vestings.token.balanceOf(stranger) == AMOUNT // 10


def test_release_by_sig__it_is_too_late__reverts_vesting_signature_expired(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vestings.wait(running, 10)
    deadline = vestings.now()
    signature = sign_release(vestings.vesting, buyer, running, stranger, deadline - 1)
    with reverts(vestings.vesting.VestingSignatureExpired, deadline=deadline - 1):
        vestings.vesting.releaseBySig(running, stranger, deadline - 1, signature, sender=stranger)
    deadline = vestings.now()
    signature = sign_release(vestings.vesting, buyer, running, stranger, deadline)
    vestings.vesting.releaseBySig(running, stranger, deadline, signature, sender=stranger)


def test_release_by_sig__the_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, running: int, buyer: Any
) -> None:
    signature = sign_release(vestings.vesting, buyer, running + 2, buyer, FOREVER)
    with reverts(vestings.vesting.VestingGrantUnknown, grantId=running + 2):
        vestings.vesting.releaseBySig(running + 2, buyer, FOREVER, signature, sender=buyer)


def test_release_by_sig__something_else_was_signed__reverts_vesting_signature_invalid(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vesting = vestings.vesting
    more = vestings.vesting.grant(running >> 64, [(buyer, AMOUNT)], sender=vestings.creator).return_value
    vestings.wait(running, 0)
    wrong = [
        sign_release(vesting, buyer, more, buyer, FOREVER),
        sign_release(vesting, buyer, running, stranger, FOREVER),
        sign_release(vesting, buyer, running, buyer, FOREVER - 1),
        sign_release(vesting, buyer, running, buyer, FOREVER, nonce=1),
        sign_release(vesting, buyer, running, buyer, FOREVER, chain_id=137),
        sign_release(vesting, buyer, running, buyer, FOREVER)[:64],
        b"",
    ]
    for signature in wrong:
        with reverts(vesting.VestingSignatureInvalid, signer=buyer):
            vesting.releaseBySig(running, buyer, FOREVER, signature, sender=stranger)


def test_release_by_sig__it_is_used_again__reverts_vesting_signature_invalid(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vestings.wait(running, 0)
    signature = sign_release(vestings.vesting, buyer, running, buyer, FOREVER)
    vestings.vesting.releaseBySig(running, buyer, FOREVER, signature, sender=stranger)
    vestings.wait(running, YEAR)
    with reverts(vestings.vesting.VestingSignatureInvalid, signer=buyer):
        vestings.vesting.releaseBySig(running, buyer, FOREVER, signature, sender=stranger)


def test_release_by_sig__another_signed__reverts_vesting_signature_invalid(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any
) -> None:
    vestings.wait(running, 0)
    signature = sign_release(vestings.vesting, stranger, running, stranger, FOREVER)
    with reverts(vestings.vesting.VestingSignatureInvalid, signer=buyer):
        vestings.vesting.releaseBySig(running, stranger, FOREVER, signature, sender=stranger)


def test_release_by_sig__the_beneficiary_signed__pays_whom_they_name(
    vestings: VestingKit, running: int, buyer: Any, stranger: Any, organiser: Any
) -> None:
    vestings.vesting.proposeRecovery(running, organiser, sender=vestings.creator)
    vestings.wait(running, 0)
    signature = sign_release(vestings.vesting, buyer, running, stranger, FOREVER)
    receipt = vestings.vesting.releaseBySig(running, stranger, FOREVER, signature, sender=organiser)
    assert vestings.token.balanceOf(stranger) == receipt.return_value == AMOUNT // 10
    assert vestings.vesting.nonces(buyer) == 1
    assert event(receipt, "RecoveryVetoed").grantId == running


def test_release_by_sig__the_beneficiary_is_a_contract__asks_it(
    vestings: VestingKit, project: Any, owner: Any, stranger: Any
) -> None:
    vesting, wallet = vestings.vesting, owner.deploy(project.TestWallet)
    grant_id = vestings.create((wallet, AMOUNT), start=vestings.now())
    vestings.wait(grant_id, 10)
    with reverts(vesting.VestingSignatureInvalid, signer=wallet):
        vesting.releaseBySig(grant_id, stranger, FOREVER, b"anything", sender=stranger)
    wallet.approveSignature(
        hash_release(vesting, grant_id, stranger, 0, FOREVER), b"anything", sender=stranger
    )
    vesting.releaseBySig(grant_id, stranger, FOREVER, b"anything", sender=stranger)
    assert vestings.token.balanceOf(stranger) == AMOUNT // 10


def test_release_by_sig__the_beneficiary_has_a_key_and_code__takes_the_key_s_signature(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any, running: int, stranger: Any
) -> None:
    """As an account that delegated to code (EIP-7702)."""
    wallet = owner.deploy(project.TestWallet)
    vestings.chain.set_code(buyer, wallet.code)
    vestings.wait(running, 0)
    signature = sign_release(vestings.vesting, buyer, running, stranger, FOREVER)
    vestings.vesting.releaseBySig(running, stranger, FOREVER, signature, sender=stranger)
    assert vestings.token.balanceOf(stranger) == AMOUNT // 10


def test_nonces__are_those_of_the_signatures(vesting: Any, buyer: Any) -> None:
    from eth_abi import encode
    from eth_utils import keccak

    kind = keccak(text="EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    values = [kind, keccak(text="Tombola Vesting"), keccak(text="1"), 31337, vesting.address]
    assert vesting.DOMAIN_SEPARATOR() == keccak(
        encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], values)
    )
    assert vesting.nonces(buyer) == 0


def test_settle__the_grants_are_unknown__changes_nothing(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    receipt = vestings.vesting.settle([running, running + 2, 0], sender=stranger)
    assert receipt.events == []
    assert vestings.vesting.booked(vestings.token) == AMOUNT + 3


def test_settle__releases_were_made__takes_them_off_what_is_booked_once(
    vestings: VestingKit, running: int, stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    vestings.wait(running, 0)
    vesting.release(running, sender=stranger)
    assert vesting.booked(token) == AMOUNT + 3
    log = event(vesting.settle([running, running + 1, running], sender=stranger), "Settled")
    assert (log.token, log.amount) == (token, AMOUNT // 10)
    assert vesting.booked(token) == token.balanceOf(vesting) == AMOUNT * 9 // 10 + 3
    vestings.wait(running, YEAR)
    vesting.releaseMany([running, running + 1], sender=stranger)
    vesting.settle([running, running + 1], sender=stranger)
    assert vesting.booked(token) == token.balanceOf(vesting) == 0


def test_sweep_surplus__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    vestings: VestingKit, stranger: Any
) -> None:
    with reverts("OwnableUnauthorizedAccount", account=stranger):
        vestings.vesting.sweepSurplus(vestings.token, stranger, sender=stranger)


def test_sweep_surplus__vesting_is_paused__reverts_vesting_paused(
    vestings: VestingKit, running: int, guardian: Any, owner: Any
) -> None:
    vestings.token.transfer(vestings.vesting, 77, sender=vestings.creator)
    until = vestings.now() + DAY
    vestings.vesting.pauseUntil(until, sender=guardian)
    with reverts(vestings.vesting.VestingPaused, until=until):
        vestings.vesting.sweepSurplus(vestings.token, owner, sender=owner)
    vestings.chain.pending_timestamp = until
    assert vestings.vesting.sweepSurplus(vestings.token, owner, sender=owner).return_value == 77


def test_sweep_surplus__nothing_is_above_what_is_booked__reverts_vesting_no_surplus(
    vestings: VestingKit, running: int, owner: Any
) -> None:
    wanted = {"token": vestings.token, "booked": AMOUNT + 3}
    with reverts(vestings.vesting.VestingNoSurplus, balance=AMOUNT + 3, **wanted):
        vestings.vesting.sweepSurplus(vestings.token, owner, sender=owner)
    vestings.wait(running, 0)
    vestings.vesting.release(running, sender=owner)
    with reverts(vestings.vesting.VestingNoSurplus, balance=AMOUNT * 9 // 10 + 3, **wanted):
        vestings.vesting.sweepSurplus(vestings.token, owner, sender=owner)


def test_sweep_surplus__something_was_sent_by_mistake__sends_that_alone(
    vestings: VestingKit, running: int, owner: Any, stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    token.transfer(vesting, 77, sender=vestings.creator)
    log = event(vesting.sweepSurplus(token, stranger, sender=owner), "SurplusSwept")
    assert (log.token, log.to, log.amount) == (token, stranger, 77)
    assert token.balanceOf(stranger) == 77
    assert token.balanceOf(vesting) == AMOUNT + 3
