"""What the plain template accepts; see plain_token.tree."""

from typing import Any

import pytest

from tests.contracts.kit import ZERO, event
from tests.contracts.token_kit import PLAIN_ID, SUPPLY, TokenKit
from tests.evm import reverts


def test_initialize__the_caller_is_not_the_factory__reverts_token_not_factory(
    tokens: TokenKit, organiser: Any
) -> None:
    token = tokens.plain()
    with reverts(token.TokenNotFactory, caller=organiser):
        token.initialize(ZERO, organiser, SUPPLY, 0, sender=organiser)


def test_initialize__the_token_is_the_template__reverts_token_not_factory(
    tokens: TokenKit, project: Any, organiser: Any, chain: Any
) -> None:
    template = project.PlainToken.at(tokens.factory.templateOf(PLAIN_ID).implementation)
    for caller in (organiser, chain.impersonate(tokens.factory)):
        with reverts(template.TokenNotFactory, caller=caller):
            template.initialize.call(ZERO, organiser, 0, 0, sender=caller)
    assert (template.name(), template.symbol(), template.totalSupply()) == ("", "", 0)


def test_initialize__an_admin_is_given__reverts_token_config_invalid(
    tokens: TokenKit, project: Any, organiser: Any
) -> None:
    with reverts(project.PlainToken.TokenConfigInvalid, field="admin"):
        tokens.plain(admin=organiser)


@pytest.mark.parametrize("features", [1, 128])
def test_initialize__features_are_wanted__reverts_token_config_invalid(
    tokens: TokenKit, project: Any, features: int
) -> None:
    with reverts(project.PlainToken.TokenConfigInvalid, field="features"):
        tokens.plain(features=features)


def test_initialize__there_is_no_supply__reverts_token_config_invalid(tokens: TokenKit, project: Any) -> None:
    with reverts(project.PlainToken.TokenConfigInvalid, field="initialSupply"):
        tokens.plain(initialSupply=0, cap=0)


@pytest.mark.parametrize("cap", [0, SUPPLY + 1])
def test_initialize__the_cap_is_not_the_supply__reverts_token_config_invalid(
    tokens: TokenKit, project: Any, cap: int
) -> None:
    with reverts(project.PlainToken.TokenConfigInvalid, field="cap"):
        tokens.plain(cap=cap)


def test_initialize__any_plain_configuration__is_what_the_token_says(
    tokens: TokenKit, project: Any, buyer: Any
) -> None:
    receipt = tokens.send(tokens.plain_config(name="Plain", symbol="PLN", recipient=buyer))
    token = project.PlainToken.at(event(receipt, "TokenCreated").token)
    assert (token.name(), token.symbol(), token.totalSupply()) == ("Plain", "PLN", SUPPLY)
    assert token.balanceOf(buyer) == event(receipt, "Transfer").value == SUPPLY
    assert getattr(event(receipt, "Transfer"), "from") == ZERO
