"""Token and vesting in one transaction; see factory_launch.tree."""

from typing import Any

import pytest

from tests.contracts.kit import DAY, ZERO, event, now
from tests.contracts.token_kit import FOREVER, FULL, SALT, SUPPLY, TokenKit
from tests.evm import reverts

ETHER = 10**18


@pytest.fixture
def plan(chain: Any) -> tuple[Any, ...]:
    """Everything but the token: a year, daily, with a month's cliff."""
    return (now(chain), 30 * DAY, 365 * DAY, DAY, 0)


def launch(tokens: TokenKit, config: Any, plans: list[Any], **options: Any) -> Any:
    """Each plan as (curve, grants), or (token, curve, grants); pays the fee."""
    token = tokens.factory.predictToken(tokens.creator, config, SALT)
    full = [plan if len(plan) == 3 else (token, *plan) for plan in plans]
    shaped = [((of, *curve), grants) for of, curve, grants in full]
    options = {"sender": tokens.creator, "value": tokens.factory.fee(), "maxFee": FOREVER} | options
    return tokens.factory.launch(config, shaped, SALT, options.pop("maxFee"), **options)


def test_launch__there_are_no_plans__reverts_token_factory_config_invalid(tokens: TokenKit) -> None:
    with reverts(tokens.factory.TokenFactoryConfigInvalid, field="plans"):
        launch(tokens, tokens.config(), [])


def test_launch__a_plan_has_no_grants__reverts_token_factory_plan_invalid(
    tokens: TokenKit, plan: Any, buyer: Any
) -> None:
    with reverts(tokens.factory.TokenFactoryPlanInvalid, position=1, field="grants"):
        launch(tokens, tokens.config(), [(plan, [(buyer, 1)]), (plan, [])])


def test_launch__a_plan_is_of_another_token__reverts_token_factory_plan_invalid(
    tokens: TokenKit, plan: Any, buyer: Any, coin: Any
) -> None:
    for other in (coin, ZERO):
        with reverts(tokens.factory.TokenFactoryPlanInvalid, position=1, field="token"):
            launch(tokens, tokens.config(), [(plan, [(buyer, 1)]), (other, plan, [(buyer, 1)])])


def test_launch__grants_are_above_the_initial_supply__reverts_token_factory_config_invalid(
    tokens: TokenKit, plan: Any, buyer: Any
) -> None:
    with reverts(tokens.factory.TokenFactoryConfigInvalid, field="initialSupply"):
        launch(tokens, tokens.config(), [(plan, [(buyer, SUPPLY)]), (plan, [(buyer, 1)])])


def test_launch__a_plan_is_unusable__reverts_vesting_plan_invalid(
    tokens: TokenKit, plan: Any, buyer: Any, project: Any, organiser: Any
) -> None:
    start, _, duration, *rest = plan
    with reverts(project.Vesting.VestingPlanInvalid):
        launch(tokens, tokens.config(), [((start, duration + 1, duration, *rest), [(buyer, 1)])])
    assert tokens.factory.instancesOf(organiser, 0, 9) == []


def test_launch__the_creator_is_not_on_the_list__reverts_token_factory_creator_not_allowed(
    tokens: TokenKit, plan: Any, owner: Any, buyer: Any, organiser: Any
) -> None:
    tokens.factory.setOpen(False, sender=owner)
    with reverts(tokens.factory.TokenFactoryCreatorNotAllowed, creator=organiser):
        launch(tokens, tokens.config(), [(plan, [(buyer, 1)])])


def test_launch__the_fee_is_above_what_the_creator_pays__reverts_token_factory_fee_above_max(
    tokens: TokenKit, plan: Any, buyer: Any
) -> None:
    with reverts(tokens.factory.TokenFactoryFeeAboveMax, fee=ETHER, maxFee=ETHER - 1):
        launch(tokens, tokens.config(), [(plan, [(buyer, 1)])], maxFee=ETHER - 1)


def test_launch__the_vesting_contract_takes_less__reverts_token_factory_vesting_incomplete(
    project: Any, owner: Any, organiser: Any, chain: Any, plan: Any, buyer: Any
) -> None:
    lazy = owner.deploy(project.TestVesting)
    templates = [(FULL, owner.deploy(project.Token))]
    factory = owner.deploy(project.TokenFactory, owner, owner, lazy, 0, templates)
    tokens = TokenKit(project, factory, chain, organiser)
    plans = [(plan, [(buyer, 5)]), (plan, [(buyer, 7)])]
    lazy.giveBack(1, sender=owner)
    with reverts(factory.TokenFactoryVestingIncomplete, balance=2, allowance=0):
        launch(tokens, tokens.config(), plans)
    lazy.fallShort(1, sender=owner)
    with reverts(factory.TokenFactoryVestingIncomplete, balance=4, allowance=2):
        launch(tokens, tokens.config(), plans)
    lazy.giveBack(0, sender=owner)
    with reverts(factory.TokenFactoryVestingIncomplete, balance=2, allowance=2):
        launch(tokens, tokens.config(), plans)


def test_launch__all_is_usable__creates_token_and_plans_of_the_creator(
    tokens: TokenKit, plan: Any, project: Any, vesting: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    plans = [(plan, [(buyer, 100), (stranger, 50)]), (plan, [(buyer, 25)])]
    predicted = tokens.factory.predictToken(organiser, tokens.config(), SALT)
    receipt = launch(tokens, tokens.config(), plans)
    token = project.Token.at(event(receipt, "TokenCreated").token)
    assert token.address == predicted == receipt.return_value.token
    said = event(receipt, "TokenVested")
    assert (said.token, said.creator, said.vested) == (predicted, organiser, 175)
    assert list(said.planIds) == list(receipt.return_value.planIds)
    for plan_id, (_, grants) in zip(said.planIds, plans, strict=True):
        found = vesting.planOf(plan_id)
        assert (found.creator, found.config.token, found.grantCount) == (organiser, predicted, len(grants))
    granted = [(log.beneficiary, log.amount) for log in receipt.events if log.event_name == "Granted"]
    assert granted == [(buyer, 100), (stranger, 50), (buyer, 25)]
    assert (token.balanceOf(vesting), token.balanceOf(organiser)) == (175, SUPPLY - 175)
    assert (token.balanceOf(tokens.factory), token.allowance(tokens.factory, vesting)) == (0, 0)
    assert tokens.factory.instancesOf(organiser, 0, 9) == [predicted]


def test_launch__all_of_the_supply_is_vested__needs_no_recipient(
    tokens: TokenKit, plan: Any, project: Any, vesting: Any, buyer: Any
) -> None:
    receipt = launch(tokens, tokens.config(recipient=ZERO), [(plan, [(buyer, SUPPLY)])])
    token = project.Token.at(event(receipt, "TokenCreated").token)
    assert token.balanceOf(vesting) == token.totalSupply() == SUPPLY
    with reverts(tokens.factory.TokenFactoryConfigInvalid, field="recipient"):
        launch(tokens, tokens.config(recipient=ZERO), [(plan, [(buyer, SUPPLY - 1)])])


def test_launch__the_token_is_plain__vests_it_too(
    tokens: TokenKit, plan: Any, project: Any, vesting: Any, organiser: Any, buyer: Any
) -> None:
    receipt = launch(tokens, tokens.plain_config(), [(plan, [(buyer, 40)])])
    token = project.PlainToken.at(event(receipt, "TokenCreated").token)
    assert (token.balanceOf(vesting), token.balanceOf(organiser)) == (40, SUPPLY - 40)
    assert (token.balanceOf(tokens.factory), token.allowance(tokens.factory, vesting)) == (0, 0)


def test_launch__pol_is_sent_beyond_the_fee__gives_it_back(
    tokens: TokenKit, plan: Any, organiser: Any, buyer: Any
) -> None:
    held = tokens.factory.balance, organiser.balance
    launch(tokens, tokens.config(), [(plan, [(buyer, 1)])], value=3 * ETHER)
    assert (tokens.factory.balance - held[0], held[1] - organiser.balance) == (ETHER, ETHER)


def test_vesting__is_the_one_it_was_made_with(tokens: TokenKit, vesting: Any) -> None:
    assert tokens.factory.vesting() == vesting.address
