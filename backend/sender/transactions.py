"""Signing: the only place where a private key exists, for the length of one call."""

from __future__ import annotations

from eth_account import Account

from backend.hexes import checksum
from backend.sender.lease import HeldWallet
from backend.sender.model import Fees, PlannedCall, SignedAttempt
from backend.wallets.keys import key_context
from backend.wallets.kms import Kms


async def sign(
    kms: Kms,
    wallet: HeldWallet,
    sealed: bytes,
    version: int,
    chain_id: int,
    nonce: int,
    gas_limit: int,
    fees: Fees,
    call: PlannedCall,
) -> SignedAttempt:
    """Sign one EIP-1559 transaction. Raises KmsError."""
    transaction = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "gas": gas_limit,
        "maxFeePerGas": fees.max_fee,
        "maxPriorityFeePerGas": fees.priority_fee,
        "to": call.to,
        "value": call.value,
        "data": call.data_bytes,
    }
    context = key_context(wallet.id, wallet.user_id, wallet.role, version)
    signed = Account.sign_transaction(transaction, await kms.open(sealed, context))
    return SignedAttempt(bytes(signed.hash), bytes(signed.raw_transaction), fees)


def noop(wallet: HeldWallet) -> PlannedCall:
    """What takes the place of a call that every provider calls invalid: nothing, sent to ourselves."""
    return PlannedCall(checksum(wallet.address), 0, "0x")
