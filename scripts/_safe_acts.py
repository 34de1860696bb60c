"""What is done with a Safe's file: building, telling, signing and executing it."""

import time
from collections.abc import Sequence
from pathlib import Path

import ape

from listener.chain.encode import encode_call
from scripts._call_words import tell_call
from scripts._desk import Desk
from scripts._given import why
from scripts._networks import LOCAL_CHAIN_ID
from scripts._proposal import Call, Proposal, ProposalError
from scripts._safe import ABI, Safe
from scripts._safe_file import SafeFile, read_safe_file
from scripts._sending import agree
from scripts._turn import next_turn


def build_file(desk: Desk, address: str, what: Proposal, nonce: int | None = None) -> SafeFile:
    """The Safe's next transaction, or one at a later nonce; nobody has signed it."""
    transaction = Safe.at(desk, address).build(what.calls, nonce)
    return SafeFile(transaction, what.description, time.time_ns() // 10**6, desk.chain.head)


def cancelling(desk: Desk, proposal: Proposal) -> Proposal:
    """What the guardian calls to stop a proposal."""
    governor = desk.known("Governor")
    data = encode_call(governor.abi, "cancel", proposal.hashed)
    return Proposal((Call(governor.address, 0, data, ""),), f"Cancel: {proposal.description}")


def read_files(files: Sequence[Path]) -> SafeFile:
    """One transaction with the signatures of all its copies."""
    first, *others = map(read_safe_file, files)
    return first.joined(others)


def tell(desk: Desk, file: SafeFile) -> Safe:
    """What it does and how it stands, read from the chain; the Safe. Raises ProposalError for a file of another chain."""
    transaction = file.transaction
    safe = Safe.at(desk, transaction.safe)
    safe.check(transaction)
    desk.say(why(file.description))  # nobody signs it; so it comes first, however long it is
    for call in transaction.calls:
        desk.say(f"call        {tell_call(desk.registry, call)}")
        if call.to == transaction.safe:
            desk.say(
                "careful     that is the Safe itself: it may get other owners, modules or another threshold"
            )
    desk.say(f"safe        {transaction.safe}, nonce {transaction.nonce}")
    if transaction.multi_send:
        desk.say(f"together    by MultiSendCallOnly at {transaction.multi_send}")
    message = transaction.message
    desk.say(f"typed data  domain 0x{message.header.hex()}, message 0x{message.body.hex()}")
    desk.say(f"safeTxHash  0x{transaction.hash.hex()}")
    for line in safe.lines(file):
        desk.say(line)
    return safe


def sign(desk: Desk, path: Path) -> None:
    """Add the signature of the desk's account to the file. Raises ProposalError."""
    file = read_safe_file(path)
    safe, account = tell(desk, file), desk.sending.account
    if desk.me not in safe.owners:
        raise ProposalError(f"{desk.me} does not own the Safe {file.transaction.safe}.")
    if file.transaction.nonce < safe.nonce:
        raise ProposalError(f"Nonce {file.transaction.nonce} is used, the Safe's next is {safe.nonce}.")
    if desk.me in file.signatures:
        desk.say(f"{desk.me} has signed before.")
        return
    if desk.sending.dry_run:
        desk.say(f"would sign  {path} as {desk.me}")
        return
    chain_id = desk.chain.chain_id
    agree(
        desk.provider,
        account,
        yes=desk.yes,
        question=f"Sign this for the live chain {chain_id}?",
        anywhere=chain_id != LOCAL_CHAIN_ID,  # on a fork of a live chain the signature is one for that chain
    )
    signature = account.sign_message(file.transaction.message)
    if signature is None:
        raise ProposalError(f"{desk.me} has not signed.")
    signed = file.signed(desk.me, signature.encode_rsv())
    signed.write(path)
    desk.say(f"Signed: {len(safe.approvals(signed))} of {safe.threshold}.")


def execute(desk: Desk, file: SafeFile) -> None:
    """Send it, if it would go through. Raises ProposalError."""
    turn = next_turn(desk)
    safe = tell(desk, file)
    if safe.is_executed(file):
        return
    reason = safe.why_not(file, desk.me)
    if reason:
        raise ProposalError(reason)
    desk.agree()
    contract = ape.Contract(file.transaction.safe, abi=ABI)
    what = f"execute the Safe's transaction {file.transaction.nonce}"
    desk.sending.send(what, contract.execTransaction, *safe.execution(file, desk.me), nonce=turn.nonce)


__all__ = ["build_file", "cancelling", "execute", "read_files", "sign", "tell"]
