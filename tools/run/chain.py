"""The local chain: how anvil is started, whom it funds, and whether the contracts are on it."""

import json
import shutil
from pathlib import Path

from tools.rpc import Rpc
from tools.run.errors import RunError
from tools.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
CHAIN_ID = 31337
POL = 10**18
KEPT_STATES = 1024
"""Blocks whose state can still be asked for or rolled back to; blocks, receipts and logs are all kept."""
SAVE_SECONDS = 5
"""The state is written when anvil ends, and at this interval for the case that it is killed."""


def anvil_program() -> str:
    """npm's anvil, or the one on PATH. Raises RunError when there is none."""
    pinned = ROOT / "node_modules" / ".bin" / "anvil"
    found = str(pinned) if pinned.exists() else shutil.which("anvil")
    if found is None:
        raise RunError("anvil is missing; run `make setup`.")
    return found


def anvil_command(port: int, state: Path) -> list[str]:
    """anvil with 1-s blocks, `finalized` two blocks behind the head, and its state in one file."""
    return [
        *(anvil_program(), "--silent", "--host", "127.0.0.1", "--port", str(port)),
        *("--chain-id", str(CHAIN_ID), "--block-time", "1", "--slots-in-an-epoch", "1"),
        *("--state", str(state), "--state-interval", str(SAVE_SECONDS), "--prune-history", str(KEPT_STATES)),
    ]


def check_state_file(state: Path) -> None:
    """Raises RunError when the file was cut off while it was being written."""
    if not state.exists():
        return
    with state.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 16, 0))
        if not file.read().rstrip().endswith(b"}"):
            raise RunError(f"The chain in {state} is incomplete; start over with `make run FRESH=1`.")


def first_block_hash(rpc: Rpc) -> str:
    """What tells one local chain from another. Waits for block 1: anvil keeps no block 0 across restarts."""
    block = wait_until(
        lambda: rpc.call("eth_getBlockByNumber", "0x1", False), timeout=10.0, what="the chain's first block"
    )
    return str(block["hash"])


def fund(rpc: Rpc, address: str, wei: int) -> bool:
    """Bring the account to `wei` where it has less than half; anvil's first account pays. True if it did."""
    balance = rpc.quantity("eth_getBalance", address, "latest")
    if balance >= wei // 2:
        return False
    payer = rpc.call("eth_accounts")[0]
    rpc.call("eth_sendTransaction", {"from": payer, "to": address, "value": hex(wei - balance)})
    return True


def contracts_missing(rpc: Rpc, registry: Path) -> list[str]:
    """Names of recorded contracts that have no code on the chain; `["all"]` when nothing is recorded."""
    try:
        contracts = json.loads(registry.read_text())["contracts"]
    except (OSError, ValueError, KeyError):
        return ["all"]
    addresses = [(name, contract["address"]) for name, contract in contracts.items() if "address" in contract]
    if not addresses:
        return ["all"]
    return [
        name
        for name, address in addresses
        for each in (address if isinstance(address, list) else [address])
        if rpc.call("eth_getCode", each, "latest") == "0x"
    ]
