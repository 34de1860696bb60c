"""Checks of a draw's VRF word: it is what Chainlink's key gives for this request and no other."""

from collections.abc import Iterator

from listener.chain.draw import ecvrf
from listener.chain.draw.call_data import VrfRequest
from scripts._evidence import Check, DrawEvidence, VrfEvidence


def check_vrf(draw: DrawEvidence) -> Iterator[Check]:
    """Nothing where no word was used: then there is nothing to prove."""
    if not draw.words or draw.vrf is None:
        return
    if draw.vrf.request is None:
        yield Check("VRF request", None, f"the node has no coordinator's log of {draw.request.transaction}")
        return
    yield _request(draw, draw.vrf, draw.vrf.request)
    yield _proof(draw, draw.vrf, draw.vrf.request)


def _request(draw: DrawEvidence, vrf: VrfEvidence, request: VrfRequest) -> Check:
    """Asked by this contract, of the known coordinator, in the request's transaction, for a key it takes."""
    asked = draw.request.args
    same = (
        request.request_id == asked["vrfRequestId"] == ecvrf.request_id(request.key_hash, request.pre_seed)
        and request.sender.lower() == draw.contract.lower()
        and request.coordinator == asked["coordinator"]
    )
    if not same:
        return Check("VRF request", False, "the coordinator's log is not of this draw")
    if vrf.known_coordinator is None:
        return Check("VRF request", None, f"nothing to compare {request.coordinator} with")
    if request.coordinator != vrf.known_coordinator:
        return Check("VRF request", False, f"{request.coordinator} is not {vrf.known_from}")
    key = f"key 0x{request.key_hash.hex()}"
    if request.key_hash == vrf.known_key_hash or vrf.key_is_registered:
        return Check("VRF request", True, f"{key} of {vrf.known_from} at {request.coordinator}")
    return Check("VRF request", None, f"{key} is none that the coordinator takes today")


def _proof(draw: DrawEvidence, vrf: VrfEvidence, request: VrfRequest) -> Check:
    """The proof verifies for the request's seed and block, and its output gives the word."""
    word = draw.words[0]
    if vrf.proof is None:
        way = (
            "" if vrf.is_direct else f", which was sent to {vrf.sent_to} and not straight to the coordinator"
        )
        return Check(
            "VRF proof",
            None,
            f"it is not in the call of {word.transaction}{way}; the coordinator verified it",
        )
    try:
        proof = ecvrf.Proof.from_words(vrf.proof)
        output = ecvrf.verify(proof, request.block_hash)
    except ecvrf.ProofError as error:
        return Check("VRF proof", False, f"invalid: {error}")
    told = ecvrf.random_word(output, 0)
    holds = (
        ecvrf.key_hash(proof.public_key) == request.key_hash
        and proof.seed == request.pre_seed
        and told == word.args["word"]
    )
    return Check("VRF proof", holds, f"valid for block 0x{request.block_hash.hex()}, word {told:#x}")
