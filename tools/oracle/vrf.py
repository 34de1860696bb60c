"""Answers the local VRF coordinator: every request of the chain gets its random word, once."""

import asyncio
import logging
import secrets
import time
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak

from listener.chain.encode import encode_call
from listener.chain.faults import PermanentError, RpcError
from listener.chain.registry import Registry
from listener.chain.rpc import RpcPool

log = logging.getLogger("oracle.vrf")

POLL_SECONDS = 0.5
RESEND_SECONDS = 15.0
"""An answer that is not mined after this long is sent again: the chain may have dropped it."""
REORG_BLOCKS = 256
OVERHEAD_GAS = 400_000
"""Gas of the coordinator around the callback. Estimates are too low: a failing callback does not revert."""

REQUESTED = keccak(
    b"RandomWordsRequested(bytes32,uint256,uint256,uint256,uint16,uint32,uint32,bytes,address)"
)
FULFILLED = keccak(b"RandomWordsFulfilled(uint256,uint256,uint256,uint96,bool,bool,bool)")
REQUESTED_DATA = ("uint256", "uint256", "uint16", "uint32", "uint32", "bytes")


@dataclass(frozen=True, slots=True)
class Request:
    """A VRF request: its number, who asked, the callback's gas and how many words."""

    request_id: int
    consumer: str
    callback_gas: int
    words: int


class VrfAnswerer:
    """Reads requests and answers from the chain's logs alone, so a restart forgets and repeats nothing."""

    def __init__(self, pool: RpcPool, registry: Registry, account: LocalAccount) -> None:
        coordinator = registry.contract("VRFCoordinator")
        self._pool = pool
        self._chain_id = registry.chain_id
        self._address = coordinator.address
        self._abi = coordinator.abi
        self._from_block = coordinator.first_block
        self._account = account
        self._sent_at: dict[Request, float] = {}

    async def run(self) -> None:
        """Answer for ever; a chain that is away is waited for."""
        log.info("answering VRF requests of %s as %s", self._address, self._account.address)
        while True:
            try:
                await self.step()
            except RpcError as error:
                log.warning("the chain gives no answer, trying again: %s", error)
            await asyncio.sleep(POLL_SECONDS)

    async def step(self) -> None:
        """Answer what is open now."""
        head = int(await self._pool.call("eth_blockNumber"), 16)
        if head < self._from_block:
            self._from_block = max(0, head - REORG_BLOCKS)
        open_requests = await self._open_requests(head)
        self._sent_at = {request: at for request, at in self._sent_at.items() if request in open_requests}
        due = [r for r in open_requests if time.monotonic() - self._sent_at.get(r, -1e9) > RESEND_SECONDS]
        for request in due:
            self._sent_at[request] = time.monotonic()
            await self._answer(request)
        if not open_requests:
            self._from_block = max(self._from_block, head - REORG_BLOCKS)

    async def _open_requests(self, head: int) -> list[Request]:
        logs: list[dict[str, Any]] = await self._pool.call(
            "eth_getLogs",
            [
                {
                    "address": self._address,
                    "topics": [["0x" + REQUESTED.hex(), "0x" + FULFILLED.hex()]],
                    "fromBlock": hex(self._from_block),
                    "toBlock": hex(head),
                }
            ],
        )
        found: dict[int, Request] = {}
        for entry in logs:
            if entry["topics"][0] == "0x" + FULFILLED.hex():
                found.pop(int(entry["topics"][1], 16), None)
            else:
                request = _request_of(entry)
                found[request.request_id] = request
        return list(found.values())

    async def _answer(self, request: Request) -> None:
        words = [secrets.randbits(256) for _ in range(request.words)]
        data = encode_call(
            self._abi, "fulfillRandomWordsWithOverride", [request.request_id, request.consumer, words]
        )
        nonce, block = await self._pool.batch(
            [
                ("eth_getTransactionCount", [self._account.address, "pending"]),
                ("eth_getBlockByNumber", ["latest", False]),
            ]
        )
        tip = 10**9
        transaction: dict[str, Any] = {
            "type": 2,
            "chainId": self._chain_id,
            "nonce": int(nonce, 16),
            "to": self._address,
            "value": 0,
            "data": data,
            "gas": request.callback_gas + OVERHEAD_GAS,
            "maxPriorityFeePerGas": tip,
            "maxFeePerGas": 2 * int(block["baseFeePerGas"], 16) + tip,
        }
        signed = self._account.sign_transaction(transaction)
        try:
            sent = await self._pool.call("eth_sendRawTransaction", [signed.raw_transaction.to_0x_hex()])
        except PermanentError as error:
            log.error("the chain refused the answer to VRF request %s: %s", request.request_id, error)
        else:
            log.info("answered VRF request %s of %s in %s", request.request_id, request.consumer, sent)


def load_account(text: str) -> LocalAccount:
    """The account of a hex private key."""
    account: LocalAccount = Account.from_key(text.strip())
    return account


def _request_of(entry: dict[str, Any]) -> Request:
    values = decode(REQUESTED_DATA, bytes.fromhex(entry["data"].removeprefix("0x")))
    request_id, _, _, callback_gas, words, _ = values
    return Request(request_id, "0x" + entry["topics"][3][-40:], callback_gas, words)
