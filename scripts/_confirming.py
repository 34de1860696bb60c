"""A transaction counts once blocks stand on its own: until then another block may take that one's place."""

from typing import Any

from ape.api import ProviderAPI, ReceiptAPI

from tools.waiting import wait_until

BLOCKS = 5
"""Polygon's reorganisations were seldom deeper even before its blocks became final within seconds."""
PATIENCE = 600
"""Seconds."""
PAUSE = 1


def confirmed(provider: ProviderAPI, receipt: ReceiptAPI) -> ReceiptAPI:
    """The receipt as it is once the blocks are there; a reorganisation may have put it into another block.

    Raises TimeoutError for one that the chain took back, and ape's error for one that is refused in its new block.
    """

    def settled() -> Any:
        head = int(provider.make_request("eth_blockNumber", []), 16)
        found = provider.make_request("eth_getTransactionReceipt", [receipt.txn_hash])
        return found if found and head - int(found["blockNumber"], 16) >= BLOCKS else None

    what = f"{BLOCKS} blocks on the one with {receipt.txn_hash}"
    found = wait_until(settled, PATIENCE, interval=PAUSE, what=what)
    if int(found["blockNumber"], 16) == receipt.block_number:
        return receipt
    moved = provider.get_receipt(receipt.txn_hash, required_confirmations=0)
    moved.raise_for_status()
    return moved


__all__ = ["confirmed"]
