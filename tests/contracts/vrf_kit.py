"""Chainlink's own coordinator on the chain of the tests, and the oracle that answers it with proofs."""

from dataclasses import dataclass, replace
from typing import Any

from listener.chain.draw import ecvrf
from listener.chain.draw.ecvrf import Proof
from tests.contracts.kit import VRF_KEY, event
from tests.evm.engine import Call, Refused

ETHER = 10**18
KEY = VRF_KEY
LANE_GAS_PRICE = 10**13
CONFIG = (1, 2_500_000, 86_400, 33_285, 4 * 10**15, 0, 0, 60, 50)
NOBODY = "0x" + "00" * 19 + "01"


def block_hash(chain: Any, number: int) -> bytes:
    """What the EVM at the head says: a contract that is never made tells it while it is refused."""
    code = bytes([0x67]) + number.to_bytes(8) + bytes.fromhex("40 5f 52 60 20 5f fd")
    try:
        chain.engine.call(Call(NOBODY, None, code))
    except Refused as told:
        return told.data
    raise AssertionError("REVERT did not revert")


@dataclass(frozen=True)
class Vrf:
    """A coordinator whose proving key is KEY, and one funded subscription."""

    chain: Any
    coordinator: Any
    subscription: int

    @classmethod
    def deploy(cls, chain: Any, owner: Any) -> "Vrf":
        coordinator = owner.deploy(chain.project.VRFCoordinatorV2_5, "0x" + "00" * 20)
        coordinator.setConfig(*CONFIG, sender=owner)
        coordinator.registerProvingKey(KEY.public, LANE_GAS_PRICE, sender=owner)
        subscription = event(coordinator.createSubscription(sender=owner), "SubscriptionCreated").subId
        coordinator.fundSubscriptionWithNative(subscription, sender=owner, value=ETHER)
        return cls(chain, coordinator, subscription)

    def answer(self, receipt: Any, **changes: Any) -> tuple[Any, ...]:
        """Arguments of `fulfillRandomWords` for the request in a receipt; `changes` are made to the proof."""
        request = event(receipt, "RandomWordsRequested")
        if self.chain.block_number == receipt.block_number:
            self.chain.mine()
        proof = replace(self.proof(receipt), **changes)
        limits = (request.callbackGasLimit, request.numWords, request.sender, request.extraArgs)
        return proof.arguments, (receipt.block_number, request.subId, *limits), False

    def proof(self, receipt: Any) -> Proof:
        pre_seed = event(receipt, "RandomWordsRequested").preSeed
        return KEY.prove(pre_seed, block_hash(self.chain, receipt.block_number))

    def word(self, receipt: Any) -> int:
        """The word that the request in a receipt will get."""
        self.chain.mine()
        return ecvrf.random_word(ecvrf.output_of(self.proof(receipt).gamma), 0)

    def fulfil(self, receipt: Any, sender: Any) -> Any:
        return self.coordinator.fulfillRandomWords(*self.answer(receipt), sender=sender)
