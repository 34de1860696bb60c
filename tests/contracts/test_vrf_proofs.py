"""Chainlink's own coordinator judges our proofs: all that are made are accepted, all that are changed refused."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from listener.chain.draw import ecvrf
from listener.chain.draw.ecvrf import FIELD, ORDER, Point, Proof
from tests.contracts.kit import KEY_HASH, event
from tests.contracts.vrf_kit import CONFIG, ETHER, KEY, LANE_GAS_PRICE, Vrf, block_hash
from tests.evm import reverts
from tools.oracle.prover import ProvingKey

NATIVE = bytes.fromhex("92fd1338") + (1).to_bytes(32)


@pytest.fixture(scope="module")
def asker(chain: Any, project: Any, owner: Any, vrf: Vrf) -> Any:
    """A consumer that takes whatever comes."""
    consumer = owner.deploy(project.LyingCoordinator)
    vrf.coordinator.addConsumer(vrf.subscription, consumer, sender=owner)
    return chain.impersonate(consumer.address)


def ask(vrf: Vrf, asker: Any, words: int = 1, key_hash: bytes = KEY_HASH) -> Any:
    request = (key_hash, vrf.subscription, 1, 100_000, words, NATIVE)
    return vrf.coordinator.requestRandomWords(request, sender=asker)


def test_prove__many_requests__all_accepted_with_the_output_that_python_tells(
    vrf: Vrf, asker: Any, stranger: Any
) -> None:
    for _ in range(60):
        asked = ask(vrf, asker)
        told = event(vrf.fulfil(asked, stranger), "RandomWordsFulfilled")
        assert told.outputSeed == ecvrf.verify(vrf.proof(asked), block_hash(vrf.chain, asked.block_number))
        assert told.success


@pytest.mark.parametrize("secret", [1, 2, ORDER - 1, Random(3).randrange(1, ORDER)])
def test_prove__any_key__accepted(vrf: Vrf, asker: Any, owner: Any, secret: int) -> None:
    key = ProvingKey(secret)
    vrf.coordinator.registerProvingKey(key.public, LANE_GAS_PRICE, sender=owner)
    asked = ask(vrf, asker, key_hash=key.hash)
    vrf.chain.mine()
    proof = key.prove(event(asked, "RandomWordsRequested").preSeed, block_hash(vrf.chain, asked.block_number))
    changes = {name: getattr(proof, name) for name in Proof.__dataclass_fields__}
    fulfilled = vrf.coordinator.fulfillRandomWords(*vrf.answer(asked, **changes), sender=owner)
    assert event(fulfilled, "RandomWordsFulfilled").outputSeed == ecvrf.output_of(proof.gamma)


def test_key_hash__any_key__is_the_coordinators(vrf: Vrf) -> None:
    assert bytes(vrf.coordinator.hashOfKey(KEY.public)) == KEY.hash == KEY_HASH


def test_fulfil__several_words__are_python_s(vrf: Vrf, asker: Any, project: Any, stranger: Any) -> None:
    asked = ask(vrf, asker, words=3)
    vrf.fulfil(asked, stranger)
    output = ecvrf.output_of(vrf.proof(asked).gamma)
    assert len({ecvrf.random_word(output, index) for index in range(3)}) == 3


def negated(point: Point) -> Point:
    return point[0], FIELD - point[1]


CHANGES = {
    "public key": (lambda p: {"public_key": ProvingKey(5).public}, "NoSuchProvingKey"),
    "seed": (lambda p: {"seed": p.seed ^ 1}, "NoCorrespondingRequest"),
    "gamma off the curve": (lambda p: {"gamma": (1, 1)}, "gamma is not on curve"),
    "gamma not reduced": (lambda p: {"gamma": (FIELD, 1)}, "invalid x-ordinate"),
    "gamma negated": (lambda p: {"gamma": negated(p.gamma)}, "First mul check failed"),
    "c": (lambda p: {"c": p.c ^ 1}, "addr(c*pk+s*g)!=_uWitness"),
    "s": (lambda p: {"s": p.s ^ 1}, "addr(c*pk+s*g)!=_uWitness"),
    "u": (lambda p: {"u_witness": "0x" + "11" * 20}, "addr(c*pk+s*g)!=_uWitness"),
    "u zero": (lambda p: {"u_witness": "0x" + "00" * 20}, "bad witness"),
    "c gamma": (lambda p: {"c_gamma_witness": negated(p.c_gamma_witness)}, "First mul check failed"),
    "c gamma off": (lambda p: {"c_gamma_witness": (1, 1)}, "cGammaWitness is not on curve"),
    "s hash": (lambda p: {"s_hash_witness": negated(p.s_hash_witness)}, "Second mul check failed"),
    "s hash off": (lambda p: {"s_hash_witness": (1, 1)}, "sHashWitness is not on curve"),
    "z": (lambda p: {"z_inv": p.z_inv ^ 1}, "invZ must be inverse of z"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_fulfil__proof_changed__refused(vrf: Vrf, asker: Any, stranger: Any, name: str) -> None:
    change, says = CHANGES[name]
    asked = ask(vrf, asker)
    vrf.chain.mine()
    answer = vrf.answer(asked, **change(vrf.proof(asked)))
    with reverts(says) if says.startswith("No") else reverts(message=says):
        vrf.coordinator.fulfillRandomWords(*answer, sender=stranger)


def forged(secret: int, proof: Proof, block: bytes) -> Proof:
    """Another output under the same key: all witnesses fit, only the challenge cannot."""
    hashed = ecvrf.hash_to_curve(proof.public_key, ecvrf.actual_seed(proof.seed, block))
    gamma = ecvrf.multiply(hashed, secret)
    c_gamma, s_hash = ecvrf.multiply(gamma, proof.c), ecvrf.multiply(hashed, proof.s)
    z_inv = pow(ecvrf.denominator(c_gamma, s_hash), -1, FIELD)
    return replace(proof, gamma=gamma, c_gamma_witness=c_gamma, s_hash_witness=s_hash, z_inv=z_inv)


def test_fulfil__another_output_under_the_key__refused(vrf: Vrf, asker: Any, stranger: Any) -> None:
    asked = ask(vrf, asker)
    vrf.chain.mine()
    block = block_hash(vrf.chain, asked.block_number)
    lie = forged(KEY.secret + 1, vrf.proof(asked), block)
    with pytest.raises(ecvrf.ProofError, match="hash of the points"):
        ecvrf.verify(lie, block)
    changes = {name: getattr(lie, name) for name in Proof.__dataclass_fields__}
    with reverts(message="invalid proof"):
        vrf.coordinator.fulfillRandomWords(*vrf.answer(asked, **changes), sender=stranger)


def test_fulfil__proof_for_another_block__refused(vrf: Vrf, asker: Any, stranger: Any) -> None:
    asked = ask(vrf, asker)
    vrf.chain.mine()
    other = KEY.prove(event(asked, "RandomWordsRequested").preSeed, b"\1" * 32)
    changes = {name: getattr(other, name) for name in Proof.__dataclass_fields__}
    with reverts(message="Second mul check failed"):
        vrf.coordinator.fulfillRandomWords(*vrf.answer(asked, **changes), sender=stranger)


@pytest.mark.parametrize("part", range(6))
def test_fulfil__commitment_changed__refused(vrf: Vrf, asker: Any, stranger: Any, part: int) -> None:
    proof, commitment, only_premium = vrf.answer(ask(vrf, asker))
    changed: list[Any] = list(commitment)
    others = {4: stranger.address, 5: b""}
    changed[part] = others.get(part) if part in others else changed[part] + 1
    with reverts(vrf.coordinator.IncorrectCommitment):
        vrf.coordinator.fulfillRandomWords(proof, tuple(changed), only_premium, sender=stranger)


def test_fulfil__second_time__refused(vrf: Vrf, asker: Any, stranger: Any) -> None:
    asked = ask(vrf, asker)
    vrf.fulfil(asked, stranger)
    with reverts(vrf.coordinator.NoCorrespondingRequest):
        vrf.fulfil(asked, stranger)


def test_fulfil__block_hash_forgotten__refused(vrf: Vrf, asker: Any, stranger: Any) -> None:
    asked = ask(vrf, asker)
    answer = vrf.answer(asked)
    vrf.chain.mine(256)
    with reverts(empty=True):
        vrf.coordinator.fulfillRandomWords(*answer, sender=stranger)


def test_fulfil__subscription_cannot_pay__refused_until_it_is_funded(
    vrf: Vrf, asker: Any, owner: Any, stranger: Any
) -> None:
    fee_per_answer = 10**6  # millionths of the chain's currency
    vrf.coordinator.setConfig(*CONFIG[:5], fee_per_answer, 0, *CONFIG[7:], sender=owner)
    empty = event(vrf.coordinator.createSubscription(sender=owner), "SubscriptionCreated").subId
    vrf.coordinator.addConsumer(empty, asker.address, sender=owner)
    asked = ask(replace(vrf, subscription=empty), asker)
    answer = vrf.answer(asked)
    with reverts(vrf.coordinator.InsufficientBalance):
        vrf.coordinator.fulfillRandomWords(*answer, sender=stranger)
    vrf.coordinator.fundSubscriptionWithNative(empty, sender=owner, value=2 * ETHER)
    assert event(vrf.coordinator.fulfillRandomWords(*answer, sender=stranger), "RandomWordsFulfilled").success
