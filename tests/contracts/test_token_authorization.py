"""Authorised transfers of both templates; see token_authorization.tree."""

from typing import Any

import pytest

from tests.contracts.kit import ZERO, event, now
from tests.contracts.token_kit import SUPPLY, digest, kind_of, sign, sign_authorization
from tests.evm import reverts

AMOUNT = 50
NONCE = b"\x07" * 32
TRANSFER, RECEIVE = "transferWithAuthorization", "receiveWithAuthorization"
both = pytest.mark.parametrize("function", [TRANSFER, RECEIVE])


@pytest.fixture
def deadline(chain: Any) -> int:
    return int(now(chain)) + 600


def terms(signer: Any, receiver: Any, deadline: int, **changes: Any) -> tuple[Any, ...]:
    """The words of an authorization of `AMOUNT`, good until the deadline."""
    values = {
        "from": signer.address,
        "to": receiver.address,
        "value": AMOUNT,
        "validAfter": 0,
        "validBefore": deadline,
        "nonce": NONCE,
    }
    return tuple((values | changes).values())


@both
def test_transfer_with_authorization__the_window_begins_this_second__reverts_erc3009_invalid_authorization_time(
    token: Any, organiser: Any, buyer: Any, chain: Any, deadline: int, function: str
) -> None:
    start = now(chain) + 100
    words = terms(organiser, buyer, deadline, validAfter=start)
    signature = sign_authorization(token, organiser, function, words)
    chain.pending_timestamp = start
    with reverts(token.ERC3009InvalidAuthorizationTime, validAfter=start, validBefore=deadline):
        getattr(token, function)(*words, signature, sender=buyer)


@both
def test_transfer_with_authorization__the_window_ends_this_second__reverts_erc3009_invalid_authorization_time(
    token: Any, organiser: Any, buyer: Any, chain: Any, deadline: int, function: str
) -> None:
    words = terms(organiser, buyer, deadline)
    signature = sign_authorization(token, organiser, function, words)
    chain.pending_timestamp = deadline
    with reverts(token.ERC3009InvalidAuthorizationTime, validAfter=0, validBefore=deadline):
        getattr(token, function)(*words, signature, sender=buyer)


@both
def test_transfer_with_authorization__the_window_is_this_second_alone__moves_the_amount_in_time(
    token: Any, organiser: Any, buyer: Any, chain: Any, deadline: int, function: str
) -> None:
    words = terms(organiser, buyer, deadline + 1, validAfter=deadline - 1)
    signature = sign_authorization(token, organiser, function, words)
    chain.pending_timestamp = deadline
    getattr(token, function)(*words, signature, sender=buyer)
    assert token.balanceOf(buyer) == AMOUNT


@both
def test_transfer_with_authorization__another_signed__reverts_erc3009_invalid_signature(
    token: Any, organiser: Any, buyer: Any, deadline: int, function: str
) -> None:
    words = terms(organiser, buyer, deadline)
    for signature in (sign_authorization(token, buyer, function, words), b"", bytes(65)):
        with reverts(token.ERC3009InvalidSignature):
            getattr(token, function)(*words, signature, sender=buyer)
    assert not token.authorizationState(organiser, NONCE)


@both
def test_transfer_with_authorization__the_other_function_was_signed__reverts_erc3009_invalid_signature(
    token: Any, organiser: Any, buyer: Any, deadline: int, function: str
) -> None:
    words = terms(organiser, buyer, deadline)
    other = {TRANSFER: RECEIVE, RECEIVE: TRANSFER}[function]
    signature = sign_authorization(token, organiser, other, words)
    with reverts(token.ERC3009InvalidSignature):
        getattr(token, function)(*words, signature, sender=buyer)


@both
def test_transfer_with_authorization__another_clone_was_signed_for__reverts_erc3009_invalid_signature(
    token: Any, twin: Any, organiser: Any, buyer: Any, deadline: int, function: str
) -> None:
    words = terms(organiser, buyer, deadline)
    signature = sign_authorization(twin, organiser, function, words)
    with reverts(token.ERC3009InvalidSignature):
        getattr(token, function)(*words, signature, sender=buyer)


@both
def test_transfer_with_authorization__another_chain_was_signed_for__reverts_erc3009_invalid_signature(
    token: Any, organiser: Any, buyer: Any, deadline: int, function: str
) -> None:
    words = terms(organiser, buyer, deadline)
    signature = sign_authorization(token, organiser, function, words, chainId=137)
    with reverts(token.ERC3009InvalidSignature):
        getattr(token, function)(*words, signature, sender=buyer)


@both
@pytest.mark.parametrize("position", range(6))
def test_transfer_with_authorization__a_word_differs_from_what_was_signed__reverts_erc3009_invalid_signature(
    token: Any, organiser: Any, buyer: Any, stranger: Any, deadline: int, function: str, position: int
) -> None:
    signature = sign_authorization(token, organiser, function, terms(organiser, buyer, deadline))
    changed = (stranger.address, stranger.address, AMOUNT + 1, 1, deadline + 1, bytes(32))[position]
    words = terms(organiser, buyer, deadline)
    words = (*words[:position], changed, *words[position + 1 :])
    with reverts(token.ERC3009InvalidSignature):
        getattr(token, function)(*words, signature, sender=stranger if position == 1 else buyer)


@both
def test_transfer_with_authorization__the_nonce_was_used__reverts_erc3009_used_authorization(
    token: Any, organiser: Any, buyer: Any, deadline: int, function: str
) -> None:
    words = terms(organiser, buyer, deadline)
    signature = sign_authorization(token, organiser, function, words)
    getattr(token, function)(*words, signature, sender=buyer)
    for value in (AMOUNT, AMOUNT + 1):
        again = terms(organiser, buyer, deadline, value=value)
        signed = sign_authorization(token, organiser, function, again)
        with reverts(token.ERC3009UsedAuthorization, authorizer=organiser, nonce=NONCE):
            getattr(token, function)(*again, signed, sender=buyer)
    assert token.balanceOf(buyer) == AMOUNT


@both
def test_transfer_with_authorization__the_nonce_was_cancelled__reverts_erc3009_used_authorization(
    token: Any, organiser: Any, buyer: Any, deadline: int, function: str
) -> None:
    cancelled = sign(token, organiser, "CancelAuthorization", (organiser.address, NONCE))
    token.cancelAuthorization(organiser, NONCE, cancelled, sender=organiser)
    words = terms(organiser, buyer, deadline)
    signature = sign_authorization(token, organiser, function, words)
    with reverts(token.ERC3009UsedAuthorization, authorizer=organiser, nonce=NONCE):
        getattr(token, function)(*words, signature, sender=buyer)


@both
def test_transfer_with_authorization__the_signer_holds_too_little__reverts_erc20_insufficient_balance(
    token: Any, organiser: Any, buyer: Any, deadline: int, function: str
) -> None:
    words = terms(organiser, buyer, deadline, value=SUPPLY + 1)
    signature = sign_authorization(token, organiser, function, words)
    with reverts(token.ERC20InsufficientBalance, sender=organiser, balance=SUPPLY, needed=SUPPLY + 1):
        getattr(token, function)(*words, signature, sender=buyer)
    assert not token.authorizationState(organiser, NONCE)


def test_transfer_with_authorization__the_receiver_is_the_zero_address__reverts_erc20_invalid_receiver(
    token: Any, organiser: Any, buyer: Any, deadline: int
) -> None:
    words = terms(organiser, buyer, deadline, to=ZERO)
    signature = sign_authorization(token, organiser, TRANSFER, words)
    with reverts(token.ERC20InvalidReceiver, receiver=ZERO):
        token.transferWithAuthorization(*words, signature, sender=buyer)


def test_transfer_with_authorization__another_submits_the_receiver_s_authorization__reverts_erc3009_invalid_caller(
    token: Any, organiser: Any, buyer: Any, stranger: Any, deadline: int
) -> None:
    words = terms(organiser, buyer, deadline)
    signature = sign_authorization(token, organiser, RECEIVE, words)
    for caller in (stranger, organiser):
        with reverts(token.ERC3009InvalidCaller, caller=caller, to=buyer):
            token.receiveWithAuthorization(*words, signature, sender=caller)


@both
def test_transfer_with_authorization__the_signer_signed__moves_the_amount_uses_the_nonce_and_says_so(
    token: Any, organiser: Any, buyer: Any, stranger: Any, deadline: int, function: str
) -> None:
    words = terms(organiser, buyer, deadline)
    signature = sign_authorization(token, organiser, function, words)
    receipt = getattr(token, function)(*words, signature, sender=stranger if function == TRANSFER else buyer)
    used, moved = event(receipt, "AuthorizationUsed"), event(receipt, "Transfer")
    assert (used.authorizer, used.nonce) == (organiser.address, NONCE)
    assert (getattr(moved, "from"), moved.to, moved.value) == (organiser.address, buyer.address, AMOUNT)
    assert (token.balanceOf(organiser), token.balanceOf(buyer)) == (SUPPLY - AMOUNT, AMOUNT)
    assert token.authorizationState(organiser, NONCE)
    assert not token.authorizationState(buyer, NONCE)
    assert token.nonces(organiser) == 0


def test_transfer_with_authorization__nonces_come_in_any_order__takes_each_once(
    token: Any, organiser: Any, buyer: Any, deadline: int
) -> None:
    for number in (9, 2, 5):
        words = terms(organiser, buyer, deadline, nonce=number.to_bytes(32))
        signature = sign_authorization(token, organiser, TRANSFER, words)
        token.transferWithAuthorization(*words, signature, sender=buyer)
    assert token.balanceOf(buyer) == 3 * AMOUNT


@both
def test_transfer_with_authorization__the_signer_is_a_contract_that_signed__moves_the_contract_s_tokens(
    token: Any, wallet: Any, organiser: Any, buyer: Any, deadline: int, function: str
) -> None:
    token.transfer(wallet, AMOUNT, sender=organiser)
    words = terms(wallet, buyer, deadline)
    wallet.approveSignature(digest(token, kind_of(function), words), b"agreed", sender=buyer)
    getattr(token, function)(*words, b"agreed", sender=buyer)
    assert (token.balanceOf(wallet), token.balanceOf(buyer)) == (0, AMOUNT)
    with reverts(token.ERC3009UsedAuthorization, authorizer=wallet, nonce=NONCE):
        getattr(token, function)(*words, b"agreed", sender=buyer)


@both
def test_transfer_with_authorization__the_signer_is_a_contract_that_did_not_sign__reverts_erc3009_invalid_signature(
    token: Any, wallet: Any, organiser: Any, buyer: Any, deadline: int, function: str
) -> None:
    token.transfer(wallet, AMOUNT, sender=organiser)
    words = terms(wallet, buyer, deadline)
    wallet.approveSignature(digest(token, kind_of(function), words), b"agreed", sender=buyer)
    for signature in (b"", b"agree", sign_authorization(token, organiser, function, words)):
        with reverts(token.ERC3009InvalidSignature):
            getattr(token, function)(*words, signature, sender=buyer)


def test_cancel_authorization__another_than_the_authorizer_signed__reverts_erc3009_invalid_signature(
    token: Any, twin: Any, organiser: Any, buyer: Any
) -> None:
    words = (organiser.address, NONCE)
    for signature in (
        sign(token, buyer, "CancelAuthorization", words),
        sign(twin, organiser, "CancelAuthorization", words),
        sign(token, organiser, "CancelAuthorization", (organiser.address, bytes(32))),
    ):
        with reverts(token.ERC3009InvalidSignature):
            token.cancelAuthorization(organiser, NONCE, signature, sender=buyer)


def test_cancel_authorization__the_authorization_was_used__reverts_erc3009_used_authorization(
    token: Any, organiser: Any, buyer: Any, deadline: int
) -> None:
    words = terms(organiser, buyer, deadline)
    signature = sign_authorization(token, organiser, TRANSFER, words)
    token.transferWithAuthorization(*words, signature, sender=buyer)
    cancelled = sign(token, organiser, "CancelAuthorization", (organiser.address, NONCE))
    with reverts(token.ERC3009UsedAuthorization, authorizer=organiser, nonce=NONCE):
        token.cancelAuthorization(organiser, NONCE, cancelled, sender=organiser)


def test_cancel_authorization__the_authorizer_signed__uses_the_nonce_up_and_says_so(
    token: Any, organiser: Any, stranger: Any
) -> None:
    cancelled = sign(token, organiser, "CancelAuthorization", (organiser.address, NONCE))
    said = event(
        token.cancelAuthorization(organiser, NONCE, cancelled, sender=stranger), "AuthorizationCanceled"
    )
    assert (said.authorizer, said.nonce) == (organiser.address, NONCE)
    assert token.authorizationState(organiser, NONCE)


def test_cancel_authorization__the_authorizer_is_a_contract_that_signed__uses_the_contract_s_nonce_up(
    token: Any, wallet: Any, buyer: Any
) -> None:
    hashed = digest(token, "CancelAuthorization", (wallet.address, NONCE))
    wallet.approveSignature(hashed, b"never mind", sender=buyer)
    token.cancelAuthorization(wallet, NONCE, b"never mind", sender=buyer)
    assert token.authorizationState(wallet, NONCE)


def test_authorization_state__nothing_was_signed__is_false(token: Any, organiser: Any) -> None:
    assert not token.authorizationState(organiser, NONCE)
    assert not token.authorizationState(ZERO, bytes(32))
