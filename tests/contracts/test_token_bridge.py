"""ERC-7802 within limits; see token_bridge.tree."""

from typing import Any

import pytest

from tests.contracts.kit import ZERO, event
from tests.contracts.token_kit import (
    ADMIN_ROLE,
    ALL_FEATURES,
    BRIDGE,
    BRIDGE_ROLE,
    MINTER_ROLE,
    SUPPLY,
    TokenKit,
)
from tests.evm import reverts

LIMIT, WINDOW = 100, 1_000


@pytest.fixture
def token(tokens: TokenKit) -> Any:
    """The organiser holds 600 of at most 1,000 and is the admin."""
    return tokens.create(features=ALL_FEATURES)


@pytest.fixture
def bridgeless(tokens: TokenKit) -> Any:
    return tokens.create(b"\x02" * 32, features=ALL_FEATURES - BRIDGE)


@pytest.fixture
def bridge(token: Any, organiser: Any, stranger: Any) -> Any:
    """May move 100 within 1,000 seconds, each way."""
    token.grantRole(BRIDGE_ROLE, stranger, sender=organiser)
    token.setBridgeLimit(stranger, LIMIT, WINDOW, sender=organiser)
    return stranger


def available(token: Any, bridge: Any) -> tuple[int, int]:
    found = token.bridgeAvailable(bridge)
    return found.mintable, found.burnable


def test_set_bridge_limit__the_token_has_no_bridges__reverts_token_feature_missing(
    bridgeless: Any, organiser: Any
) -> None:
    with reverts(bridgeless.TokenFeatureMissing, feature="bridge"):
        bridgeless.setBridgeLimit(organiser, 1, 1, sender=organiser)


def test_set_bridge_limit__the_caller_is_not_the_admin__reverts_access_control_unauthorized_account(
    token: Any, bridge: Any
) -> None:
    with reverts(token.AccessControlUnauthorizedAccount, account=bridge, neededRole=ADMIN_ROLE):
        token.setBridgeLimit(bridge, 1_000, 1, sender=bridge)


@pytest.mark.parametrize("window", [0, 2**40, 2**256 - 1])
def test_set_bridge_limit__the_window_is_nothing_or_for_ever__reverts_token_bridge_window_invalid(
    token: Any, organiser: Any, window: int
) -> None:
    with reverts(token.TokenBridgeWindowInvalid, window=window):
        token.setBridgeLimit(organiser, 1, window, sender=organiser)


def test_set_bridge_limit__the_limit_is_above_all_tokens__reverts_safe_cast_overflowed_uint_downcast(
    token: Any, organiser: Any
) -> None:
    with reverts(token.SafeCastOverflowedUintDowncast, bits=184, value=2**184):
        token.setBridgeLimit(organiser, 2**184, 1, sender=organiser)


@pytest.mark.parametrize(("limit", "window"), [(5, 1), (2**184 - 1, 2**40 - 1), (0, 60)])
def test_set_bridge_limit__the_admin_sets_it__is_known_and_said(
    token: Any, organiser: Any, buyer: Any, limit: int, window: int
) -> None:
    said = event(token.setBridgeLimit(buyer, limit, window, sender=organiser), "BridgeLimitChanged")
    assert (said.bridge, said.limit, said.window) == (buyer.address, limit, window)
    known = token.bridgeLimit(buyer)
    assert (known.limit, known.window) == (limit, window)
    assert available(token, buyer) == (limit, limit)


def test_set_bridge_limit__it_is_lowered_below_what_was_used__leaves_nothing_until_that_came_back(
    token: Any, organiser: Any, bridge: Any, chain: Any
) -> None:
    token.crosschainMint(bridge, 90, sender=bridge)
    token.setBridgeLimit(bridge, 50, WINDOW, sender=organiser)
    assert available(token, bridge) == (0, 50)
    with reverts(token.TokenBridgeLimitExceeded, bridge=bridge, amount=1, available=0):
        token.crosschainMint(bridge, 1, sender=bridge)
    chain.warp(WINDOW)
    assert available(token, bridge) == (50, 50)


def test_set_bridge_limit__it_is_raised_after_a_time__keeps_what_was_used_until_then(
    token: Any, organiser: Any, bridge: Any, chain: Any
) -> None:
    token.crosschainMint(bridge, 100, sender=bridge)
    chain.pending_timestamp = chain.timestamp + WINDOW // 2
    token.setBridgeLimit(bridge, 300, WINDOW, sender=organiser)  # half of 100 came back until now
    assert available(token, bridge) == (250, 300)


def test_bridge_available__there_is_no_limit__is_nothing(token: Any, organiser: Any, buyer: Any) -> None:
    token.grantRole(BRIDGE_ROLE, buyer, sender=organiser)
    assert available(token, buyer) == (0, 0)


def test_bridge_available__time_passes__comes_back_evenly_rounded_down(
    token: Any, bridge: Any, chain: Any
) -> None:
    token.crosschainMint(bridge, 80, sender=bridge)
    used_at = chain.timestamp
    for seconds, mintable in ((9, 20), (10, 21), (19, 21), (500, 70), (799, 99), (800, 100), (5_000, 100)):
        chain.warp(used_at + seconds - chain.timestamp)
        assert available(token, bridge) == (mintable, 100)


def test_crosschain_mint__the_token_knows_no_bridges__reverts_token_feature_missing(
    bridgeless: Any, organiser: Any
) -> None:
    bridgeless.grantRole(BRIDGE_ROLE, organiser, sender=organiser)
    with reverts(bridgeless.TokenFeatureMissing, feature="bridge"):
        bridgeless.crosschainMint(organiser, 1, sender=organiser)


def test_crosschain_mint__the_caller_is_no_bridge__reverts_access_control_unauthorized_account(
    token: Any, organiser: Any, buyer: Any
) -> None:
    token.grantRole(MINTER_ROLE, buyer, sender=organiser)
    for caller in (organiser, buyer):
        with reverts(token.AccessControlUnauthorizedAccount, account=caller, neededRole=BRIDGE_ROLE):
            token.crosschainMint(buyer, 1, sender=caller)


def test_crosschain_mint__the_bridge_has_no_limit__reverts_token_bridge_limit_exceeded(
    token: Any, organiser: Any, buyer: Any
) -> None:
    token.grantRole(BRIDGE_ROLE, buyer, sender=organiser)
    with reverts(token.TokenBridgeLimitExceeded, bridge=buyer, amount=1, available=0):
        token.crosschainMint(buyer, 1, sender=buyer)


def test_crosschain_mint__the_amount_is_above_what_is_left__reverts_token_bridge_limit_exceeded(
    token: Any, buyer: Any, bridge: Any, chain: Any
) -> None:
    with reverts(token.TokenBridgeLimitExceeded, bridge=bridge, amount=LIMIT + 1, available=LIMIT):
        token.crosschainMint(buyer, LIMIT + 1, sender=bridge)
    token.crosschainMint(buyer, LIMIT, sender=bridge)
    chain.pending_timestamp = chain.timestamp + 100  # a tenth comes back
    with reverts(token.TokenBridgeLimitExceeded, bridge=bridge, amount=11, available=10):
        token.crosschainMint(buyer, 11, sender=bridge)


def test_crosschain_mint__the_supply_would_be_above_the_cap__reverts_token_cap_exceeded(
    token: Any, organiser: Any, buyer: Any, bridge: Any
) -> None:
    token.setBridgeLimit(bridge, 1_000, WINDOW, sender=organiser)
    with reverts(token.TokenCapExceeded, supply=1_001, cap=1_000):
        token.crosschainMint(buyer, 401, sender=bridge)


def test_crosschain_mint__the_receiver_is_the_zero_address__reverts_erc20_invalid_receiver(
    token: Any, bridge: Any
) -> None:
    with reverts(token.ERC20InvalidReceiver, receiver=ZERO):
        token.crosschainMint(ZERO, 1, sender=bridge)


def test_crosschain_mint__the_amount_is_within_the_limit__mints_uses_the_limit_and_says_so(
    token: Any, buyer: Any, bridge: Any, chain: Any
) -> None:
    said = event(token.crosschainMint(buyer, 60, sender=bridge), "CrosschainMint")
    assert (said.to, said.amount, said.sender) == (buyer.address, 60, bridge.address)
    assert (token.balanceOf(buyer), token.totalSupply()) == (60, SUPPLY + 60)
    assert available(token, bridge) == (40, 100)
    chain.pending_timestamp = chain.timestamp + 200  # 20 come back
    token.crosschainMint(buyer, 60, sender=bridge)
    assert (token.balanceOf(buyer), available(token, bridge)) == (120, (0, 100))


def test_crosschain_mint__the_token_is_paused__lets_tokens_arrive(
    token: Any, organiser: Any, buyer: Any, bridge: Any
) -> None:
    token.pause(sender=organiser)
    token.crosschainMint(buyer, 5, sender=bridge)
    assert token.balanceOf(buyer) == 5


def test_crosschain_mint__another_bridge_used_its_limit__has_its_own(
    token: Any, organiser: Any, buyer: Any, bridge: Any
) -> None:
    token.grantRole(BRIDGE_ROLE, buyer, sender=organiser)
    token.setBridgeLimit(buyer, 7, WINDOW, sender=organiser)
    token.crosschainMint(buyer, LIMIT, sender=bridge)
    assert available(token, buyer) == (7, 7)
    token.crosschainMint(buyer, 7, sender=buyer)
    assert (token.balanceOf(buyer), available(token, bridge)[1]) == (107, 100)


def test_crosschain_burn__the_token_was_made_without_bridges__reverts_token_feature_missing(
    bridgeless: Any, organiser: Any
) -> None:
    bridgeless.grantRole(BRIDGE_ROLE, organiser, sender=organiser)
    with reverts(bridgeless.TokenFeatureMissing, feature="bridge"):
        bridgeless.crosschainBurn(organiser, 1, sender=organiser)


def test_crosschain_burn__the_caller_is_not_a_bridge__reverts_access_control_unauthorized_account(
    token: Any, organiser: Any
) -> None:
    with reverts(token.AccessControlUnauthorizedAccount, account=organiser, neededRole=BRIDGE_ROLE):
        token.crosschainBurn(organiser, 1, sender=organiser)


def test_crosschain_burn__the_bridge_may_not_burn_so_much__reverts_token_bridge_limit_exceeded(
    token: Any, organiser: Any, bridge: Any
) -> None:
    token.crosschainBurn(organiser, 30, sender=bridge)
    with reverts(token.TokenBridgeLimitExceeded, bridge=bridge, amount=80, available=70):
        token.crosschainBurn(organiser, 80, sender=bridge)


def test_crosschain_burn__the_account_holds_too_little__reverts_erc20_insufficient_balance(
    token: Any, buyer: Any, bridge: Any
) -> None:
    with reverts(token.ERC20InsufficientBalance, sender=buyer, balance=0, needed=1):
        token.crosschainBurn(buyer, 1, sender=bridge)


def test_crosschain_burn__the_token_is_paused_meanwhile__reverts_token_paused(
    token: Any, organiser: Any, bridge: Any
) -> None:
    token.pause(sender=organiser)
    with reverts(token.TokenPaused):
        token.crosschainBurn(organiser, 1, sender=bridge)


def test_crosschain_burn__the_bridge_may_burn_it__burns_uses_the_other_limit_and_says_so(
    token: Any, organiser: Any, bridge: Any
) -> None:
    token.delegate(organiser, sender=organiser)
    said = event(token.crosschainBurn(organiser, LIMIT, sender=bridge), "CrosschainBurn")
    assert (getattr(said, "from"), said.amount, said.sender) == (organiser.address, LIMIT, bridge.address)
    assert token.balanceOf(organiser) == token.totalSupply() == SUPPLY - LIMIT
    assert token.getVotes(organiser) == SUPPLY - LIMIT
    assert available(token, bridge) == (100, 0)
