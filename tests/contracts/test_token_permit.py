"""Permits of both templates; see token_permit.tree."""

from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.contracts.kit import ZERO, event, now
from tests.contracts.token_kit import digest, permit_values, sign, sign_permit, split
from tests.evm import reverts

AMOUNT = 50
# Order of the curve secp256k1.
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SHORT = "permit(address,address,uint256,uint256,bytes)"


@pytest.fixture
def deadline(chain: Any) -> int:
    return int(now(chain)) + 600


def separator(name: str, chain_id: int, address: str) -> bytes:
    """EIP-712's, written down from the standard."""
    fields = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    words = (keccak(text=fields), keccak(text=name), keccak(text="1"), chain_id, address)
    return keccak(encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], words))


def test_eip712_domain__any_clone__is_its_own_name_chain_and_address(
    token: Any, twin: Any, chain: Any
) -> None:
    for one in (token, twin):
        domain = one.eip712Domain()
        assert (domain.fields, domain.name, domain.version) == (b"\x0f", "Tombola", "1")
        assert (domain.chainId, domain.verifyingContract) == (chain.chain_id, one.address)
        assert (domain.salt, list(domain.extensions)) == (bytes(32), [])
        assert one.DOMAIN_SEPARATOR() == separator("Tombola", chain.chain_id, one.address)
    assert token.DOMAIN_SEPARATOR() != twin.DOMAIN_SEPARATOR()


def test_nonces__count_permits(token: Any, organiser: Any, buyer: Any, deadline: int) -> None:
    for count in range(3):
        assert token.nonces(organiser) == count
        signature = sign_permit(token, organiser, buyer, count, deadline)
        token.permit(organiser, buyer, count, deadline, *split(signature), sender=buyer)
    assert (token.nonces(organiser), token.nonces(buyer)) == (3, 0)


def test_permit__the_deadline_is_over__reverts_erc2612_expired_signature(
    token: Any, organiser: Any, buyer: Any, chain: Any, deadline: int
) -> None:
    signature = sign_permit(token, organiser, buyer, AMOUNT, deadline)
    chain.pending_timestamp = deadline + 1
    with reverts(token.ERC2612ExpiredSignature, deadline=deadline):
        token.permit(organiser, buyer, AMOUNT, deadline, *split(signature), sender=buyer)


def test_permit__the_deadline_is_this_second__sets_the_allowance_of_that_second(
    token: Any, organiser: Any, buyer: Any, chain: Any, deadline: int
) -> None:
    signature = sign_permit(token, organiser, buyer, AMOUNT, deadline)
    chain.pending_timestamp = deadline
    token.permit(organiser, buyer, AMOUNT, deadline, *split(signature), sender=buyer)
    assert token.allowance(organiser, buyer) == AMOUNT


def test_permit__the_signature_is_another_s__reverts_erc2612_invalid_signer(
    token: Any, organiser: Any, buyer: Any, deadline: int
) -> None:
    signature = sign(token, buyer, "Permit", permit_values(token, organiser, buyer, AMOUNT, deadline))
    with reverts(token.ERC2612InvalidSigner, signer=buyer, owner=organiser):
        token.permit(organiser, buyer, AMOUNT, deadline, *split(signature), sender=buyer)
    with reverts(token.ERC2612InvalidSigner, signer=ZERO, owner=organiser):
        token.invoke(SHORT, organiser, buyer, AMOUNT, deadline, b"", sender=buyer)


def test_permit__the_signature_was_used__reverts_erc2612_invalid_signer(
    token: Any, organiser: Any, buyer: Any, deadline: int
) -> None:
    signature = sign_permit(token, organiser, buyer, AMOUNT, deadline)
    token.permit(organiser, buyer, AMOUNT, deadline, *split(signature), sender=buyer)
    with reverts(token.ERC2612InvalidSigner, owner=organiser):
        token.permit(organiser, buyer, AMOUNT, deadline, *split(signature), sender=buyer)


def test_permit__the_signature_is_for_another_clone__reverts_erc2612_invalid_signer(
    token: Any, twin: Any, organiser: Any, buyer: Any, deadline: int
) -> None:
    signature = sign_permit(twin, organiser, buyer, AMOUNT, deadline)
    with reverts(token.ERC2612InvalidSigner, owner=organiser):
        token.permit(organiser, buyer, AMOUNT, deadline, *split(signature), sender=buyer)


def test_permit__the_signature_is_for_another_chain__reverts_erc2612_invalid_signer(
    token: Any, organiser: Any, buyer: Any, deadline: int
) -> None:
    values = permit_values(token, organiser, buyer, AMOUNT, deadline)
    signature = sign(token, organiser, "Permit", values, chainId=137)
    with reverts(token.ERC2612InvalidSigner, owner=organiser):
        token.permit(organiser, buyer, AMOUNT, deadline, *split(signature), sender=buyer)


def test_permit__the_signature_is_turned_into_its_twin__reverts_erc2612_invalid_signer(
    token: Any, organiser: Any, buyer: Any, deadline: int
) -> None:
    """Of every ECDSA signature there is a second one that anybody can compute."""
    v, r, s = split(sign_permit(token, organiser, buyer, AMOUNT, deadline))
    high = (ORDER - int.from_bytes(s)).to_bytes(32)
    with reverts(token.ERC2612InvalidSigner, signer=ZERO, owner=organiser):
        token.permit(organiser, buyer, AMOUNT, deadline, 55 - v, r, high, sender=buyer)


def test_permit__the_owner_is_the_zero_address__reverts_erc2612_invalid_signer(
    token: Any, buyer: Any, deadline: int
) -> None:
    with reverts(token.ERC2612InvalidSigner, signer=ZERO, owner=ZERO):
        token.permit(ZERO, buyer, AMOUNT, deadline, 27, b"\1" * 32, b"\0" * 32, sender=buyer)


def test_permit__the_spender_is_the_zero_address__reverts_erc20_invalid_spender(
    token: Any, organiser: Any, buyer: Any, chain: Any, deadline: int
) -> None:
    signature = sign_permit(token, organiser, chain.impersonate(ZERO), AMOUNT, deadline)
    with reverts(token.ERC20InvalidSpender, spender=ZERO):
        token.permit(organiser, ZERO, AMOUNT, deadline, *split(signature), sender=buyer)


@pytest.mark.parametrize("short", [False, True])
def test_permit__the_owner_signed__sets_the_allowance_and_says_so(
    token: Any, organiser: Any, buyer: Any, stranger: Any, deadline: int, short: bool
) -> None:
    signature = sign_permit(token, organiser, buyer, AMOUNT, deadline)
    if short:
        receipt = token.invoke(SHORT, organiser, buyer, AMOUNT, deadline, signature, sender=stranger)
    else:
        receipt = token.permit(organiser, buyer, AMOUNT, deadline, *split(signature), sender=stranger)
    said = event(receipt, "Approval")
    assert (said.owner, said.spender, said.value) == (organiser.address, buyer.address, AMOUNT)
    assert (token.allowance(organiser, buyer), token.nonces(organiser)) == (AMOUNT, 1)


def test_permit__somebody_submitted_it_before__leaves_what_the_owner_signed(
    token: Any, organiser: Any, buyer: Any, stranger: Any, deadline: int
) -> None:
    signature = split(sign_permit(token, organiser, buyer, AMOUNT, deadline))
    token.permit(organiser, buyer, AMOUNT, deadline, *signature, sender=stranger)
    with reverts(token.ERC2612InvalidSigner, owner=organiser):
        token.permit(organiser, buyer, AMOUNT, deadline, *signature, sender=buyer)
    token.transferFrom(organiser, buyer, AMOUNT, sender=buyer)
    assert token.balanceOf(buyer) == AMOUNT


def test_permit__the_owner_has_delegated_code__takes_the_key_s_signature(
    token: Any, project: Any, organiser: Any, buyer: Any, chain: Any, wallet: Any, deadline: int
) -> None:
    """An EIP-7702 account has code, and a key still."""
    chain.set_code(organiser, wallet.code)
    signature = sign_permit(token, organiser, buyer, AMOUNT, deadline)
    token.permit(organiser, buyer, AMOUNT, deadline, *split(signature), sender=buyer)
    values = permit_values(token, organiser, buyer, 2 * AMOUNT, deadline)
    account = project.TestWallet.at(organiser)
    account.approveSignature(digest(token, "Permit", values), b"by code", sender=buyer)
    token.invoke(SHORT, organiser, buyer, 2 * AMOUNT, deadline, b"by code", sender=buyer)
    assert token.allowance(organiser, buyer) == 2 * AMOUNT


def test_permit__the_owner_is_a_contract_that_signed__sets_the_allowance_with_bytes_of_any_length(
    token: Any, wallet: Any, buyer: Any, deadline: int
) -> None:
    for signature in (b"", b"short", b"long" * 100):
        hashed = digest(token, "Permit", permit_values(token, wallet, buyer, AMOUNT, deadline))
        wallet.approveSignature(hashed, signature, sender=buyer)
        token.invoke(SHORT, wallet, buyer, AMOUNT, deadline, signature, sender=buyer)
    assert (token.allowance(wallet, buyer), token.nonces(wallet)) == (AMOUNT, 3)


def test_permit__the_owner_is_a_contract_that_signed_65_bytes__sets_the_allowance_with_v_r_and_s(
    token: Any, wallet: Any, buyer: Any, deadline: int
) -> None:
    signature = bytes(range(64)) + b"\x1b"
    hashed = digest(token, "Permit", permit_values(token, wallet, buyer, AMOUNT, deadline))
    wallet.approveSignature(hashed, signature, sender=buyer)
    token.permit(wallet, buyer, AMOUNT, deadline, *split(signature), sender=buyer)
    assert token.allowance(wallet, buyer) == AMOUNT


def test_permit__the_owner_is_a_contract_that_did_not_sign__reverts_erc2612_invalid_signer(
    token: Any, wallet: Any, coin: Any, buyer: Any, deadline: int
) -> None:
    signature = sign(token, buyer, "Permit", permit_values(token, wallet, buyer, AMOUNT, deadline))
    for contract in (wallet, coin):  # one answers no, one does not know the question
        with reverts(token.ERC2612InvalidSigner, owner=contract):
            token.invoke(SHORT, contract, buyer, AMOUNT, deadline, signature, sender=buyer)
