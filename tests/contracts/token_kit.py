"""Tokens, their factory and what is signed for them."""

from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_utils import keccak

from tests.contracts.kit import ZERO, event

FULL = b"token".ljust(32, b"\0")
PLAIN = b"plain".ljust(32, b"\0")
FULL_ID, PLAIN_ID = 1, 2
MINT, BURN, PAUSE, BRIDGE = 1, 2, 4, 8
ALL_FEATURES = 15
MINTER_ROLE = keccak(text="MINTER_ROLE")
PAUSER_ROLE = keccak(text="PAUSER_ROLE")
BRIDGE_ROLE = keccak(text="BRIDGE_ROLE")
ADMIN_ROLE = bytes(32)
MOST = 2**184 - 1
SALT = b"\x01" * 32

Fields = tuple[str, ...]
AUTHORIZATION: Fields = (
    "from address",
    "to address",
    "value uint256",
    "validAfter uint256",
    "validBefore uint256",
    "nonce bytes32",
)
TYPES: dict[str, Fields] = {
    "Permit": ("owner address", "spender address", "value uint256", "nonce uint256", "deadline uint256"),
    "Delegation": ("delegatee address", "nonce uint256", "expiry uint256"),
    "TransferWithAuthorization": AUTHORIZATION,
    "ReceiveWithAuthorization": AUTHORIZATION,
    "CancelAuthorization": ("authorizer address", "nonce bytes32"),
}


@dataclass(frozen=True)
class TokenKit:
    """One factory, and whoever creates tokens with it."""

    project: Any
    factory: Any
    chain: Any
    creator: Any

    def config(self, **changes: Any) -> tuple[Any, ...]:
        """A full token with the mint feature; the creator is its admin and holds the initial supply."""
        values = {
            "name": "Tombola",
            "symbol": "TMB",
            "admin": self.creator,
            "recipient": self.creator,
            "cap": 1_000,
            "initialSupply": 600,
            "templateId": FULL_ID,
            "features": MINT,
        }
        return tuple((values | changes).values())

    def create(self, salt: bytes = SALT, **changes: Any) -> Any:
        """A full token."""
        return self._created(self.project.Token, salt, self.config(**changes))

    def plain(self, salt: bytes = SALT, **changes: Any) -> Any:
        """A plain token."""
        fixed = {"admin": ZERO, "cap": 600, "templateId": PLAIN_ID, "features": 0}
        return self._created(self.project.PlainToken, salt, self.config(**(fixed | changes)))

    def _created(self, container: Any, salt: bytes, config: tuple[Any, ...]) -> Any:
        fee = self.factory.fee()
        receipt = self.factory.createToken(config, salt, fee, sender=self.creator, value=fee)
        return container.at(event(receipt, "TokenCreated").token)


def typed_data(token: Any, kind: str, values: tuple[Any, ...], **domain: Any) -> dict[str, Any]:
    """EIP-712 data in the token's own domain, or in one that `domain` changes."""
    own = token.eip712Domain()
    fields = [dict(zip(("name", "type"), field.split(), strict=True)) for field in TYPES[kind]]
    return {
        "domain": {
            "name": own.name,
            "version": own.version,
            "chainId": own.chainId,
            "verifyingContract": token.address,
        }
        | domain,
        "types": {kind: fields},
        "message": dict(zip((field["name"] for field in fields), values, strict=True)),
    }


def sign(token: Any, signer: Any, kind: str, values: tuple[Any, ...], **domain: Any) -> bytes:
    """r ‖ s ‖ v over {typed_data}."""
    data = typed_data(token, kind, values, **domain)
    signed = Account.sign_typed_data(signer.private_key, data["domain"], data["types"], data["message"])
    return bytes(signed.signature)


def sign_permit(token: Any, owner: Any, spender: Any, value: int, deadline: int) -> bytes:
    """An ERC-2612 permit with the owner's next nonce."""
    values = (owner.address, spender.address, value, token.nonces(owner), deadline)
    return sign(token, owner, "Permit", values)


def sign_authorization(token: Any, signer: Any, function: str, terms: tuple[Any, ...]) -> bytes:
    """For ERC-3009's function of this name."""
    return sign(token, signer, function[0].upper() + function[1:], terms)


def split(signature: bytes) -> tuple[int, bytes, bytes]:
    """v, r, s."""
    return signature[64], signature[:32], signature[32:64]
