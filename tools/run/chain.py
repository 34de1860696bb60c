"""The local chain: how anvil is started, whom it funds, and whether the contracts are on it."""

import json
import shutil
import time
from pathlib import Path

from tools.rpc import Rpc, RpcError
from tools.run.errors import RunError

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


def anvil_command(port: int, state: Path, genesis_time: int) -> list[str]:
    """anvil with its state in one file, `finalized` close behind the head, no blocks until `start_clock`.

    anvil makes a genesis block at every start, also when it loads a state: only with the same time
    (`genesis_time`, Unix seconds) is it the same block.
    """
    return [
        *(anvil_program(), "--silent", "--host", "127.0.0.1", "--port", str(port)),
        *("--chain-id", str(CHAIN_ID), "--slots-in-an-epoch", "1"),
        *("--timestamp", str(genesis_time), "--no-mining"),
        *("--state", str(state), "--state-interval", str(SAVE_SECONDS), "--prune-history", str(KEPT_STATES)),
    ]


def start_clock(rpc: Rpc) -> bool:
    """Let a block be mined each second, at this machine's time. False while anvil does not answer yet."""
    try:
        latest = rpc.call("eth_getBlockByNumber", "latest", False)
        rpc.call("evm_setTime", max(int(time.time()), int(latest["timestamp"], 16) + 1))
        rpc.call("evm_setIntervalMining", 1)
    except RpcError:
        return False
    return True


def check_state_file(state: Path) -> None:
    """Raises RunError when the file was cut off while it was being written."""
    if not state.exists():
        return
    with state.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 16, 0))
        if not file.read().rstrip().endswith(b"}"):
            raise RunError(f"The chain in {state} is incomplete; start over with `make run FRESH=1`.")


def genesis_hash(rpc: Rpc) -> str:
    """What tells one local chain from another."""
    return str(rpc.call("eth_getBlockByNumber", "0x0", False)["hash"])


def fund(rpc: Rpc, address: str, wei: int) -> bool:
    """Bring the account to `wei` where it has less than half; anvil's first account pays. True if it did."""
    balance = rpc.quantity("eth_getBalance", address, "latest")
    if balance >= wei // 2:
        return False
    payer = rpc.call("eth_accounts")[0]
    rpc.call("eth_sendTransaction", {"from": payer, "to": address, "value": hex(wei - balance)})
    return True


def contracts_missing(rpc: Rpc, registry: Path) -> list[str]:
    """Names of recorded contracts that have no code on the chain; `["all"]` when nothing is recorded, or the
    deployment did not reach its last step, the proof.
    """
    try:
        document = json.loads(registry.read_text())
        contracts, _ = document["contracts"], document["proof"]
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
