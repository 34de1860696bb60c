"""Vesting: Merkle campaigns."""

from typing import Any

import pytest

from tests.contracts.kit import DAY, ZERO, event
from tests.contracts.vesting_kit import (
    MOST_AMOUNT,
    YEAR,
    Campaign,
    VestingKit,
    campaign_id,
    campaign_tree,
    plan,
)
from tests.evm import reverts

SALT = b"\x07" * 32
LEAVES = 11


@pytest.fixture
def people(accounts: Any) -> list[tuple[Any, int]]:
    """Eleven recipients; the third is also the fourth."""
    return [(accounts[30 + (2 if index == 3 else index)], 100 + index) for index in range(LEAVES)]


@pytest.fixture
def campaign(vestings: VestingKit, people: list[tuple[Any, int]]) -> Campaign:
    return vestings.campaign(vestings.empty_plan(), people)


def _create(vestings: VestingKit, sender: Any = None, salt: bytes = SALT, **changes: Any) -> Any:
    values = {
        "planId": 0,
        "root": b"\x01" * 32,
        "leaves": 10,
        "total": 1_000,
        "deadline": vestings.now() + DAY,
    } | changes
    return vestings.vesting.createCampaign(tuple(values.values()), salt, sender=sender or vestings.creator)


def test_create_campaign__the_plan_is_unknown__reverts_vesting_plan_unknown(vestings: VestingKit) -> None:
    with reverts(vestings.vesting.VestingPlanUnknown, planId=3):
        _create(vestings, planId=3)


def test_create_campaign__the_caller_is_not_the_plan_s_creator__reverts_vesting_not_creator(
    vestings: VestingKit, stranger: Any
) -> None:
    plan_id = vestings.empty_plan()
    with reverts(vestings.vesting.VestingNotCreator, planId=plan_id, caller=stranger):
        _create(vestings, stranger, planId=plan_id)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"root": bytes(32)}, "root"),
        ({"leaves": 0}, "leaves"),
        ({"leaves": 2**31}, "leaves"),
        ({"total": 0}, "total"),
        ({"deadline": 0}, "deadline"),
    ],
)
def test_create_campaign__a_field_is_unusable__reverts_vesting_campaign_invalid(
    vestings: VestingKit, changes: dict[str, Any], field: str
) -> None:
    plan_id = vestings.empty_plan()
    with reverts(vestings.vesting.VestingCampaignInvalid, field=field):
        _create(vestings, planId=plan_id, **changes)
    if field == "deadline":
        with reverts(vestings.vesting.VestingCampaignInvalid, field=field):
            _create(vestings, planId=plan_id, deadline=vestings.now())
        _create(vestings, planId=plan_id, deadline=2**64 - 1)


def test_create_campaign__the_salt_was_used__reverts_vesting_campaign_invalid(vestings: VestingKit) -> None:
    plan_id = vestings.empty_plan()
    _create(vestings, planId=plan_id)
    with reverts(vestings.vesting.VestingCampaignInvalid, field="salt"):
        _create(vestings, planId=plan_id)
    _create(vestings, planId=plan_id, salt=bytes(32))


def test_create_campaign__vesting_is_paused__reverts_vesting_paused(
    vestings: VestingKit, guardian: Any
) -> None:
    plan_id = vestings.empty_plan()
    vestings.vesting.pauseUntil(vestings.now() + DAY, sender=guardian)
    with reverts(vestings.vesting.VestingPaused):
        _create(vestings, planId=plan_id)


def _plan_in(vestings: VestingKit, token: Any, **changes: Any) -> int:
    """A plan in another token, of which the creator has 10,000 and approved more."""
    token.mint(vestings.creator, 10_000, sender=vestings.creator)
    token.approve(vestings.vesting, 10**30, sender=vestings.creator)
    config = plan(token, **({"start": vestings.now()} | changes))
    return int(event(vestings.vesting.createPlan(config, sender=vestings.creator), "PlanCreated").planId)


def test_create_campaign__the_token_keeps_a_fee__reverts_vesting_token_refused(
    vestings: VestingKit, project: Any, owner: Any
) -> None:
    token = owner.deploy(project.FeeERC20)
    plan_id = _plan_in(vestings, token)
    with reverts(vestings.vesting.VestingTokenRefused, token=token):
        _create(vestings, planId=plan_id)


def test_create_campaign__the_caller_has_too_little__reverts_erc20_insufficient_balance(
    vestings: VestingKit, project: Any, owner: Any
) -> None:
    plan_id = _plan_in(vestings, owner.deploy(project.TestERC20))
    with reverts("ERC20InsufficientBalance", balance=10_000, needed=10_001):
        _create(vestings, planId=plan_id, total=10_001)


def test_create_campaign__everything_is_in_order__is_funded_and_told(vestings: VestingKit) -> None:
    vesting, token, plan_id = vestings.vesting, vestings.token, vestings.empty_plan()
    deadline = vestings.now() + 30 * DAY
    receipt = _create(vestings, planId=plan_id, total=MOST_AMOUNT // 64, deadline=deadline)
    log, number = event(receipt, "CampaignCreated"), campaign_id(vestings.creator, SALT)
    assert receipt.return_value == log.campaignId == number
    assert (log.planId, log.creator, log.root) == (plan_id, vestings.creator, b"\x01" * 32)
    assert (log.leaves, log.total, log.deadline) == (10, MOST_AMOUNT // 64, deadline)
    assert token.balanceOf(vesting) == vesting.booked(token) == MOST_AMOUNT // 64
    assert vesting.campaignOf(number) == (plan_id, b"\x01" * 32, 10, deadline, MOST_AMOUNT // 64)


def test_claim__the_campaign_is_unknown__reverts_vesting_campaign_unknown(
    vestings: VestingKit, buyer: Any
) -> None:
    with reverts(vestings.vesting.VestingCampaignUnknown, campaignId=9):
        vestings.vesting.claim(9, 0, buyer, 1, [], sender=buyer)


def test_claim__vesting_is_paused__reverts_vesting_paused(
    vestings: VestingKit, campaign: Campaign, guardian: Any, stranger: Any
) -> None:
    vestings.vesting.pauseUntil(vestings.now() + DAY, sender=guardian)
    with reverts(vestings.vesting.VestingPaused):
        campaign.claim(vestings.vesting, 0, stranger)


def test_claim__the_deadline_has_come__reverts_vesting_campaign_over(
    vestings: VestingKit, campaign: Campaign, stranger: Any
) -> None:
    vestings.chain.pending_timestamp = campaign.deadline - 1
    campaign.claim(vestings.vesting, 0, stranger)
    vestings.chain.pending_timestamp = campaign.deadline
    over = vestings.vesting.VestingCampaignOver
    with reverts(over, campaignId=campaign.number, deadline=campaign.deadline):
        campaign.claim(vestings.vesting, 1, stranger)


def test_claim__the_leaf_was_claimed__reverts_vesting_leaf_used(
    vestings: VestingKit, campaign: Campaign, stranger: Any
) -> None:
    campaign.claim(vestings.vesting, 5, stranger)
    with reverts(vestings.vesting.VestingLeafUsed, campaignId=campaign.number, index=5):
        campaign.claim(vestings.vesting, 5, stranger)


def test_claim__the_leaf_is_another__reverts_vesting_proof_invalid(
    vestings: VestingKit, campaign: Campaign, stranger: Any
) -> None:
    proof = campaign.tree.proof(5)
    changes: list[dict[str, Any]] = [
        {"beneficiary": stranger},
        {"amount": 106},
        {"index": 4},
        {"index": LEAVES},
        {"index": 2**64 - 1},
        {"proof": []},
        {"proof": proof[:-1]},
        {"proof": [*proof, bytes(32)]},
        {"proof": [proof[1], proof[0], *proof[2:]]},
    ]
    for change in changes:
        with reverts(vestings.vesting.VestingProofInvalid, index=change.get("index", 5)):
            campaign.claim(vestings.vesting, 5, stranger, **change)


def test_claim__the_leaf_is_of_another_campaign_contract_or_chain__reverts_vesting_proof_invalid(
    vestings: VestingKit, people: list[tuple[Any, int]], stranger: Any, project: Any, owner: Any
) -> None:
    number = campaign_id(vestings.creator, SALT)
    elsewhere = project.Vesting.at(stranger.address)
    wrong = [
        campaign_tree(vestings.vesting, number + 1, people),
        campaign_tree(elsewhere, number, people),
        campaign_tree(vestings.vesting, number, people, chain_id=137),
    ]
    for salt, tree in enumerate(wrong):
        found = vestings.campaign(vestings.empty_plan(), people, salt.to_bytes(32), root=tree.root)
        with reverts(vestings.vesting.VestingProofInvalid, campaignId=found.number, index=0):
            found.claim(vestings.vesting, 0, stranger, proof=tree.proof(0))


def test_claim__the_leaf_names_nobody_or_too_much__reverts_vesting_proof_invalid(
    vestings: VestingKit, stranger: Any
) -> None:
    leaves = [(ZERO, 5), (stranger, MOST_AMOUNT + 1)]
    campaign = vestings.campaign(vestings.empty_plan(), leaves, total=10)
    for index in range(2):
        with reverts(vestings.vesting.VestingProofInvalid, campaignId=campaign.number, index=index):
            campaign.claim(vestings.vesting, index, stranger)


def test_claim__the_leaves_are_more_than_the_total__reverts_vesting_campaign_exhausted(
    vestings: VestingKit, people: list[tuple[Any, int]], stranger: Any
) -> None:
    campaign = vestings.campaign(vestings.empty_plan(), people, total=202)
    campaign.claim(vestings.vesting, 0, stranger)
    with reverts(vestings.vesting.VestingCampaignExhausted, left=102, amount=103):
        campaign.claim(vestings.vesting, 3, stranger)
    campaign.claim(vestings.vesting, 2, stranger)
    with reverts(vestings.vesting.VestingCampaignExhausted, left=0, amount=101):
        campaign.claim(vestings.vesting, 1, stranger)


def test_claim__the_token_calls_back__reverts_reentrancy_guard_reentrant_call(
    vestings: VestingKit, project: Any, owner: Any, stranger: Any, people: list[tuple[Any, int]]
) -> None:
    token, vesting = owner.deploy(project.HookERC20), vestings.vesting
    plan_id = _plan_in(vestings, token, start=1)
    campaign = vestings.campaign(plan_id, people)
    data = vesting.claim.encode_input(campaign.number, 1, *people[1], campaign.tree.proof(1))
    token.callBack(vesting, data, sender=owner)
    with reverts(vesting.ReentrancyGuardReentrantCall):
        campaign.claim(vesting, 0, stranger)


def test_claim__the_plan_is_under_way__makes_a_grant(
    vestings: VestingKit, campaign: Campaign, people: list[tuple[Any, int]], stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    booked = vesting.booked(token)
    receipt = campaign.claim(vesting, 7, stranger)
    grant_id = campaign.plan_id << 64
    log, granted = event(receipt, "CampaignClaimed"), event(receipt, "Granted")
    assert (log.campaignId, log.grantId, log.index) == (campaign.number, grant_id, 7)
    assert (log.beneficiary, log.amount) == people[7] == (granted.beneficiary, granted.amount)
    assert (granted.grantId, granted.funder) == (grant_id, vestings.creator)
    assert receipt.return_value == grant_id
    assert tuple(vesting.grantOf(grant_id)) == (*people[7], 0, 0, 0, ZERO)
    assert campaign.claim(vesting, 3, stranger).return_value == grant_id + 1
    assert vesting.booked(token) == token.balanceOf(vesting) == booked
    assert vesting.campaignOf(campaign.number)[4] == booked - 107 - 103
    vestings.wait(grant_id, YEAR)
    vesting.release(grant_id, sender=stranger)
    assert token.balanceOf(people[7][0]) == 107


def test_claim__the_plan_is_over__pays_at_once(
    vestings: VestingKit, people: list[tuple[Any, int]], stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    plan_id = vestings.empty_plan(start=1)
    campaign = vestings.campaign(plan_id, people)
    booked = vesting.booked(token)
    receipt = campaign.claim(vesting, LEAVES - 1, stranger)
    log = event(receipt, "CampaignClaimed")
    assert (log.grantId, log.amount, receipt.return_value) == (0, 110, 0)
    assert token.balanceOf(people[LEAVES - 1][0]) == 110
    assert vesting.booked(token) == token.balanceOf(vesting) == booked - 110
    assert vesting.planOf(plan_id)[2] == 0


def test_claim__the_beneficiary_refuses_calls__is_none_of_its_business(
    vestings: VestingKit, create_actor: Any, stranger: Any
) -> None:
    actor = create_actor()
    actor.behave(1, ZERO, b"", sender=stranger)
    campaign = vestings.campaign(vestings.empty_plan(start=1), [(actor, 9)])
    campaign.claim(vestings.vesting, 0, stranger)
    assert vestings.token.balanceOf(actor) == 9


def test_reclaim__the_campaign_is_unknown__reverts_vesting_campaign_unknown(vestings: VestingKit) -> None:
    with reverts(vestings.vesting.VestingCampaignUnknown, campaignId=4):
        vestings.vesting.reclaim(4, sender=vestings.creator)


def test_reclaim__the_caller_is_not_the_plan_s_creator__reverts_vesting_not_creator(
    vestings: VestingKit, campaign: Campaign, stranger: Any
) -> None:
    vestings.chain.pending_timestamp = campaign.deadline
    with reverts(vestings.vesting.VestingNotCreator, planId=campaign.plan_id, caller=stranger):
        vestings.vesting.reclaim(campaign.number, sender=stranger)


def test_reclaim__vesting_is_paused__reverts_vesting_paused(
    vestings: VestingKit, campaign: Campaign, guardian: Any
) -> None:
    vestings.vesting.pauseUntil(vestings.now() + DAY, sender=guardian)
    with reverts(vestings.vesting.VestingPaused):
        vestings.vesting.reclaim(campaign.number, sender=vestings.creator)


def test_reclaim__the_deadline_is_to_come__reverts_vesting_campaign_not_over(
    vestings: VestingKit, campaign: Campaign
) -> None:
    vestings.chain.pending_timestamp = campaign.deadline - 1
    not_over = vestings.vesting.VestingCampaignNotOver
    with reverts(not_over, campaignId=campaign.number, deadline=campaign.deadline):
        vestings.vesting.reclaim(campaign.number, sender=vestings.creator)


def test_reclaim__it_was_reclaimed__reverts_vesting_campaign_exhausted(
    vestings: VestingKit, campaign: Campaign
) -> None:
    vestings.chain.pending_timestamp = campaign.deadline
    vestings.vesting.reclaim(campaign.number, sender=vestings.creator)
    with reverts(vestings.vesting.VestingCampaignExhausted, left=0, amount=0):
        vestings.vesting.reclaim(campaign.number, sender=vestings.creator)


def test_reclaim__the_deadline_has_come__returns_what_was_not_claimed(
    vestings: VestingKit, campaign: Campaign, stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    total = sum(amount for _, amount in campaign.leaves)
    campaign.claim(vesting, 2, stranger)
    vestings.chain.pending_timestamp = campaign.deadline
    held = token.balanceOf(vestings.creator)
    receipt = vesting.reclaim(campaign.number, sender=vestings.creator)
    log = event(receipt, "CampaignReclaimed")
    assert (log.campaignId, log.creator) == (campaign.number, vestings.creator)
    assert token.balanceOf(vestings.creator) - held == log.amount == receipt.return_value == total - 102
    assert vesting.booked(token) == token.balanceOf(vesting) == 102


def test_campaign_of__the_campaign_is_unknown__reverts_vesting_campaign_unknown(vesting: Any) -> None:
    with reverts(vesting.VestingCampaignUnknown, campaignId=4):
        vesting.campaignOf(4)


@pytest.mark.parametrize(
    ("begins", "lasts", "closes"),
    [
        (-1, 7 * DAY, 14 * DAY - 1),
        (-3 * DAY, DAY, 5 * DAY),
        (-8 * DAY, DAY, 0),
        (-8 * DAY, DAY + 1, 1),
        (-8 * DAY, 0, 0),
    ],
)
def test_campaign_of__a_pause_took_the_last_days__closes_later(
    vestings: VestingKit,
    campaign: Campaign,
    guardian: Any,
    stranger: Any,
    begins: int,
    lasts: int,
    closes: int,
) -> None:
    start = campaign.deadline + begins
    vestings.chain.pending_timestamp = start
    vestings.vesting.pauseUntil(start + lasts, sender=guardian)
    assert vestings.vesting.campaignOf(campaign.number)[3] == campaign.deadline + closes
    vestings.chain.pending_timestamp = campaign.deadline + closes - 1
    campaign.claim(vestings.vesting, 0, stranger)
    vestings.chain.pending_timestamp = campaign.deadline + closes
    with reverts(vestings.vesting.VestingCampaignOver, deadline=campaign.deadline + closes):
        campaign.claim(vestings.vesting, 1, stranger)
    vestings.vesting.reclaim(campaign.number, sender=vestings.creator)


def test_campaign_of__a_pause_began_after_the_deadline__stays_closed(
    vestings: VestingKit, campaign: Campaign, guardian: Any, stranger: Any
) -> None:
    vestings.chain.pending_timestamp = campaign.deadline
    vestings.vesting.pauseUntil(campaign.deadline + DAY, sender=guardian)
    assert vestings.vesting.campaignOf(campaign.number)[3] == campaign.deadline
    vestings.chain.pending_timestamp = campaign.deadline + 2 * DAY
    with reverts(vestings.vesting.VestingCampaignOver, deadline=campaign.deadline):
        campaign.claim(vestings.vesting, 0, stranger)


def test_campaign_id_of__depends_on_creator_and_salt(vesting: Any, buyer: Any, stranger: Any) -> None:
    for creator in (buyer, stranger):
        for salt in (bytes(32), SALT):
            assert vesting.campaignIdOf(creator, salt) == campaign_id(creator, salt)


def test_is_claimed__some_leaves_were_claimed__tells_which(
    vestings: VestingKit, accounts: Any, stranger: Any
) -> None:
    leaves = [(accounts[30], 1 + index) for index in range(600)]
    campaign = vestings.campaign(vestings.empty_plan(), leaves)
    chosen = {0, 1, 255, 256, 511, 599}
    for index in chosen:
        campaign.claim(vestings.vesting, index, stranger)
    found = {index for index in range(700) if vestings.vesting.isClaimed(campaign.number, index)}
    assert found == chosen
