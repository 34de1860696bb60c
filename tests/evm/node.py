"""The EVM of an anvil, over JSON-RPC on one kept connection."""

import http.client
import json
from typing import Any

from eth_account import Account as Signer

from tests.evm.abi import checksum
from tests.evm.engine import START, Call, RawLog, Refused
from tests.support.anvil import Anvil

_NOBODY = "0x" + "00" * 19 + "01"
# Blocks so wide that the base fee stays nothing.
_BLOCK_GAS = 10**15
_ARGUMENTS = (
    *("--hardfork", "prague", "--auto-impersonate", "--block-base-fee-per-gas", "0", "--gas-price", "0"),
    *("--gas-limit", str(_BLOCK_GAS), "--timestamp", str(START), "--no-mining", "--quiet"),
)


class RpcRefused(Exception):  # noqa: N818 - it says what happened
    """anvil answered with an error."""

    def __init__(self, method: str, error: dict[str, Any]) -> None:
        super().__init__(f"{method}: {error.get('message')}")
        self.error = error


class _Mined:
    def __init__(self, node: "Node", receipt: dict[str, Any]) -> None:
        self._node, self._receipt = node, receipt
        self.gas_used = int(receipt["gasUsed"], 16)
        self.created = checksum(receipt["contractAddress"]) if receipt["contractAddress"] else ""

    @property
    def output(self) -> bytes:
        return self._node.trace_output(self._receipt["transactionHash"])

    @property
    def logs(self) -> list[RawLog]:
        return [
            RawLog(log["address"], [_bytes(topic) for topic in log["topics"]], _bytes(log["data"]))
            for log in self._receipt["logs"]
        ]


class Node:
    """A chain of its own, ended by `close`."""

    name = "anvil"

    def __init__(self, chain_id: int) -> None:
        self.chain_id = chain_id
        self.anvil = Anvil(chain_id=chain_id, arguments=_ARGUMENTS)
        self._http = http.client.HTTPConnection("127.0.0.1", self.anvil.port, timeout=60)

    def rpc(self, method: str, *params: Any) -> Any:
        """`result` of one request."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        self._http.request("POST", "/", body, {"content-type": "application/json"})
        answer = json.loads(self._http.getresponse().read())
        if "error" in answer:
            raise RpcRefused(method, answer["error"])
        return answer["result"]

    def call(self, call: Call) -> bytes:
        try:
            return _bytes(self.rpc("eth_call", _request(call), "latest"))
        except RpcRefused as refusal:
            raise _refused(refusal) from None

    def send(self, call: Call, time: int) -> _Mined:
        try:
            sent = self.rpc("eth_sendTransaction", _request(call) | {"gasPrice": "0x0"})
        except RpcRefused as refusal:
            raise _refused(refusal) from None
        finally:
            self.mine(time)
        receipt = self.rpc("eth_getTransactionReceipt", sent)
        if receipt["status"] != "0x1":
            trace = self._trace(sent)
            raise Refused(_bytes(trace.get("output", "0x")), trace.get("error", "reverted without data"))
        return _Mined(self, receipt)

    def mine(self, time: int) -> None:
        self.rpc("evm_mine", {"timestamp": time})

    def balance(self, address: str) -> int:
        return int(self.rpc("eth_getBalance", address, "latest"), 16)

    def nonce(self, address: str) -> int:
        return int(self.rpc("eth_getTransactionCount", address, "latest"), 16)

    def code(self, address: str) -> bytes:
        return _bytes(self.rpc("eth_getCode", address, "latest"))

    def storage(self, address: str, slot: int) -> int:
        return int(self.rpc("eth_getStorageAt", address, hex(slot), "latest"), 16)

    def set_balance(self, address: str, amount: int) -> None:
        self.rpc("anvil_setBalance", address, hex(amount))

    def set_code(self, address: str, code: bytes) -> None:
        self.rpc("anvil_setCode", address, "0x" + code.hex())

    def set_storage(self, address: str, slot: int, value: int) -> None:
        self.rpc("anvil_setStorageAt", address, f"0x{slot:064x}", f"0x{value:064x}")

    def delegate(self, key: str, address: str, target: str, time: int) -> None:
        """A transaction of type 4, which the account itself sends to nobody."""
        signer, nonce = Signer.from_key(key), self.nonce(address)
        authorization = {"chainId": self.chain_id, "address": target, "nonce": nonce + 1}
        transaction = {
            "type": 4,
            "chainId": self.chain_id,
            "nonce": nonce,
            "to": _NOBODY,
            "value": 0,
            "data": b"",
            "gas": 100_000,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "authorizationList": [signer.sign_authorization(authorization)],
        }
        self.rpc("eth_sendRawTransaction", signer.sign_transaction(transaction).raw_transaction.to_0x_hex())
        self.mine(time)

    def snapshot(self) -> str:
        return str(self.rpc("evm_snapshot"))

    def undo(self, snapshot: str) -> None:
        if not self.rpc("evm_revert", snapshot):
            raise RuntimeError(f"anvil does not know the snapshot {snapshot}")

    def close(self) -> None:
        self._http.close()
        self.anvil.stop()

    def trace_output(self, transaction: str) -> bytes:
        return _bytes(self._trace(transaction).get("output", "0x"))

    def _trace(self, transaction: str) -> dict[str, Any]:
        options = {"tracer": "callTracer", "tracerConfig": {"onlyTopCall": True}}
        trace: dict[str, Any] = self.rpc("debug_traceTransaction", transaction, options)
        return trace


def _request(call: Call) -> dict[str, Any]:
    to = {} if call.to is None else {"to": call.to}
    return to | {
        "from": call.sender,
        "data": "0x" + call.data.hex(),
        "value": hex(call.value),
        "gas": hex(call.gas),
    }


def _refused(refusal: RpcRefused) -> Refused:
    data = refusal.error.get("data")
    return Refused(_bytes(data) if isinstance(data, str) else b"", str(refusal))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
