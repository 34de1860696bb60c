"""Answers the local VRF coordinator: each request gets the one word that the proving key gives it."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from listener.chain.encode import UnknownFunctionError, find_function
from listener.chain.faults import PermanentError, RpcError
from listener.chain.registry import Registry
from listener.chain.rpc import RpcPool
from tools.oracle.prover import ProvingKey
from tools.oracle.refusals import reason
from tools.oracle.requests import FULFILLED, REQUESTED, Request, unanswered

log = logging.getLogger("oracle.vrf")

POLL_SECONDS = 0.5
RESEND_SECONDS = 15.0
"""An answer that is not mined after this long is sent again: the chain may have dropped it."""
WINDOW_BLOCKS = 250
"""The coordinator knows the hashes of the last 256 blocks; an older request can no longer be answered."""
OVERHEAD_GAS = 600_000
"""Gas of the coordinator around the callback: about 110,000 measured, more where hashing to the curve takes many
tries. Estimates are too low: a failing callback does not revert."""


class VrfAnswerer:
    """Reads requests and answers from the chain's logs alone, so a restart forgets and repeats nothing."""

    def __init__(
        self,
        pool: RpcPool,
        registry: Registry,
        account: LocalAccount,
        key: ProvingKey,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        coordinator = registry.contract("VRFCoordinator")
        self._pool = pool
        self._chain_id = registry.chain_id
        self._address = coordinator.address
        self._abi = coordinator.abi
        self._first_block = coordinator.first_block
        self._account = account
        self._key = key
        self._clock = clock
        self._sent_at: dict[Request, float] = {}
        self._looked_back = False

    async def run(self) -> None:
        """Answer for ever; a chain that is away is waited for."""
        if not self._verifies_proofs():
            log.error("the coordinator at %s takes no proofs: draws go on with drand alone", self._address)
            await asyncio.Event().wait()
        log.info("answering VRF requests of %s as %s", self._address, self._account.address)
        while True:
            try:
                await self.step()
            except RpcError as error:
                log.warning("the chain gives no answer, trying again: %s", error)
            await asyncio.sleep(POLL_SECONDS)

    async def step(self) -> None:
        """Answer what is open and confirmed now."""
        head = int(await self._pool.call("eth_blockNumber"), 16)
        found = await self._answerable(head)
        self._forget_all_but(found, head)
        now = self._clock()
        for request in found:
            confirmed = head >= request.block + request.confirmations
            if confirmed and now - self._sent_at.get(request, -RESEND_SECONDS) >= RESEND_SECONDS:
                await self._answer(request)
                self._sent_at[request] = now

    async def _answerable(self, head: int) -> list[Request]:
        """What is open and young enough. After a start older ones are looked for too, and told: nobody was here."""
        oldest = head - WINDOW_BLOCKS
        found = await self._open_requests(oldest if self._looked_back else self._first_block, head)
        self._looked_back = True
        for request in found:
            if request.block < oldest:
                _tell_too_old(request)
        return [request for request in found if request.block >= oldest]

    async def _open_requests(self, first: int, last: int) -> list[Request]:
        first = max(self._first_block, first)
        if last < first:
            return []
        query = {
            "address": self._address,
            "topics": [[REQUESTED, FULFILLED]],
            "fromBlock": hex(first),
            "toBlock": hex(last),
        }
        logs: list[dict[str, Any]] = await self._pool.call("eth_getLogs", [query])
        return [request for request in unanswered(logs) if request.key_hash == self._key.hash]

    def _forget_all_but(self, found: list[Request], head: int) -> None:
        """A request that a reorg moved is another one: it gets another proof at once."""
        gone = self._sent_at.keys() - set(found)
        for request in gone:
            del self._sent_at[request]
            if request.block < head - WINDOW_BLOCKS:
                _tell_too_old(request)

    async def _answer(self, request: Request) -> None:
        data = "0x" + request.answer(self._abi, self._key).hex()
        call = {"from": self._account.address, "to": self._address, "data": data}
        try:
            await self._pool.call("eth_call", [call, "latest"])
            sent = await self._send(data, request.callback_gas + OVERHEAD_GAS)
        except PermanentError as error:
            why = reason(self._abi, request, error)
            log.error("the chain refuses the answer to VRF request %s: %s", request.request_id, why)
        else:
            log.info("answered VRF request %s of %s in %s", request.request_id, request.consumer, sent)

    async def _send(self, data: str, gas: int) -> str:
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
            "gas": gas,
            "maxPriorityFeePerGas": tip,
            "maxFeePerGas": 2 * int(block["baseFeePerGas"], 16) + tip,
        }
        signed = self._account.sign_transaction(transaction)
        return str(await self._pool.call("eth_sendRawTransaction", [signed.raw_transaction.to_0x_hex()]))

    def _verifies_proofs(self) -> bool:
        """Not Chainlink's mock, which an earlier version deployed on its local chains."""
        try:
            find_function(self._abi, "fulfillRandomWords", 3)
        except UnknownFunctionError:
            return False
        return True


def _tell_too_old(request: Request) -> None:
    log.error(
        "VRF request %s of block %s is too old to be answered: the coordinator knows the hashes of the last 256 "
        "blocks. Its draw goes on with drand alone",
        request.request_id,
        request.block,
    )


def load_account(text: str) -> LocalAccount:
    """The account of a hex private key."""
    account: LocalAccount = Account.from_key(text.strip())
    return account
