"""A Safe on the chain: who owns it, what comes next, whether a transaction would go through, and why not."""

from collections.abc import Iterator
from dataclasses import dataclass

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from listener.chain.encode import UnreadableError, encode_call
from listener.chain.registry import RegisteredContract
from scripts._answers import answer_of, refusal
from scripts._call_words import interface_at
from scripts._desk import Desk
from scripts._evidence import CannotTellError
from scripts._given import is_address
from scripts._proposal import Call, ProposalError
from scripts._safe_file import SafeFile
from scripts._safe_transaction import MULTI_SENDS, SafeTransaction

GUARD_SLOT = int.from_bytes(keccak(text="guard_manager.guard.address"))
SUCCESS = "0x" + keccak(text="ExecutionSuccess(bytes32,uint256)").hex()
APPROVED = 1
"""`v` of a signature that stands for an approval on the chain, or for who executes."""
THE_CALL = "GS013"
"""The Safe's word for: what it called refused."""


def _function(name: str, inputs: str, outputs: str, mutability: str = "view") -> dict[str, object]:
    typed = {"inputs": _types(inputs), "outputs": _types(outputs)}
    return {"type": "function", "name": name, "stateMutability": mutability, **typed}


def _types(kinds: str) -> list[dict[str, str]]:
    return [{"name": "", "type": kind} for kind in kinds.split()]


_TERMS = "address uint256 bytes uint8 uint256 uint256 uint256 address address"
ABI = [
    _function("nonce", "", "uint256"),
    _function("getOwners", "", "address[]"),
    _function("getThreshold", "", "uint256"),
    _function("VERSION", "", "string"),
    _function("approvedHashes", "address bytes32", "uint256"),
    _function("getTransactionHash", f"{_TERMS} uint256", "bytes32"),
    _function("execTransaction", f"{_TERMS} bytes", "bool", "payable"),
]


@dataclass(frozen=True)
class Safe:
    """One Safe, at the desk's chain."""

    desk: Desk
    contract: RegisteredContract
    owners: tuple[str, ...]
    threshold: int
    nonce: int
    """Of its next transaction."""

    @classmethod
    def at(cls, desk: Desk, address: str) -> "Safe":
        """The Safe at an address. Raises ProposalError where none is."""
        if not is_address(address):
            raise ProposalError(f"{address} is no address.")
        contract = RegisteredContract("Safe", ABI, (to_checksum_address(address),))
        try:
            owners, threshold, nonce = (
                desk.chain.view(contract, view) for view in ("getOwners", "getThreshold", "nonce")
            )
        except (CannotTellError, UnreadableError) as error:
            raise ProposalError(
                f"There is no Safe at {contract.address} on chain {desk.chain.chain_id}."
            ) from error
        return cls(desk, contract, tuple(map(to_checksum_address, owners)), threshold, nonce)

    def build(self, calls: tuple[Call, ...], nonce: int | None) -> SafeTransaction:
        """Its next transaction, or one at a later nonce. Raises ProposalError."""
        if nonce is not None and nonce < self.nonce:
            raise ProposalError(f"Nonce {nonce} is used; the Safe's next is {self.nonce}.")
        return self._right(
            SafeTransaction(
                self.desk.chain.chain_id,
                self.contract.address,
                self.nonce if nonce is None else nonce,
                calls,
                self._multi_send() if len(calls) > 1 else None,
            )
        )

    def _multi_send(self) -> str:
        for address, code_hash in MULTI_SENDS.items():
            if "0x" + keccak(self.desk.chain.code(address)).hex() == code_hash:
                return address
        raise ProposalError(
            f"Safe's MultiSendCallOnly is not on chain {self.desk.chain.chain_id}: build a file for each call."
        )

    def check(self, transaction: SafeTransaction) -> None:
        """It is of this chain, and the Safe reckons the same hash. Raises ProposalError."""
        if transaction.chain_id != self.desk.chain.chain_id:
            raise ProposalError(
                f"The file is of chain {transaction.chain_id}, connected is {self.desk.chain.chain_id}."
            )
        self._right(transaction)

    def _right(self, transaction: SafeTransaction) -> SafeTransaction:
        """The Safe reckons the same hash, and what it delegates to is what it should be."""
        reckoned = self.desk.chain.view(
            self.contract, "getTransactionHash", *transaction.terms, transaction.nonce
        )
        if reckoned != transaction.hash:
            version = self.desk.chain.view(self.contract, "VERSION")
            raise ProposalError(
                f"The Safe, version {version}, has another hash for this: 0x{reckoned.hex()}. Known are versions 1.3.0 "
                "and later."
            )
        helper = transaction.multi_send
        if helper and "0x" + keccak(self.desk.chain.code(helper)).hex() != MULTI_SENDS[helper]:
            raise ProposalError(f"What stands at {helper} is not Safe's MultiSendCallOnly: do not sign this.")
        return transaction

    # Who agrees

    def approvals(self, file: SafeFile, executor: str | None = None) -> dict[str, bytes]:
        """Owner → signature: from the file, approved on the chain, or by executing. In the Safe's order."""
        found = {}
        for owner in sorted(self.owners, key=lambda one: int(one, 16)):
            if owner in file.signatures:
                found[owner] = file.signatures[owner]
            elif owner == executor or self._approved(owner, file.transaction.hash):
                found[owner] = bytes(12) + bytes.fromhex(owner[2:]) + bytes(32) + bytes([APPROVED])
        return found

    def _approved(self, owner: str, hash_: bytes) -> bool:
        return bool(self.desk.chain.view(self.contract, "approvedHashes", owner, hash_))

    def is_executed(self, file: SafeFile) -> str | None:
        """The transaction by which it was executed since it was built; None when it was not."""
        if file.transaction.nonce >= self.nonce:
            return None
        hashed = "0x" + file.transaction.hash.hex()
        for log in self.desk.chain.raw_logs(self.contract.address, [SUCCESS], file.block):
            if hashed in (log["topics"][-1], log["data"][:66]):  # an indexed argument from 1.4.1 on
                return str(log["transactionHash"])
        return None

    def lines(self, file: SafeFile) -> Iterator[str]:
        """Where the Safe stands, and who has agreed."""
        agreed = self.approvals(file)
        yield f"owners      {len(self.owners)}, {self.threshold} have to agree, {len(agreed)} have"
        for owner in self.owners:
            yield f"{'agreed' if owner in agreed else '-':<12}{owner}"
        gone = set(file.signatures) - set(self.owners)
        for signer in sorted(gone):
            yield f"no owner    {signer} has signed and does not count"
        yield f"stage       {self._stage(file, len(agreed))}"

    def _stage(self, file: SafeFile, agreed: int) -> str:
        executed, nonce = self.is_executed(file), file.transaction.nonce
        if executed:
            return f"executed in {executed}"
        if nonce < self.nonce:
            return f"void: nonce {nonce} was used by another transaction"
        if nonce > self.nonce:
            return f"waiting: {nonce - self.nonce} transactions come before"
        return "ready to execute" if agreed >= self.threshold else "to be signed"

    # Executing

    def why_not(self, file: SafeFile, executor: str) -> str | None:
        """Why it cannot be executed now, in one sentence; None when it can."""
        nonce, agreed = file.transaction.nonce, self.approvals(file, executor)
        if nonce < self.nonce:
            return f"Nonce {nonce} was used by another transaction, the Safe's next is {self.nonce}: build it anew."
        if nonce > self.nonce:
            return f"The Safe's next nonce is {self.nonce}: those before {nonce} have to be executed first."
        if len(agreed) < self.threshold:
            missing = ", ".join(owner for owner in self.owners if owner not in agreed)
            return f"{len(agreed)} of {self.threshold} signatures are there; still without: {missing}."
        return self._refused(file, executor)

    def execution(self, file: SafeFile, executor: str) -> tuple[object, ...]:
        """What `execTransaction` takes."""
        signatures = list(self.approvals(file, executor).values())[: self.threshold]
        return (*file.transaction.terms, b"".join(signatures))

    def _refused(self, file: SafeFile, executor: str) -> str | None:
        """As the node sees it now."""
        data = encode_call(ABI, "execTransaction", self.execution(file, executor))
        answered, raw = answer_of(self.desk.provider, self.contract.address, data, executor)
        if answered:
            return None
        reason = refusal((), raw)
        if reason == THE_CALL:
            return self._refused_call(file.transaction)
        guard = to_checksum_address(self.desk.chain.storage(self.contract.address, GUARD_SLOT)[-20:])
        if int(guard, 16) and not reason.startswith("GS"):
            return f"The Safe's guard {guard} refuses: {reason}."
        return f"The Safe refuses: {reason}."

    def _refused_call(self, transaction: SafeTransaction) -> str:
        for number, call in enumerate(transaction.calls):
            answered, raw = answer_of(
                self.desk.provider, call.to, call.data, self.contract.address, call.value
            )
            if not answered:
                reason = refusal(interface_at(self.desk.registry, call).abi, raw)
                return f"Call {number} is refused by {call.to}: {reason}."
        return "Each call would go through by itself, but not all of them together."


__all__ = ["ABI", "Safe"]
