"""Tokens, their factory and what is signed for them."""

from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
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
SUPPLY = 600
FOREVER = 2**256 - 1

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
            "initialSupply": SUPPLY,
            "templateId": FULL_ID,
            "features": MINT,
        }
        return tuple((values | changes).values())

    def plain_config(self, **changes: Any) -> tuple[Any, ...]:
        """A plain token, all of which the creator holds."""
        fixed = {"admin": ZERO, "cap": SUPPLY, "templateId": PLAIN_ID, "features": 0}
        return self.config(**(fixed | changes))

    def send(self, config: tuple[Any, ...], salt: bytes = SALT, sender: Any = None, **options: Any) -> Any:
        """Create, paying the fee in POL unless options say otherwise; the receipt."""
        fee = 0 if self.factory.feeCurrency() != ZERO else self.factory.fee()
        options = {"value": fee, "maxFee": FOREVER} | options
        return self.factory.createToken(
            config, salt, options.pop("maxFee"), sender=sender or self.creator, **options
        )

    def create(self, salt: bytes = SALT, **changes: Any) -> Any:
        """A full token."""
        receipt = self.send(self.config(**changes), salt)
        return self.project.Token.at(event(receipt, "TokenCreated").token)

    def plain(self, salt: bytes = SALT, **changes: Any) -> Any:
        """A plain token."""
        receipt = self.send(self.plain_config(**changes), salt)
        return self.project.PlainToken.at(event(receipt, "TokenCreated").token)


def typed_data(token: Any, kind: str, values: tuple[Any, ...], **domain: Any) -> dict[str, Any]:
    """EIP-712 data in the token's own domain, or in one that `domain` changes."""
    own = token.eip712Domain()
    fields = [dict(zip(("name", "type"), field.split(), strict=True)) for field in TYPES[kind]]
    return {
        "domain_data": {
            "name": own.name,
            "version": own.version,
            "chainId": own.chainId,
            "verifyingContract": token.address,
        }
        | domain,
        "message_types": {kind: fields},
        "message_data": dict(zip((field["name"] for field in fields), values, strict=True)),
    }


def sign(token: Any, signer: Any, kind: str, values: tuple[Any, ...], **domain: Any) -> bytes:
    """r ‖ s ‖ v over {typed_data}."""
    data = typed_data(token, kind, values, **domain)
    return bytes(Account.sign_typed_data(signer.private_key, **data).signature)


def digest(token: Any, kind: str, values: tuple[Any, ...]) -> bytes:
    """What a contract is asked whether it signed it."""
    message = encode_typed_data(**typed_data(token, kind, values))
    return keccak(b"\x19" + message.version + message.header + message.body)


def sign_permit(token: Any, owner: Any, spender: Any, value: int, deadline: int) -> bytes:
    """An ERC-2612 permit with the owner's next nonce."""
    return sign(token, owner, "Permit", permit_values(token, owner, spender, value, deadline))


def permit_values(token: Any, owner: Any, spender: Any, value: int, deadline: int) -> tuple[Any, ...]:
    return (owner.address, spender.address, value, token.nonces(owner), deadline)


def sign_authorization(
    token: Any, signer: Any, function: str, terms: tuple[Any, ...], **domain: Any
) -> bytes:
    """For ERC-3009's function of this name."""
    return sign(token, signer, kind_of(function), terms, **domain)


def kind_of(function: str) -> str:
    """`transferWithAuthorization` → `TransferWithAuthorization`."""
    return function[0].upper() + function[1:]


def split(signature: bytes) -> tuple[int, bytes, bytes]:
    """v, r, s."""
    return signature[64], signature[:32], signature[32:64]
