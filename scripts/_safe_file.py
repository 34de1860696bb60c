"""The file that owners of a Safe pass round: a batch file of Safe's Transaction Builder, with nonce, hash and signatures.

Safe{Wallet} imports it as it is (Apps, Transaction Builder): it reads the transactions and checks the checksum over
everything in the file. `safeTransaction` is ours: no service is needed to sign and to execute.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eth_abi.exceptions import EncodingError
from eth_account import Account
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from scripts._given import is_address
from scripts._proposal import Call, ProposalError, write_document
from scripts._safe_transaction import SafeTransaction

BUILDER = "1.18.0"
"""The version of the Transaction Builder whose files these are."""
OURS = "safeTransaction"
UNREADABLE = (KeyError, TypeError, ValueError, OverflowError, AttributeError)
RECOVERY_IDS = (27, 28)
"""Safe takes another last byte for another kind of signature."""


@dataclass(frozen=True)
class SafeFile:
    """A transaction, why, who has signed. `block` is the chain's head as it was built: later it was not executed before."""

    transaction: SafeTransaction
    description: str
    created_at: int
    """Milliseconds."""
    block: int
    signatures: Mapping[str, bytes] = field(default_factory=dict)

    def signed(self, owner: str, signature: bytes) -> "SafeFile":
        """With one signature more. Raises ProposalError where it is not that owner's of this transaction."""
        try:
            known = signature[-1] in RECOVERY_IDS
            signer = Account.recover_message(self.transaction.message, signature=signature) if known else None
        except Exception:  # whoever edits a file writes anything
            signer = None
        if signer != owner:
            raise ProposalError(f"the signature that stands for {owner!r} is not theirs of this transaction.")
        return replace(self, signatures={**self.signatures, owner: signature})

    def joined(self, others: Sequence["SafeFile"]) -> "SafeFile":
        """With the signatures of other copies. Raises ProposalError where they are of another transaction."""
        if any(other.transaction.hash != self.transaction.hash for other in others):
            raise ProposalError("The files are not of the same transaction: their safeTxHash differs.")
        signatures = {who: one for file in (self, *others) for who, one in file.signatures.items()}
        return replace(self, signatures=signatures)

    @property
    def document(self) -> dict[str, Any]:
        """As JSON."""
        transaction = self.transaction
        found: dict[str, Any] = {
            "version": "1.0",
            "chainId": str(transaction.chain_id),
            "createdAt": self.created_at,
            "meta": {
                "name": self.description.partition("\n")[0][:80],
                "description": self.description,
                "txBuilderVersion": BUILDER,
                "createdFromSafeAddress": transaction.safe,
                "createdFromOwnerAddress": "",
            },
            "transactions": [
                {
                    "to": call.to,
                    "value": str(call.value),
                    "data": "0x" + call.data.hex(),
                    "contractMethod": None,
                    "contractInputsValues": None,
                }
                for call in transaction.calls
            ],
            OURS: {
                "nonce": str(transaction.nonce),
                "multiSend": transaction.multi_send,
                "safeTxHash": "0x" + transaction.hash.hex(),
                "block": self.block,
                "signatures": {who: "0x" + one.hex() for who, one in sorted(self.signatures.items())},
            },
        }
        found["meta"]["checksum"] = checksum(found)
        return found

    def write(self, path: Path) -> None:
        """The document, at once."""
        write_document(path, self.document)


def read_safe_file(path: Path) -> SafeFile:
    """The file, if all in it is as it was written, and its hash and signatures are right. Raises ProposalError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ProposalError(f"{path} cannot be read: {error}.") from error
    try:
        return _checked(document)
    except ProposalError as error:
        raise ProposalError(f"{path}: {error}") from error
    except (*UNREADABLE, EncodingError) as error:
        told = f"{type(error).__name__} {error}"
        raise ProposalError(f"{path} is no file of `ape run safe build`: {told}") from error


def _checked(document: Any) -> SafeFile:
    found = _parsed(document)
    reckoned, recorded = "0x" + found.transaction.hash.hex(), document[OURS]["safeTxHash"]
    if recorded != reckoned:
        raise ProposalError(
            f"it was changed since it was built: its content has the safeTxHash {reckoned}, it says {recorded!r}. "
            "Build it anew; do not sign it."
        )
    for owner, signature in document[OURS]["signatures"].items():
        found = found.signed(owner, bytes.fromhex(signature.removeprefix("0x")))
    if found.document != document:  # Safe{Wallet} reads it too, what is not shown here as well
        raise ProposalError(
            "it was changed since it was built: it holds what `ape run safe` did not write. Build it anew; do not "
            "sign it."
        )
    return found


def _parsed(document: Any) -> SafeFile:
    ours = document[OURS]
    calls = tuple(
        Call(_address(one["to"]), int(one["value"]), bytes.fromhex(one["data"][2:]), "")
        for one in document["transactions"]
    )
    transaction = SafeTransaction(
        int(document["chainId"]),
        _address(document["meta"]["createdFromSafeAddress"]),
        int(ours["nonce"]),
        calls,
        ours["multiSend"],
    )
    return SafeFile(
        transaction, document["meta"]["description"], int(document["createdAt"]), int(ours["block"])
    )


def _address(given: Any) -> str:
    if not isinstance(given, str) or not is_address(given):
        raise ProposalError(f"{given!r} is no address.")
    return to_checksum_address(given)


def checksum(document: Mapping[str, Any]) -> str:
    """As Safe's Transaction Builder reckons it: keccak of keys in order and values, without the batch's name."""
    return "0x" + keccak(text=_serial({**document, "meta": {**document["meta"], "name": None}})).hex()


def _serial(value: Any) -> str:
    if isinstance(value, Mapping):
        keys = sorted(value)
        return "{" + _json(keys) + "".join(f"{_serial(value[key])}," for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_serial, value)) + "]"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


__all__ = ["SafeFile", "checksum", "read_safe_file"]
