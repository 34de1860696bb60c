"""Chainlink's own coordinator among the scenes, answered with real proofs."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts import _coordinator
from scripts._networks import LOCAL_CHAIN_ID, network_of
from tests.contracts.kit import VRF_KEY, event

ETHER = 10**18
ANSWER_GAS = 1_000_000


class Vrf:
    """A coordinator with one funded subscription; `measure` gives the gas of a callback alone."""

    def __init__(self, chain: Any, account: Any) -> None:
        self.chain, self.account = chain, account
        self.coordinator = account.deploy(_coordinator.container(), _coordinator.NO_BLOCKHASH_STORE)
        network = network_of(LOCAL_CHAIN_ID)
        for _, function, arguments in _coordinator.missing_steps(self.coordinator, network, VRF_KEY.public):
            getattr(self.coordinator, function)(*arguments, sender=account)
        created = self.coordinator.createSubscription(sender=account)
        self.subscription = event(created, "SubscriptionCreated").subId
        self.coordinator.fundSubscriptionWithNative(self.subscription, sender=account, value=ETHER)

    def add(self, *consumers: Any) -> None:
        for consumer in consumers:
            self.coordinator.addConsumer(self.subscription, consumer, sender=self.account)

    def measure(self, consumer: Any, request: Any) -> int:
        """Answer a request; what its callback used, as the EVM's own trace tells.

        It is undone afterwards: the word follows from a block hash, and no two runs have the same.
        """
        snapshot = self.chain.snapshot()
        try:
            return self._callback(consumer, request)
        finally:
            self.chain.restore(snapshot)

    def _callback(self, consumer: Any, request: Any) -> int:
        (asked,) = request.decode_logs(self.coordinator.RandomWordsRequested)
        block = self._rpc("eth_getBlockByNumber", hex(request.block_number), False)
        proof = VRF_KEY.prove(asked.preSeed, bytes.fromhex(block["hash"][2:]))
        limits = (asked.callbackGasLimit, asked.numWords, asked.sender, asked.extraArgs)
        answered = self.coordinator.fulfillRandomWords(
            proof.arguments,
            (request.block_number, asked.subId, *limits),
            False,
            sender=self.account,
            gas=ANSWER_GAS,
        )
        (told,) = answered.decode_logs(self.coordinator.RandomWordsFulfilled)
        assert told.success, "the callback failed"
        return self.spent_by(consumer, answered)

    def spent_by(self, contract: Any, receipt: Any) -> int:
        """What the one call of this contract used within a transaction, with all that it called."""
        trace = self._rpc("debug_traceTransaction", receipt.txn_hash, {"tracer": "callTracer"})
        (used,) = [
            call["gasUsed"] for call in _calls(trace) if call["to"].lower() == contract.address.lower()
        ]
        return int(used, 16)

    def _rpc(self, method: str, *arguments: Any) -> Any:
        return self.chain.provider.make_request(method, list(arguments))


def _calls(frame: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield frame
    for inner in frame.get("calls", ()):
        yield from _calls(inner)
