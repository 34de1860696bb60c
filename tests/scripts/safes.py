"""Real Safes on a test chain: Safe's own contracts 1.4.1, as npm has them compiled (LGPL-3.0, for tests only)."""

import json
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from scripts._safe_transaction import MULTI_SENDS
from tests.support.anvil import Anvil, dev_account
from tests.support.processes import ROOT
from tests.support.waiting import wait_until

ARTIFACTS = ROOT / "node_modules" / "@safe-global" / "safe-contracts" / "build" / "artifacts" / "contracts"
MULTI_SEND = next(iter(MULTI_SENDS))
ZERO_ADDRESS = "0x" + "00" * 20


def new_safe(anvil: Anvil, owners: list[str], threshold: int) -> str:
    """A Safe behind its proxy, as Safe{Wallet} makes one."""
    _install_multi_send(anvil)
    singleton = _create(anvil, "Safe.sol/Safe", b"")
    terms = (owners, threshold, ZERO_ADDRESS, b"", ZERO_ADDRESS, ZERO_ADDRESS, 0, ZERO_ADDRESS)
    kinds = ["address[]", "uint256", "address", "bytes", "address", "address", "uint256", "address"]
    safe = _create(anvil, "proxies/SafeProxy.sol/SafeProxy", encode(["address"], [singleton]))
    send(anvil, safe, _selector(f"setup({','.join(kinds)})") + encode(kinds, terms))
    return safe


def set_guard(anvil: Anvil, safe: str) -> str:
    """A guard that lets nothing through but calls of itself's own owners: anybody else is refused."""
    guard = _create(anvil, "examples/guards/OnlyOwnersGuard.sol/OnlyOwnersGuard", b"")
    send(anvil, safe, _selector("setGuard(address)") + encode(["address"], [guard]), sender=safe)
    return guard


def send(anvil: Anvil, to: str | None, data: bytes, sender: str = dev_account(0).address) -> dict[str, Any]:
    """A transaction of anybody; its receipt."""
    anvil.call("anvil_setBalance", sender, hex(10**20))
    anvil.call("anvil_impersonateAccount", sender)
    call = {"from": sender, "data": "0x" + data.hex(), "gas": hex(10**7)} | ({"to": to} if to else {})
    sent = anvil.call("eth_sendTransaction", call)
    receipt = wait_until(lambda: anvil.call("eth_getTransactionReceipt", sent), what="a receipt")
    assert receipt["status"] == "0x1"
    return dict(receipt)


def _install_multi_send(anvil: Anvil) -> None:
    """At its public address: it has no state and no immutable variables."""
    code = _artifact("libraries/MultiSendCallOnly.sol/MultiSendCallOnly")["deployedBytecode"]
    assert "0x" + keccak(hexstr=code).hex() == MULTI_SENDS[MULTI_SEND], "what stands on Polygon"
    anvil.call("anvil_setCode", MULTI_SEND, code)


def _create(anvil: Anvil, name: str, arguments: bytes) -> str:
    code = bytes.fromhex(_artifact(name)["bytecode"][2:])
    return to_checksum_address(send(anvil, None, code + arguments)["contractAddress"])


def _artifact(name: str) -> dict[str, Any]:
    return dict(json.loads((Path(ARTIFACTS) / f"{name}.json").read_text()))


def _selector(signature: str) -> bytes:
    return keccak(text=signature)[:4]


__all__ = ["MULTI_SEND", "new_safe", "send", "set_guard"]
