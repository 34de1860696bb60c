"""Vesting: grants, paid by approval, permit or authorization."""

from typing import Any

import pytest

from tests.contracts.conftest import ETHER
from tests.contracts.kit import DAY, NATIVE_FACE, ZERO, event, sign_permit
from tests.contracts.token_kit import FOREVER, sign_authorization
from tests.contracts.vesting_kit import MOST_AMOUNT, YEAR, VestingKit, payment_nonce, plan, vested
from tests.evm import reverts

SALT = b"\x05" * 32


def test_grant__the_plan_is_unknown__reverts_vesting_plan_unknown(vestings: VestingKit, buyer: Any) -> None:
    with reverts(vestings.vesting.VestingPlanUnknown, planId=999):
        vestings.vesting.grant(999, [(buyer, 5)], sender=vestings.creator)


def test_grant__the_caller_is_not_the_creator__reverts_vesting_not_creator(
    vestings: VestingKit, stranger: Any
) -> None:
    plan_id = vestings.empty_plan()
    with reverts(vestings.vesting.VestingNotCreator, planId=plan_id, caller=stranger):
        vestings.vesting.grant(plan_id, [(stranger, 5)], sender=stranger)


@pytest.mark.parametrize(
    ("grants", "position", "field"),
    [
        ([], 0, "grants"),
        ([(ZERO, 5)], 0, "beneficiary"),
        ([(NATIVE_FACE, 5), (NATIVE_FACE, 0)], 1, "amount"),
        ([(NATIVE_FACE, MOST_AMOUNT + 1)], 0, "amount"),
    ],
)
def test_grant__an_entry_is_unusable__reverts_vesting_grant_invalid(
    vestings: VestingKit, grants: list[Any], position: int, field: str
) -> None:
    plan_id = vestings.empty_plan()
    with reverts(vestings.vesting.VestingGrantInvalid, position=position, field=field):
        vestings.vesting.grant(plan_id, grants, sender=vestings.creator)


def test_grant__the_plan_would_have_too_many__reverts_vesting_grant_invalid(
    vestings: VestingKit, buyer: Any
) -> None:
    plan_id = vestings.empty_plan()
    second = _second_word(vestings, plan_id)
    most = 2**31 - 1
    value = vestings.chain.engine.storage(vestings.vesting.address, second)
    vestings.chain.set_storage(vestings.vesting.address, second, value | (most - 1) << 161)
    with reverts(vestings.vesting.VestingGrantInvalid, position=1, field="grants"):
        vestings.vesting.grant(plan_id, [(buyer, 5), (buyer, 6)], sender=vestings.creator)
    receipt = vestings.vesting.grant(plan_id, [(buyer, 5)], sender=vestings.creator)
    assert event(receipt, "Granted").grantId == plan_id << 64 | (most - 1)
    assert vestings.vesting.planOf(plan_id)[1:] == (vestings.creator, most, True)


def _second_word(vestings: VestingKit, plan_id: int) -> int:
    """Where the second word of a plan stands: `plans` is the fourth slot of the book."""
    from eth_abi import encode
    from eth_utils import keccak

    name = int.from_bytes(keccak(text="tombola.vesting")) - 1
    book = int.from_bytes(keccak(name.to_bytes(32))) & ~0xFF
    return int.from_bytes(keccak(encode(["uint256", "uint256"], [plan_id, book + 3]))) + 1


def test_grant__vesting_is_paused__reverts_vesting_paused(
    vestings: VestingKit, buyer: Any, guardian: Any
) -> None:
    plan_id, until = vestings.empty_plan(), vestings.now() + DAY
    vestings.vesting.pauseUntil(until, sender=guardian)
    with reverts(vestings.vesting.VestingPaused, until=until):
        vestings.vesting.grant(plan_id, [(buyer, 5)], sender=vestings.creator)


def _plan_in(vestings: VestingKit, token: Any) -> int:
    """A plan in another token, which the creator holds and has approved."""
    token.mint(vestings.creator, ETHER, sender=vestings.creator)
    token.approve(vestings.vesting, ETHER, sender=vestings.creator)
    receipt = vestings.vesting.createPlan(plan(token, start=vestings.now()), sender=vestings.creator)
    return int(event(receipt, "PlanCreated").planId)


def test_grant__the_token_keeps_a_fee__reverts_vesting_token_refused(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any
) -> None:
    token = owner.deploy(project.FeeERC20)
    plan_id = _plan_in(vestings, token)
    with reverts(vestings.vesting.VestingTokenRefused, token=token):
        vestings.vesting.grant(plan_id, [(buyer, 1_000)], sender=vestings.creator)


def test_grant__the_token_says_no__reverts_safe_erc20_failed_operation(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any
) -> None:
    token = owner.deploy(project.SilentERC20)
    plan_id = _plan_in(vestings, token)
    token.refuse(True, sender=owner)
    with reverts("SafeERC20FailedOperation", token=token):
        vestings.vesting.grant(plan_id, [(buyer, 1_000)], sender=vestings.creator)


def test_grant__the_token_calls_back__reverts_reentrancy_guard_reentrant_call(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any
) -> None:
    token, vesting, creator = owner.deploy(project.HookERC20), vestings.vesting, vestings.creator
    plan_id = _plan_in(vestings, token)
    vesting.grant(plan_id, [(buyer, 1_000)], sender=creator)
    grant_id = plan_id << 64
    for data in (
        vesting.release.encode_input(grant_id),
        vesting.releaseMany.encode_input([grant_id]),
        vesting.grant.encode_input(plan_id, [(buyer, 1)]),
        vesting.createPlanFor.encode_input(ZERO, plan(token), [(buyer, 1)]),
        vesting.revoke.encode_input(grant_id),
    ):
        token.callBack(vesting, data, sender=creator)
        with reverts(vesting.ReentrancyGuardReentrantCall):
            vesting.grant(plan_id, [(buyer, 1_000)], sender=creator)


def test_grant__the_caller_has_too_little__reverts_erc20_insufficient_balance(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any
) -> None:
    token = owner.deploy(project.TestERC20)
    plan_id = _plan_in(vestings, token)
    token.approve(vestings.vesting, 2 * ETHER, sender=vestings.creator)
    with reverts("ERC20InsufficientBalance", balance=ETHER, needed=ETHER + 1):
        vestings.vesting.grant(plan_id, [(buyer, ETHER), (buyer, 1)], sender=vestings.creator)


def test_grant__there_are_several__gives_ids_that_carry_the_plan(
    vestings: VestingKit, buyer: Any, other_buyer: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    first = vestings.create((buyer, 1), (buyer, 2))
    plan_id = first >> 64
    held, booked = token.balanceOf(vesting), vesting.booked(token)
    receipt = vesting.grant(plan_id, [(buyer, 5), (other_buyer, 10**26)], sender=vestings.creator)
    logs = [log for log in receipt.events if log.event_name == "Granted"]
    assert [log.grantId for log in logs] == [first + 2, first + 3]
    assert [(log.planId, log.funder) for log in logs] == [(plan_id, vestings.creator)] * 2
    amounts = [(buyer, 5), (other_buyer, 10**26)]
    assert [(log.beneficiary, log.amount) for log in logs] == amounts
    assert [tuple(vesting.grantOf(log.grantId)) for log in logs] == [
        (*each, 0, 0, 0, ZERO) for each in amounts
    ]
    assert token.balanceOf(vesting) - held == vesting.booked(token) - booked == 5 + 10**26
    assert receipt.return_value == first + 2


def test_grant__there_are_a_hundred_at_once__is_the_same_as_one_by_one(
    vestings: VestingKit, accounts: Any
) -> None:
    people = [(accounts[20 + number % 7], 1 + number) for number in range(100)]
    together, apart = vestings.empty_plan(), vestings.empty_plan()
    vestings.vesting.grant(together, people, sender=vestings.creator)
    for each in people:
        vestings.vesting.grant(apart, [each], sender=vestings.creator)
    for number in range(100):
        one, other = (vestings.vesting.grantOf(plan_id << 64 | number) for plan_id in (together, apart))
        assert tuple(one) == tuple(other)
    assert vestings.vesting.planOf(together)[2] == vestings.vesting.planOf(apart)[2] == 100


@pytest.fixture
def signed(vesting: Any, launched: Any, chain: Any, organiser: Any) -> VestingKit:
    """Plans in a token with permit and authorizations, of which the organiser approved nothing."""
    return VestingKit(vesting, launched, chain, organiser)


def test_grant_with_permit__the_caller_is_not_the_creator__reverts_vesting_not_creator(
    signed: VestingKit, stranger: Any
) -> None:
    plan_id = signed.empty_plan()
    with reverts(signed.vesting.VestingNotCreator, planId=plan_id, caller=stranger):
        signed.vesting.grantWithPermit(plan_id, [(stranger, 5)], FOREVER, b"\1" * 65, sender=stranger)


def test_grant_with_permit__the_signature_is_another_s__reverts_erc20_insufficient_allowance(
    signed: VestingKit, stranger: Any, buyer: Any
) -> None:
    plan_id = signed.empty_plan()
    signature = sign_permit(signed.token, stranger, signed.vesting.address, 5, FOREVER)
    for wrong in (signature, signature[:64], b""):
        with reverts("ERC20InsufficientAllowance", allowance=0, needed=5):
            signed.vesting.grantWithPermit(plan_id, [(buyer, 5)], FOREVER, wrong, sender=signed.creator)


def test_grant_with_permit__the_permit_was_used_before__takes_the_allowance_that_is_there(
    signed: VestingKit, stranger: Any, buyer: Any
) -> None:
    plan_id = signed.empty_plan()
    signature = sign_permit(signed.token, signed.creator, signed.vesting.address, 5, FOREVER)
    parts = signature[64], signature[:32], signature[32:64]
    signed.token.invoke(
        "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
        *(signed.creator, signed.vesting, 5, FOREVER, *parts),
        sender=stranger,
    )
    signed.vesting.grantWithPermit(plan_id, [(buyer, 5)], FOREVER, signature, sender=signed.creator)
    assert signed.token.balanceOf(signed.vesting) == 5


def test_grant_with_permit__the_total_is_signed__needs_no_approval(signed: VestingKit, buyer: Any) -> None:
    plan_id = signed.empty_plan()
    signature = sign_permit(signed.token, signed.creator, signed.vesting.address, 12, FOREVER)
    receipt = signed.vesting.grantWithPermit(
        plan_id, [(buyer, 5), (buyer, 7)], FOREVER, signature, sender=signed.creator
    )
    assert receipt.return_value == plan_id << 64
    assert signed.token.balanceOf(signed.vesting) == signed.vesting.booked(signed.token) == 12


def _authorization(signed: VestingKit, plan_id: int, grants: list[Any]) -> bytes:
    total = sum(amount for _, amount in grants)
    nonce = payment_nonce(plan_id, grants, SALT)
    terms = (signed.creator.address, signed.vesting.address, total, 0, FOREVER, nonce)
    return sign_authorization(signed.token, signed.creator, "receiveWithAuthorization", terms)


def test_grant_with_authorization__the_plan_is_unknown__reverts_vesting_plan_unknown(
    signed: VestingKit, buyer: Any
) -> None:
    with reverts(signed.vesting.VestingPlanUnknown, planId=77):
        signed.vesting.grantWithAuthorization(77, [(buyer, 5)], 0, FOREVER, SALT, b"", sender=buyer)


def test_grant_with_authorization__another_grant_is_submitted__reverts_erc3009_invalid_signature(
    signed: VestingKit, buyer: Any, stranger: Any
) -> None:
    plan_id, other_plan = signed.empty_plan(), signed.empty_plan()
    signature = _authorization(signed, plan_id, [(buyer, 5)])
    for submitted in (
        (plan_id, [(stranger, 5)], 0, FOREVER, SALT),
        (plan_id, [(buyer, 4)], 0, FOREVER, SALT),
        (plan_id, [(buyer, 2), (buyer, 3)], 0, FOREVER, SALT),
        (other_plan, [(buyer, 5)], 0, FOREVER, SALT),
        (plan_id, [(buyer, 5)], 0, FOREVER, bytes(32)),
        (plan_id, [(buyer, 5)], 0, FOREVER - 1, SALT),
    ):
        with reverts("ERC3009InvalidSignature"):
            signed.vesting.grantWithAuthorization(*submitted, signature, sender=stranger)


def test_grant_with_authorization__it_is_submitted_again__reverts_erc3009_used_authorization(
    signed: VestingKit, buyer: Any, stranger: Any
) -> None:
    plan_id = signed.empty_plan()
    submitted = (plan_id, [(buyer, 5)], 0, FOREVER, SALT, _authorization(signed, plan_id, [(buyer, 5)]))
    signed.vesting.grantWithAuthorization(*submitted, sender=stranger)
    with reverts("ERC3009UsedAuthorization"):
        signed.vesting.grantWithAuthorization(*submitted, sender=stranger)


def test_grant_with_authorization__the_creator_signed__is_paid_by_the_creator(
    signed: VestingKit, buyer: Any, other_buyer: Any, stranger: Any
) -> None:
    plan_id, held = signed.empty_plan(), signed.token.balanceOf(signed.creator)
    grants = [(buyer, 5), (other_buyer, 8)]
    receipt = signed.vesting.grantWithAuthorization(
        plan_id, grants, 0, FOREVER, SALT, _authorization(signed, plan_id, grants), sender=stranger
    )
    assert receipt.return_value == plan_id << 64
    assert [log.funder for log in receipt.events if log.event_name == "Granted"] == [signed.creator] * 2
    assert held - signed.token.balanceOf(signed.creator) == 13
    assert signed.token.balanceOf(signed.vesting) == signed.vesting.booked(signed.token) == 13


def test_grant_of__the_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, buyer: Any
) -> None:
    grant_id = vestings.create((buyer, 5))
    for unknown in (0, grant_id + 1, grant_id + (1 << 64), 2**256 - 1):
        with reverts(vestings.vesting.VestingGrantUnknown, grantId=unknown):
            vestings.vesting.grantOf(unknown)


def test_vested_amount__the_grant_is_unknown__reverts_vesting_grant_unknown(
    vestings: VestingKit, buyer: Any
) -> None:
    unknown = vestings.create((buyer, 5)) + 1
    with reverts(vestings.vesting.VestingGrantUnknown, grantId=unknown):
        vestings.vesting.vestedAmount(unknown, 5)


@pytest.mark.parametrize("changes", [{}, {"cliff": 90 * DAY + 7}, {"step": 1, "cliff": 0}, {"step": 13}])
def test_vested_amount__any_time__follows_the_curve(
    vestings: VestingKit, buyer: Any, changes: dict[str, int]
) -> None:
    amount, start = 10**24 + 17, vestings.now() + DAY
    grant_id = vestings.create((buyer, amount), start=start, **changes)
    curve = plan(ZERO, start=start, **changes)[1:]
    for time in (0, start - 1, start, start + 90 * DAY - 1, start + 90 * DAY + 7, start + YEAR // 2 + 5):
        assert vestings.vesting.vestedAmount(grant_id, time) == vested(curve, amount, time)
    assert vestings.vesting.vestedAmount(grant_id, start + YEAR - 1) < amount
    for time in (start + YEAR, 2**64 - 1):
        assert vestings.vesting.vestedAmount(grant_id, time) == amount


def test_booked__grants_and_revocations__counts_them(vestings: VestingKit, buyer: Any) -> None:
    grant_id = vestings.create((buyer, 1_000), (buyer, 500))
    assert vestings.vesting.booked(vestings.token) == 1_500
    vestings.wait(grant_id, 0)
    vestings.vesting.revoke(grant_id, sender=vestings.creator)
    assert vestings.vesting.booked(vestings.token) == 600
    assert vestings.vesting.booked(ZERO) == 0
