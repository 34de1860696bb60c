"""The fee: paying it, setting it, passing it on; see factory_fees.tree."""

from typing import Any

import pytest

from tests.contracts.kit import NATIVE_FACE, ZERO, event
from tests.contracts.token_kit import FOREVER, SALT, TokenKit
from tests.evm import reverts

ETHER = 10**18
REFUSE, REENTER = 1, 3


@pytest.fixture
def fee_token(tokens: TokenKit, coin: Any, owner: Any, organiser: Any) -> Any:
    """A creation costs 5 of it, which the organiser has approved."""
    tokens.factory.setFee(5, coin, sender=owner)
    coin.approve(tokens.factory, 5, sender=organiser)
    return coin


def test_create_token__the_fee_is_above_what_the_creator_pays__reverts_token_factory_fee_above_max(
    tokens: TokenKit, owner: Any
) -> None:
    tokens.factory.setFee(2 * ETHER, ZERO, sender=owner)
    with reverts(tokens.factory.TokenFactoryFeeAboveMax, fee=2 * ETHER, maxFee=2 * ETHER - 1):
        tokens.send(tokens.config(), maxFee=2 * ETHER - 1)
    tokens.send(tokens.config(), maxFee=2 * ETHER)


@pytest.mark.parametrize("sent", [0, ETHER - 1])
def test_create_token__less_pol_than_the_fee_is_sent__reverts_token_factory_fee_unpaid(
    tokens: TokenKit, sent: int
) -> None:
    with reverts(tokens.factory.TokenFactoryFeeUnpaid, sent=sent, fee=ETHER):
        tokens.send(tokens.config(), value=sent)


def test_create_token__pol_is_sent_for_a_fee_in_a_token__reverts_token_factory_value_unwanted(
    tokens: TokenKit, fee_token: Any
) -> None:
    with reverts(tokens.factory.TokenFactoryValueUnwanted, sent=1):
        tokens.send(tokens.config(), value=1)
    assert fee_token.balanceOf(tokens.factory) == 0


def test_create_token__the_fee_token_is_not_approved__reverts_erc20_insufficient_allowance(
    tokens: TokenKit, fee_token: Any, organiser: Any
) -> None:
    fee_token.approve(tokens.factory, 4, sender=organiser)
    with reverts("ERC20InsufficientAllowance", spender=tokens.factory, allowance=4, needed=5):
        tokens.create()
    assert tokens.factory.instancesOf(organiser, 0, 1) == []


def test_create_token__the_fee_token_delivers_less__reverts_token_factory_currency_refused(
    tokens: TokenKit, project: Any, owner: Any, organiser: Any
) -> None:
    taxed = owner.deploy(project.FeeERC20)
    taxed.mint(organiser, 10**6, sender=owner)
    taxed.approve(tokens.factory, 10**6, sender=organiser)
    tokens.factory.setFee(1_000, taxed, sender=owner)
    with reverts(tokens.factory.TokenFactoryCurrencyRefused, currency=taxed):
        tokens.create()


def test_create_token__the_creator_refuses_the_rest__reverts_token_factory_refund_failed(
    tokens: TokenKit, create_actor: Any, organiser: Any
) -> None:
    actor = create_actor()
    actor.behave(REFUSE, ZERO, b"", sender=organiser)
    data = tokens.factory.createToken.encode_input(tokens.config(), SALT, ETHER)
    with reverts(tokens.factory.TokenFactoryRefundFailed, to=actor, amount=1):
        actor.execute(tokens.factory, data, sender=organiser, value=ETHER + 1)
    actor.execute(tokens.factory, data, sender=organiser, value=ETHER)  # what is exact needs no way back
    assert len(tokens.factory.instancesOf(actor, 0, 9)) == 1


def test_create_token__the_creator_re_enters_with_the_rest__lets_fees_go_to_the_treasury_alone(
    tokens: TokenKit, create_actor: Any, organiser: Any, treasury: Any
) -> None:
    actor = create_actor()
    withdraw = tokens.factory.withdrawFees.encode_input(ZERO)
    actor.behave(REENTER, tokens.factory, withdraw, sender=organiser)
    held = treasury.balance
    for salt in (SALT, b"\x02" * 32):
        data = tokens.factory.createToken.encode_input(tokens.config(), salt, ETHER)
        actor.execute(tokens.factory, data, sender=organiser, value=3 * ETHER)
        assert actor.answer() == b"done"
    assert (treasury.balance - held, tokens.factory.balance) == (2 * ETHER, 0)
    assert (actor.balance, len(tokens.factory.instancesOf(actor, 0, 9))) == (4 * ETHER, 2)


def test_create_token__more_pol_than_the_fee_is_sent__keeps_the_fee_and_says_so(
    tokens: TokenKit, organiser: Any
) -> None:
    held = tokens.factory.balance, organiser.balance
    receipt = tokens.send(tokens.config(), value=3 * ETHER)
    said = event(receipt, "FeePaid")
    assert (said.token, said.payer) == (event(receipt, "TokenCreated").token, organiser)
    assert (said.currency, said.amount) == (ZERO, ETHER)
    assert (tokens.factory.balance - held[0], held[1] - organiser.balance) == (ETHER, ETHER)


def test_create_token__the_fee_is_in_a_token__takes_exactly_the_fee(
    tokens: TokenKit, fee_token: Any, organiser: Any
) -> None:
    held = fee_token.balanceOf(organiser)
    said = event(tokens.send(tokens.config(), maxFee=5), "FeePaid")
    assert (said.payer, said.currency, said.amount) == (organiser, fee_token, 5)
    assert (fee_token.balanceOf(tokens.factory), held - fee_token.balanceOf(organiser)) == (5, 5)


@pytest.mark.parametrize("in_token", [False, True])
def test_create_token__there_is_no_fee__gives_all_back(
    tokens: TokenKit, coin: Any, owner: Any, organiser: Any, in_token: bool
) -> None:
    tokens.factory.setFee(0, coin if in_token else ZERO, sender=owner)
    held = organiser.balance
    receipt = tokens.send(tokens.config(), maxFee=0, value=0 if in_token else ETHER)
    assert [log.event_name for log in receipt.events if log.event_name == "FeePaid"] == []
    assert (organiser.balance, tokens.factory.balance, coin.balanceOf(tokens.factory)) == (held, 0, 0)


def test_set_fee__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    tokens: TokenKit, stranger: Any
) -> None:
    with reverts(tokens.factory.OwnableUnauthorizedAccount, account=stranger):
        tokens.factory.setFee(0, ZERO, sender=stranger)


def test_set_fee__the_fee_is_above_the_ceiling__reverts_token_factory_fee_too_high(
    tokens: TokenKit, coin: Any, owner: Any, project: Any
) -> None:
    ceiling = 1_000 * ETHER
    for currency in (ZERO, coin):
        for fee in (ceiling + 1, 2**88, FOREVER):
            with reverts(tokens.factory.TokenFactoryFeeTooHigh, fee=fee, ceiling=ceiling):
                tokens.factory.setFee(fee, currency, sender=owner)
    with reverts(project.TokenFactory.TokenFactoryFeeTooHigh, fee=ceiling + 1, ceiling=ceiling):
        owner.deploy(project.TokenFactory, owner, owner, tokens.factory.vesting(), ceiling + 1, [])


def test_set_fee__the_currency_is_pol_s_other_face__reverts_token_factory_currency_refused(
    tokens: TokenKit, owner: Any
) -> None:
    with reverts(tokens.factory.TokenFactoryCurrencyRefused, currency=NATIVE_FACE):
        tokens.factory.setFee(1, NATIVE_FACE, sender=owner)


@pytest.mark.parametrize(("decimals", "ceiling"), [(0, 10**3), (6, 10**9), (18, 10**21), (24, 10**21)])
def test_set_fee__the_currency_has_other_decimals__has_a_ceiling_in_whole_units(
    tokens: TokenKit, project: Any, owner: Any, decimals: int, ceiling: int
) -> None:
    coin = owner.deploy(project.DecimalsERC20, decimals)
    assert tokens.factory.feeCeiling(coin) == ceiling
    tokens.factory.setFee(ceiling, coin, sender=owner)
    with reverts(tokens.factory.TokenFactoryFeeTooHigh, fee=ceiling + 1, ceiling=ceiling):
        tokens.factory.setFee(ceiling + 1, coin, sender=owner)


def test_set_fee__the_owner_sets_it__is_known_and_said(tokens: TokenKit, coin: Any, owner: Any) -> None:
    assert tokens.factory.feeCeiling(ZERO) == 1_000 * ETHER
    for fee, currency in ((1_000 * ETHER, coin), (3, ZERO), (0, ZERO)):
        said = event(tokens.factory.setFee(fee, currency, sender=owner), "FeeChanged")
        assert (said.fee, said.currency) == (fee, currency)
        assert (tokens.factory.fee(), tokens.factory.feeCurrency()) == (fee, currency)
        assert tokens.factory.isOpen()


def test_set_treasury__the_caller_does_not_own_the_factory__reverts_ownable_unauthorized_account(
    tokens: TokenKit, treasury: Any
) -> None:
    with reverts(tokens.factory.OwnableUnauthorizedAccount, account=treasury):
        tokens.factory.setTreasury(treasury, sender=treasury)


def test_set_treasury__the_treasury_is_the_zero_address__reverts_token_factory_treasury_invalid(
    tokens: TokenKit, owner: Any
) -> None:
    with reverts(tokens.factory.TokenFactoryTreasuryInvalid, treasury=ZERO):
        tokens.factory.setTreasury(ZERO, sender=owner)


def test_set_treasury__the_owner_chooses_one__is_known_and_said(
    tokens: TokenKit, owner: Any, stranger: Any
) -> None:
    said = event(tokens.factory.setTreasury(stranger, sender=owner), "TreasuryChanged")
    assert said.treasury == tokens.factory.treasury() == stranger.address


def test_withdraw_fees__there_is_nothing__reverts_token_factory_nothing_to_withdraw(
    tokens: TokenKit, coin: Any, owner: Any
) -> None:
    for currency in (ZERO, coin):
        with reverts(tokens.factory.TokenFactoryNothingToWithdraw, currency=currency):
            tokens.factory.withdrawFees(currency, sender=owner)


def test_withdraw_fees__the_treasury_refuses__reverts_token_factory_withdraw_failed(
    tokens: TokenKit, owner: Any, create_actor: Any
) -> None:
    actor = create_actor()
    actor.behave(REFUSE, ZERO, b"", sender=owner)
    tokens.create()
    tokens.factory.setTreasury(actor, sender=owner)
    with reverts(tokens.factory.TokenFactoryWithdrawFailed, to=actor, amount=ETHER):
        tokens.factory.withdrawFees(ZERO, sender=owner)


def test_withdraw_fees__there_is_pol__pays_the_treasury_whoever_calls(
    tokens: TokenKit, treasury: Any, stranger: Any
) -> None:
    for number in range(3):
        tokens.create(bytes([number]) * 32)
    held = treasury.balance
    said = event(tokens.factory.withdrawFees(ZERO, sender=stranger), "FeesWithdrawn")
    assert (said.to, said.amount, said.currency) == (treasury, 3 * ETHER, ZERO)
    assert (treasury.balance - held, tokens.factory.balance) == (3 * ETHER, 0)


def test_withdraw_fees__there_are_tokens__pays_the_treasury_in_them(
    tokens: TokenKit, fee_token: Any, treasury: Any, stranger: Any
) -> None:
    tokens.create()
    said = event(tokens.factory.withdrawFees(fee_token, sender=stranger), "FeesWithdrawn")
    assert (said.to, said.amount, said.currency) == (treasury, 5, fee_token)
    assert (fee_token.balanceOf(treasury), fee_token.balanceOf(tokens.factory)) == (5, 0)
