"""Did this address sign this text? By key (EIP-191, ECDSA), or as a contract says (ERC-1271)."""

from __future__ import annotations

from typing import Literal

from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import defunct_hash_message, encode_defunct
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from backend.chain import ChainUnavailable
from backend.hexes import to_hex
from listener.chain.faults import PermanentError, RpcError
from listener.chain.rpc import RpcPool

Kind = Literal["key", "contract"]
PATIENCE = 4.0
_MAGIC = "1626ba7e"  # isValidSignature(bytes32,bytes): its selector and, in 32 bytes, its yes
_GAS = 5_000_000
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


async def signer_kind(rpc: RpcPool, address: str, text: str, signature: bytes) -> Kind | None:
    """How the address signed, or None where it did not. Raises ChainUnavailable where a contract has to be asked."""
    if _recovered(text, signature) == address:
        return "key"
    return "contract" if await _contract_agrees(rpc, address, text, signature) else None


def _recovered(text: str, signature: bytes) -> str | None:
    """Who made this signature; None for what is no signature in its one canonical form."""
    if len(signature) != 65 or signature[64] not in (0, 1, 27, 28):
        return None
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        return None
    try:
        return str(Account.recover_message(encode_defunct(text=text), signature=signature))
    except (BadSignature, ValidationError, ValueError):
        return None


async def _contract_agrees(rpc: RpcPool, address: str, text: str, signature: bytes) -> bool:
    data = "0x" + _MAGIC + encode(["bytes32", "bytes"], [defunct_hash_message(text=text), signature]).hex()
    call = {"to": address, "data": data, "gas": hex(_GAS)}
    try:
        # An address without code answers nothing, which is no yes.
        answer: str = await rpc.call("eth_call", [call, "latest"], result=str, patience=PATIENCE)
    except PermanentError:
        return False
    except RpcError as error:
        raise ChainUnavailable(f"The chain cannot be asked right now: {error}") from None
    return answer[:66] == to_hex(bytes.fromhex(_MAGIC).ljust(32, b"\0"))
