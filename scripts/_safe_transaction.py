"""A Safe's transaction: its calls, and the hash that owners sign. Source: Safe's contracts 1.3.0 and 1.4.1 (EIP-712).

Several calls become one to MultiSendCallOnly, which the Safe runs by delegation: so only contracts of Safe's own public
deployments are taken for it, at an address and with a code hash that are known (npm `@safe-global/safe-deployments`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils.crypto import keccak

from scripts._proposal import Call, ProposalError

ZERO_ADDRESS = "0x" + "00" * 20
CALL, DELEGATE_CALL = 0, 1
_1_4_1 = "0xecd5bd14a08c5d2122379900b2f272bdf107a7e92423c10dd5fe3254386c9939"
_1_3_0 = "0xa9865ac2d9c7a1591619b188c4d88167b50df6cc0c5327fcbd1c8c75f7c066ad"
MULTI_SENDS = {
    "0x9641d764fc13c8B624c04430C7356C1C7C8102e2": _1_4_1,
    "0x40A2aCCbd92BCA938b02010E17A5b8929b49130D": _1_3_0,
    "0xA1dabEF33b3B82c7814B6D82A79e50F4AC44102B": _1_3_0,
}
"""MultiSendCallOnly on Polygon and Amoy, and the hash of its code."""
_MULTI_SEND = keccak(text="multiSend(bytes)")[:4]
_FIELDS = (
    "to address",
    "value uint256",
    "data bytes",
    "operation uint8",
    "safeTxGas uint256",
    "baseGas uint256",
    "gasPrice uint256",
    "gasToken address",
    "refundReceiver address",
    "nonce uint256",
)


@dataclass(frozen=True, slots=True)
class SafeTransaction:
    """What a Safe is to do, at which nonce. It refunds nobody's gas; `multi_send` is for more than one call."""

    chain_id: int
    safe: str
    nonce: int
    calls: tuple[Call, ...]
    multi_send: str | None

    def __post_init__(self) -> None:
        if (len(self.calls) > 1) != (self.multi_send is not None):
            raise ProposalError("Several calls go through MultiSendCallOnly, and one does not.")
        if self.multi_send is not None and self.multi_send not in MULTI_SENDS:
            raise ProposalError(
                f"{self.multi_send!r} is no MultiSendCallOnly of Safe's own: do not sign this."
            )

    @property
    def terms(self) -> tuple[Any, ...]:
        """As `getTransactionHash` takes them, but for the nonce; as `execTransaction` does, but for the signatures."""
        if self.multi_send is None:
            (call,) = self.calls
            what: tuple[Any, ...] = (call.to, call.value, call.data, CALL)
        else:
            what = (self.multi_send, 0, _multi_send(self.calls), DELEGATE_CALL)
        return (*what, 0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS)

    @property
    def message(self) -> SignableMessage:
        """What an owner signs."""
        names = [field.split()[0] for field in _FIELDS]
        return encode_typed_data(
            domain_data={"chainId": self.chain_id, "verifyingContract": self.safe},
            message_types={
                "SafeTx": [dict(zip(("name", "type"), field.split(), strict=True)) for field in _FIELDS]
            },
            message_data=dict(zip(names, (*self.terms, self.nonce), strict=True)),
        )

    @property
    def hash(self) -> bytes:
        """`safeTxHash`."""
        signed = self.message
        return keccak(b"\x19" + signed.version + signed.header + signed.body)


def _multi_send(calls: Sequence[Call]) -> bytes:
    packed = b"".join(
        bytes([CALL])
        + bytes.fromhex(call.to[2:])
        + call.value.to_bytes(32)
        + len(call.data).to_bytes(32)
        + call.data
        for call in calls
    )
    return _MULTI_SEND + encode(["bytes"], [packed])


__all__ = ["MULTI_SENDS", "SafeTransaction"]
