"""ERC-20 of both templates; see erc20.tree."""

from typing import Any

import pytest

from tests.contracts.kit import ZERO, event
from tests.contracts.token_kit import FOREVER, SUPPLY
from tests.evm import reverts


def test_name__are_the_configuration_s(token: Any) -> None:
    assert (token.name(), token.symbol(), token.decimals()) == ("Tombola", "TMB", 18)


def test_total_supply__are_the_initial_supply_and_who_received_it(
    token: Any, organiser: Any, stranger: Any
) -> None:
    assert (token.totalSupply(), token.balanceOf(organiser), token.balanceOf(stranger)) == (SUPPLY, SUPPLY, 0)


def test_approve__the_spender_is_the_zero_address__reverts_erc20_invalid_spender(
    token: Any, organiser: Any
) -> None:
    with reverts(token.ERC20InvalidSpender, spender=ZERO):
        token.approve(ZERO, 1, sender=organiser)


def test_approve__the_owner_is_the_zero_address__reverts_erc20_invalid_approver(
    token: Any, chain: Any, buyer: Any
) -> None:
    with reverts(token.ERC20InvalidApprover, approver=ZERO):
        token.approve.call(buyer, 1, sender=chain.impersonate(ZERO))


def test_approve__any_amount__sets_the_allowance_and_says_so(
    token: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    for amount in (7, SUPPLY + 1, 0):
        receipt = token.approve(buyer, amount, sender=organiser)
        assert receipt.return_value is True
        said = event(receipt, "Approval")
        assert (said.owner, said.spender, said.value) == (organiser.address, buyer.address, amount)
        assert token.allowance(organiser, buyer) == amount
        assert token.allowance(organiser, stranger) == token.allowance(buyer, organiser) == 0


def test_transfer__the_receiver_is_the_zero_address__reverts_erc20_invalid_receiver(
    token: Any, organiser: Any
) -> None:
    with reverts(token.ERC20InvalidReceiver, receiver=ZERO):
        token.transfer(ZERO, 1, sender=organiser)


def test_transfer__the_sender_is_the_zero_address__reverts_erc20_invalid_sender(
    token: Any, chain: Any, buyer: Any
) -> None:
    with reverts(token.ERC20InvalidSender, sender=ZERO):
        token.transfer.call(buyer, 0, sender=chain.impersonate(ZERO))


@pytest.mark.parametrize("amount", [SUPPLY + 1, 2**184, FOREVER])
def test_transfer__the_balance_is_too_small__reverts_erc20_insufficient_balance(
    token: Any, organiser: Any, buyer: Any, amount: int
) -> None:
    with reverts(token.ERC20InsufficientBalance, sender=organiser, balance=SUPPLY, needed=amount):
        token.transfer(buyer, amount, sender=organiser)


@pytest.mark.parametrize("amount", [1, SUPPLY])
def test_transfer__the_balance_suffices__moves_the_amount_and_says_so(
    token: Any, organiser: Any, buyer: Any, amount: int
) -> None:
    receipt = token.transfer(buyer, amount, sender=organiser)
    assert receipt.return_value is True
    said = event(receipt, "Transfer")
    assert (getattr(said, "from"), said.to, said.value) == (organiser.address, buyer.address, amount)
    assert (token.balanceOf(organiser), token.balanceOf(buyer)) == (SUPPLY - amount, amount)
    assert token.totalSupply() == SUPPLY


@pytest.mark.parametrize("amount", [1, SUPPLY])
def test_transfer__the_receiver_is_the_sender__changes_nothing(
    token: Any, organiser: Any, amount: int
) -> None:
    token.transfer(organiser, amount, sender=organiser)
    assert token.balanceOf(organiser) == token.totalSupply() == SUPPLY


def test_transfer__the_amount_is_zero__changes_nothing_and_says_so(
    token: Any, buyer: Any, stranger: Any
) -> None:
    assert event(token.transfer(stranger, 0, sender=buyer), "Transfer").value == 0
    assert (token.balanceOf(buyer), token.balanceOf(stranger)) == (0, 0)


def test_transfer_from__the_allowance_is_too_small__reverts_erc20_insufficient_allowance(
    token: Any, organiser: Any, buyer: Any
) -> None:
    token.approve(buyer, 4, sender=organiser)
    with reverts(token.ERC20InsufficientAllowance, spender=buyer, allowance=4, needed=5):
        token.transferFrom(organiser, buyer, 5, sender=buyer)


def test_transfer_from__the_balance_does_not_suffice__reverts_erc20_insufficient_balance(
    token: Any, organiser: Any, buyer: Any
) -> None:
    token.approve(buyer, SUPPLY + 1, sender=organiser)
    with reverts(token.ERC20InsufficientBalance, sender=organiser, balance=SUPPLY, needed=SUPPLY + 1):
        token.transferFrom(organiser, buyer, SUPPLY + 1, sender=buyer)


def test_transfer_from__the_receiver_is_nobody__reverts_erc20_invalid_receiver(
    token: Any, organiser: Any, buyer: Any
) -> None:
    token.approve(buyer, 1, sender=organiser)
    with reverts(token.ERC20InvalidReceiver, receiver=ZERO):
        token.transferFrom(organiser, ZERO, 1, sender=buyer)


def test_transfer_from__the_allowance_suffices__moves_the_amount_and_uses_the_allowance(
    token: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    token.approve(buyer, 10, sender=organiser)
    receipt = token.transferFrom(organiser, stranger, 4, sender=buyer)
    assert receipt.return_value is True
    assert [log.event_name for log in receipt.events] == ["Transfer"]
    assert (token.balanceOf(stranger), token.allowance(organiser, buyer)) == (4, 6)
    token.transferFrom(organiser, stranger, 6, sender=buyer)
    assert (token.balanceOf(stranger), token.allowance(organiser, buyer)) == (10, 0)


def test_transfer_from__the_allowance_is_infinite__leaves_the_allowance(
    token: Any, organiser: Any, buyer: Any
) -> None:
    token.approve(buyer, FOREVER, sender=organiser)
    token.transferFrom(organiser, buyer, 5, sender=buyer)
    assert (token.balanceOf(buyer), token.allowance(organiser, buyer)) == (5, FOREVER)
