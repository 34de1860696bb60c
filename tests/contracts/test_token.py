"""Set-up, supply, pause and roles of the full token; see token.tree."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_utils import keccak

from tests.contracts.kit import ZERO, event, now
from tests.contracts.token_kit import (
    ADMIN_ROLE,
    ALL_FEATURES,
    BRIDGE,
    BRIDGE_ROLE,
    BURN,
    FOREVER,
    FULL_ID,
    MINT,
    MINTER_ROLE,
    MOST,
    PAUSE,
    PAUSER_ROLE,
    SUPPLY,
    TokenKit,
    sign_authorization,
    sign_permit,
    split,
)
from tests.evm import reverts

CAP = 1_000


@pytest.fixture
def token(tokens: TokenKit) -> Any:
    """Has every feature; the organiser is its admin and holds 600 of at most 1,000."""
    return tokens.create(features=ALL_FEATURES)


@pytest.fixture
def bare(tokens: TokenKit) -> Any:
    """Has no feature, but an admin."""
    return tokens.create(features=0)


def test_initialize__the_caller_is_not_the_factory__reverts_token_not_factory(
    token: Any, organiser: Any
) -> None:
    with reverts(token.TokenNotFactory, caller=organiser):
        token.initialize(organiser, organiser, 1, 0, sender=organiser)


def test_initialize__the_token_is_the_template__reverts_token_not_factory(
    tokens: TokenKit, project: Any, organiser: Any, chain: Any
) -> None:
    template = project.Token.at(tokens.factory.templateOf(FULL_ID).implementation)
    for caller in (organiser, chain.impersonate(tokens.factory)):
        with reverts(template.TokenNotFactory, caller=caller):
            template.initialize.call(organiser, organiser, 1, 0, sender=caller)
    assert (template.name(), template.symbol(), template.totalSupply()) == ("", "", 0)


def test_initialize__the_token_was_set_up__reverts_token_already_initialized(
    token: Any, tokens: TokenKit, organiser: Any, chain: Any
) -> None:
    with reverts(token.TokenAlreadyInitialized):
        token.initialize.call(organiser, organiser, 1, 0, sender=chain.impersonate(tokens.factory))


def test_initialize__the_token_was_set_up_without_a_supply__reverts_token_already_initialized(
    tokens: TokenKit, organiser: Any, chain: Any
) -> None:
    token = tokens.create(initialSupply=0)
    assert token.totalSupply() == 0
    with reverts(token.TokenAlreadyInitialized):
        token.initialize.call(organiser, organiser, 0, 0, sender=chain.impersonate(tokens.factory))


@pytest.mark.parametrize("features", [16, 31, 255])
def test_initialize__a_feature_is_unknown__reverts_token_config_invalid(
    tokens: TokenKit, project: Any, features: int
) -> None:
    with reverts(project.Token.TokenConfigInvalid, field="features"):
        tokens.create(features=features)


@pytest.mark.parametrize("features", [MINT, PAUSE, BRIDGE, ALL_FEATURES])
def test_initialize__a_role_has_no_admin__reverts_token_config_invalid(
    tokens: TokenKit, project: Any, features: int
) -> None:
    with reverts(project.Token.TokenConfigInvalid, field="admin"):
        tokens.create(features=features, admin=ZERO)


@pytest.mark.parametrize("features", [0, BURN, PAUSE])
def test_initialize__there_could_never_be_any__reverts_token_config_invalid(
    tokens: TokenKit, project: Any, features: int
) -> None:
    with reverts(project.Token.TokenConfigInvalid, field="initialSupply"):
        tokens.create(features=features, initialSupply=0)


@pytest.mark.parametrize("features", [0, BURN])
def test_initialize__there_is_no_admin__gives_nobody_a_role(
    tokens: TokenKit, organiser: Any, features: int
) -> None:
    receipt = tokens.send(tokens.config(features=features, admin=ZERO))
    assert [log.event_name for log in receipt.events if log.event_name.startswith("Role")] == []
    token = tokens.project.Token.at(event(receipt, "TokenCreated").token)
    for account in (ZERO, organiser, tokens.factory):
        assert not token.hasRole(ADMIN_ROLE, account)


def test_initialize__any_configuration__is_what_the_token_says(
    tokens: TokenKit, organiser: Any, buyer: Any
) -> None:
    token = tokens.create(name="Some", symbol="SOM", recipient=buyer, cap=700, features=MINT | PAUSE)
    assert (token.name(), token.symbol(), token.cap(), token.features()) == ("Some", "SOM", 700, MINT | PAUSE)
    assert token.balanceOf(buyer) == token.totalSupply() == SUPPLY
    assert token.hasRole(ADMIN_ROLE, organiser)
    for account in (tokens.factory, buyer, tokens.factory.owner()):
        assert not token.hasRole(ADMIN_ROLE, account)


def test_cap__none_was_chosen__is_all_that_votes_can_count(tokens: TokenKit, organiser: Any) -> None:
    token = tokens.create(cap=0)
    assert token.cap() == MOST
    token.mint(organiser, MOST - SUPPLY, sender=organiser)
    assert token.totalSupply() == token.balanceOf(organiser) == MOST
    token.transfer(ZERO[:-1] + "9", MOST, sender=organiser)
    assert token.balanceOf(ZERO[:-1] + "9") == MOST


def test_cap__one_was_chosen__is_that(tokens: TokenKit) -> None:
    for number, cap in enumerate((SUPPLY, MOST)):
        assert tokens.create(bytes([number]) * 32, cap=cap).cap() == cap


@pytest.mark.parametrize("features", range(16))
def test_features__are_the_configuration_s(tokens: TokenKit, features: int) -> None:
    assert tokens.create(features=features).features() == features


def test_features__are_none_for_the_template(tokens: TokenKit, project: Any, organiser: Any) -> None:
    template = project.Token.at(tokens.factory.templateOf(FULL_ID).implementation)
    assert template.features() == 0
    with reverts(template.TokenFeatureMissing, feature="burn"):
        template.burn(0, sender=organiser)


def test_mint__the_token_has_no_mint__reverts_token_feature_missing(tokens: TokenKit, organiser: Any) -> None:
    token = tokens.create(features=ALL_FEATURES - MINT)
    with reverts(token.TokenFeatureMissing, feature="mint"):
        token.mint(organiser, 1, sender=organiser)


def test_mint__the_caller_is_neither_minter_nor_admin__reverts_access_control_unauthorized_account(
    token: Any, organiser: Any, stranger: Any
) -> None:
    token.grantRole(PAUSER_ROLE, stranger, sender=organiser)
    token.grantRole(BRIDGE_ROLE, stranger, sender=organiser)
    with reverts(token.AccessControlUnauthorizedAccount, account=stranger, neededRole=MINTER_ROLE):
        token.mint(stranger, 1, sender=stranger)


def test_mint__the_receiver_is_the_zero_address__reverts_erc20_invalid_receiver(
    token: Any, organiser: Any
) -> None:
    with reverts(token.ERC20InvalidReceiver, receiver=ZERO):
        token.mint(ZERO, 1, sender=organiser)


def test_mint__the_supply_would_be_above_the_cap__reverts_token_cap_exceeded(
    token: Any, organiser: Any
) -> None:
    with reverts(token.TokenCapExceeded, supply=CAP + 1, cap=CAP):
        token.mint(organiser, CAP - SUPPLY + 1, sender=organiser)


def test_mint__the_supply_would_be_above_all_numbers__reverts_token_cap_exceeded(
    tokens: TokenKit, organiser: Any
) -> None:
    token = tokens.create(cap=0)
    for amount, supply in ((MOST, MOST + SUPPLY), (FOREVER, FOREVER)):
        with reverts(token.TokenCapExceeded, supply=supply, cap=MOST):
            token.mint(organiser, amount, sender=organiser)


def test_mint__a_minter_mints_up_to_the_cap__creates_the_tokens_and_says_so(
    token: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    token.grantRole(MINTER_ROLE, stranger, sender=organiser)
    said = event(token.mint(buyer, CAP - SUPPLY, sender=stranger), "Transfer")
    assert (getattr(said, "from"), said.to, said.value) == (ZERO, buyer.address, CAP - SUPPLY)
    assert (token.totalSupply(), token.balanceOf(buyer)) == (CAP, CAP - SUPPLY)


def test_mint__the_admin_mints__creates_the_admin_s_tokens(token: Any, organiser: Any) -> None:
    token.mint(organiser, 5, sender=organiser)
    assert token.balanceOf(organiser) == SUPPLY + 5


def test_mint__tokens_were_burnt_at_the_cap__creates_as_many_again(token: Any, organiser: Any) -> None:
    token.mint(organiser, CAP - SUPPLY, sender=organiser)
    token.burn(100, sender=organiser)
    token.mint(organiser, 100, sender=organiser)
    assert token.totalSupply() == CAP


def test_burn__the_token_has_no_burn__reverts_token_feature_missing(tokens: TokenKit, organiser: Any) -> None:
    token = tokens.create(features=ALL_FEATURES - BURN)
    with reverts(token.TokenFeatureMissing, feature="burn"):
        token.burn(1, sender=organiser)


def test_burn__the_balance_is_too_small__reverts_erc20_insufficient_balance(token: Any, buyer: Any) -> None:
    with reverts(token.ERC20InsufficientBalance, sender=buyer, balance=0, needed=1):
        token.burn(1, sender=buyer)


def test_burn__the_balance_suffices__destroys_the_tokens_and_says_so(token: Any, organiser: Any) -> None:
    said = event(token.burn(SUPPLY - 1, sender=organiser), "Transfer")
    assert (getattr(said, "from"), said.to, said.value) == (organiser.address, ZERO, SUPPLY - 1)
    assert token.totalSupply() == token.balanceOf(organiser) == 1
    assert token.balanceOf(ZERO) == 0


def test_burn_from__tokens_of_it_cannot_be_burnt__reverts_token_feature_missing(
    bare: Any, organiser: Any, buyer: Any
) -> None:
    bare.approve(buyer, 1, sender=organiser)
    with reverts(bare.TokenFeatureMissing, feature="burn"):
        bare.burnFrom(organiser, 1, sender=buyer)


def test_burn_from__the_allowance_is_too_small__reverts_erc20_insufficient_allowance(
    token: Any, organiser: Any, buyer: Any
) -> None:
    token.approve(buyer, 4, sender=organiser)
    with reverts(token.ERC20InsufficientAllowance, spender=buyer, allowance=4, needed=5):
        token.burnFrom(organiser, 5, sender=buyer)


def test_burn_from__the_account_is_the_zero_address__reverts_erc20_invalid_sender(
    token: Any, buyer: Any
) -> None:
    with reverts(token.ERC20InvalidSender, sender=ZERO):
        token.burnFrom(ZERO, 0, sender=buyer)


def test_burn_from__the_allowance_suffices__destroys_the_tokens_and_uses_the_allowance(
    token: Any, organiser: Any, buyer: Any
) -> None:
    token.approve(buyer, 5, sender=organiser)
    token.burnFrom(organiser, 3, sender=buyer)
    assert (token.totalSupply(), token.balanceOf(organiser)) == (SUPPLY - 3, SUPPLY - 3)
    assert token.allowance(organiser, buyer) == 2


def test_pause__the_token_has_no_pause__reverts_token_feature_missing(
    tokens: TokenKit, organiser: Any
) -> None:
    token = tokens.create(features=ALL_FEATURES - PAUSE)
    with reverts(token.TokenFeatureMissing, feature="pause"):
        token.pause(sender=organiser)


def test_pause__the_caller_is_neither_pauser_nor_admin__reverts_access_control_unauthorized_account(
    token: Any, organiser: Any, stranger: Any
) -> None:
    token.grantRole(MINTER_ROLE, stranger, sender=organiser)
    with reverts(token.AccessControlUnauthorizedAccount, account=stranger, neededRole=PAUSER_ROLE):
        token.pause(sender=stranger)
    assert not token.paused()


def test_pause__it_is_paused__reverts_token_paused(token: Any, organiser: Any) -> None:
    token.pause(sender=organiser)
    with reverts(token.TokenPaused):
        token.pause(sender=organiser)


def test_pause__a_pauser_pauses__says_so(token: Any, organiser: Any, stranger: Any) -> None:
    token.grantRole(PAUSER_ROLE, stranger, sender=organiser)
    assert event(token.pause(sender=stranger), "Paused").account == stranger.address
    assert token.paused()


def moves(token: Any, organiser: Any, buyer: Any, chain: Any) -> list[Callable[[], Any]]:
    """Every way that the organiser's tokens can get to the buyer."""
    token.approve(buyer, 1, sender=organiser)
    calls = [
        lambda: token.transfer(buyer, 1, sender=organiser),
        lambda: token.transferFrom(organiser, buyer, 1, sender=buyer),
    ]
    for name in ("transferWithAuthorization", "receiveWithAuthorization"):
        terms = (organiser.address, buyer.address, 1, 0, now(chain) + 600, keccak(text=name))
        signature = sign_authorization(token, organiser, name, terms)
        call = getattr(token, name)
        calls.append(lambda call=call, terms=terms, sig=signature: call(*terms, sig, sender=buyer))
    return calls


def test_pause__tokens_are_moved__reverts_token_paused(
    token: Any, organiser: Any, buyer: Any, chain: Any
) -> None:
    calls = moves(token, organiser, buyer, chain)
    token.pause(sender=organiser)
    for call in calls:
        with reverts(token.TokenPaused):
            call()
    assert token.balanceOf(organiser) == SUPPLY


def test_pause__anything_but_a_move_is_done__goes_on(
    token: Any, organiser: Any, buyer: Any, chain: Any
) -> None:
    token.pause(sender=organiser)
    token.approve(buyer, 5, sender=organiser)
    token.burnFrom(organiser, 1, sender=buyer)
    deadline = now(chain) + 600
    signature = sign_permit(token, organiser, buyer, 9, deadline)
    token.permit(organiser, buyer, 9, deadline, *split(signature), sender=buyer)
    token.delegate(buyer, sender=organiser)
    token.mint(organiser, 3, sender=organiser)
    token.burn(2, sender=organiser)
    assert token.balanceOf(organiser) == token.getVotes(buyer) == SUPPLY
    assert token.allowance(organiser, buyer) == 9


def test_unpause__the_token_cannot_be_paused__reverts_token_feature_missing(
    bare: Any, organiser: Any
) -> None:
    with reverts(bare.TokenFeatureMissing, feature="pause"):
        bare.unpause(sender=organiser)


def test_unpause__the_caller_is_neither_pauser_nor_admin__reverts_access_control_unauthorized_account(
    token: Any, organiser: Any, stranger: Any
) -> None:
    token.pause(sender=organiser)
    with reverts(token.AccessControlUnauthorizedAccount, account=stranger, neededRole=PAUSER_ROLE):
        token.unpause(sender=stranger)


def test_unpause__it_is_not_paused__reverts_token_not_paused(token: Any, organiser: Any) -> None:
    with reverts(token.TokenNotPaused):
        token.unpause(sender=organiser)


def test_unpause__a_pauser_unpauses__lets_tokens_move_again(
    token: Any, organiser: Any, buyer: Any, stranger: Any, chain: Any
) -> None:
    calls = moves(token, organiser, buyer, chain)
    token.grantRole(PAUSER_ROLE, stranger, sender=organiser)
    token.pause(sender=stranger)
    assert event(token.unpause(sender=stranger), "Unpaused").account == stranger.address
    assert not token.paused()
    for call in calls:
        call()
    assert token.balanceOf(buyer) == len(calls) == 4


def test_grant_role__the_caller_is_not_the_admin__reverts_access_control_unauthorized_account(
    token: Any, organiser: Any, stranger: Any
) -> None:
    token.grantRole(MINTER_ROLE, stranger, sender=organiser)
    for call in (token.grantRole, token.revokeRole):
        with reverts(token.AccessControlUnauthorizedAccount, account=stranger, neededRole=ADMIN_ROLE):
            call(MINTER_ROLE, stranger, sender=stranger)


def test_grant_role__the_admin_grants_and_revokes__counts_at_once_and_says_so(
    token: Any, organiser: Any, stranger: Any
) -> None:
    granted = event(token.grantRole(MINTER_ROLE, stranger, sender=organiser), "RoleGranted")
    assert (granted.role, granted.account, granted.sender) == (MINTER_ROLE, stranger, organiser)
    token.mint(stranger, 1, sender=stranger)
    revoked = event(token.revokeRole(MINTER_ROLE, stranger, sender=organiser), "RoleRevoked")
    assert (revoked.role, revoked.account) == (MINTER_ROLE, stranger)
    with reverts(token.AccessControlUnauthorizedAccount, account=stranger):
        token.mint(stranger, 1, sender=stranger)


def test_renounce_role__the_caller_names_another__reverts_access_control_bad_confirmation(
    token: Any, organiser: Any, stranger: Any
) -> None:
    with reverts(token.AccessControlBadConfirmation):
        token.renounceRole(ADMIN_ROLE, organiser, sender=stranger)


def test_renounce_role__the_admin_renounces__leaves_the_token_without_one(
    token: Any, organiser: Any, stranger: Any
) -> None:
    token.grantRole(MINTER_ROLE, organiser, sender=organiser)
    token.renounceRole(ADMIN_ROLE, organiser, sender=organiser)
    for call in (
        lambda: token.pause(sender=organiser),
        lambda: token.grantRole(PAUSER_ROLE, organiser, sender=organiser),
        lambda: token.setBridgeLimit(stranger, 1, 1, sender=organiser),
    ):
        with reverts(token.AccessControlUnauthorizedAccount, account=organiser):
            call()
    token.mint(organiser, 1, sender=organiser)  # a role that was given by name stays
    assert token.balanceOf(organiser) == SUPPLY + 1


def test_has_role__the_admin__is_neither_minter_nor_pauser_by_name(token: Any, organiser: Any) -> None:
    assert token.hasRole(ADMIN_ROLE, organiser)
    for role in (MINTER_ROLE, PAUSER_ROLE, BRIDGE_ROLE):
        assert not token.hasRole(role, organiser)


def test_default_admin_role__are_hashes_of_their_names_under_the_admin(token: Any) -> None:
    assert token.DEFAULT_ADMIN_ROLE() == ADMIN_ROLE
    roles = (token.MINTER_ROLE(), token.PAUSER_ROLE(), token.BRIDGE_ROLE())
    assert roles == tuple(keccak(text=f"{name}_ROLE") for name in ("MINTER", "PAUSER", "BRIDGE"))
    assert {token.getRoleAdmin(role) for role in roles} == {ADMIN_ROLE}


# Interface ids as their standards state them, or computed from the standards' signatures.
INTERFACES = {
    "ERC-165": "01ffc9a7",
    "ERC-20": "36372b07",
    "ERC-20 metadata": "a219a025",
    "ERC-2612": "9d8ff7da",
    "ERC-5267": "84b0196e",
    "ERC-6372": "da287a1d",
    "ERC-5805 votes": "e90fb3f6",
    "AccessControl": "7965db0b",
    "ERC-7802": "33331994",
}


@pytest.mark.parametrize("interface", INTERFACES.values(), ids=INTERFACES.keys())
def test_supports_interface__the_standard_is_one_of_the_token_s__is_true(token: Any, interface: str) -> None:
    assert token.supportsInterface(bytes.fromhex(interface))
    for none in (b"\xff" * 4, bytes(4)):
        assert not token.supportsInterface(none)


def test_supports_interface__the_token_has_no_bridges__is_false_for_erc_7802(bare: Any) -> None:
    assert not bare.supportsInterface(bytes.fromhex(INTERFACES["ERC-7802"]))
    assert bare.supportsInterface(bytes.fromhex(INTERFACES["ERC-20"]))
