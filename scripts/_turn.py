"""An account's turn: what the chain held, and the number of the one transaction that may follow it.

A transaction with that number is carried out only if the account has sent nothing since. So what one run of a script has
sent, noted or not, cannot be sent again by another: of two with the same number the chain takes one.
"""

import time
from dataclasses import dataclass

from scripts._desk import Desk
from scripts._find_registry import asked
from scripts._given import DeskError

PATIENCE = 600
"""Seconds that transactions sent earlier are awaited."""
PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Turn:
    """`nonce` is the account's next number at the reader's block."""

    nonce: int


def next_turn(desk: Desk, patience: float = PATIENCE) -> Turn:
    """Await what the account has on the way, then read on at the head. Raises DeskError after `patience` seconds."""
    give_up, told = time.monotonic() + patience, False
    while True:
        desk.chain.advance()
        mined, pending = (_count(desk, block) for block in (hex(desk.chain.head), "pending"))
        if pending <= mined or desk.sending.dry_run:
            return Turn(mined)
        if not told:
            desk.say(f"waiting     for transaction {mined} of {desk.me}, sent earlier and not mined yet")
            told = True
        if time.monotonic() > give_up:
            raise DeskError(
                f"Transaction {mined} of {desk.me} is still not mined. Speed it up or cancel it in its wallet, then "
                "run this again: it goes on from what is on chain."
            )
        time.sleep(PAUSE)


def reach(desk: Desk, block: int) -> None:
    """Read at a head that holds this block; a node behind others may need a moment."""
    give_up = time.monotonic() + PATIENCE
    while desk.chain.head < block:
        desk.chain.advance()
        if desk.chain.head < block:
            if time.monotonic() > give_up:
                raise DeskError(f"The node stays behind block {block}: use another, and run this again.")
            time.sleep(PAUSE)


def _count(desk: Desk, block: str) -> int:
    return int(asked(desk.provider, "eth_getTransactionCount", [desk.me, block]), 16)


__all__ = ["Turn", "next_turn", "reach"]
