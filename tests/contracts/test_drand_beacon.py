"""The drand verifier: the real quicknet, and a chain of our own."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from listener.chain.draw.drand import randomness_of, swap_key
from tests.contracts import local_drand
from tests.evm import reverts

(QUICKNET,) = json.loads(Path("tests/vectors/drand.json").read_text())
SIGNATURE = bytes.fromhex(QUICKNET["signature_g1_uncompressed"])
ROUND = QUICKNET["round"]
PRIME = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16
)


@pytest.fixture(scope="module")
def project(anvil_chain: Any) -> Any:
    """BLS12-381 is there only."""
    return anvil_chain.project


@pytest.fixture(scope="module")
def owner(anvil_chain: Any) -> Any:
    return anvil_chain.accounts[0]


@pytest.fixture(scope="module")
def beacon(project: Any, owner: Any) -> Any:
    return owner.deploy(
        project.DrandBeacon, local_drand.public_key(), local_drand.GENESIS, local_drand.PERIOD
    )


@pytest.fixture(scope="module")
def quicknet(project: Any, owner: Any) -> Any:
    key = swap_key(bytes.fromhex(QUICKNET["public_key_g2_uncompressed"]))
    return owner.deploy(project.DrandBeacon, key, QUICKNET["genesis_time"], QUICKNET["period_seconds"])


def test_verify__real_round__returns_drands_randomness(quicknet: Any) -> None:
    compressed = bytes.fromhex(QUICKNET["signature_g1_compressed"])
    assert quicknet.verify(ROUND, SIGNATURE) == sha256(compressed).digest()


@pytest.mark.parametrize("position", [0, 31, 47, 48, 95])
def test_verify__flipped_bit__is_refused(quicknet: Any, position: int) -> None:
    forged = bytearray(SIGNATURE)
    forged[position] ^= 1
    with reverts(quicknet.DrandBeaconSignatureInvalid, round=ROUND):
        quicknet.verify(ROUND, bytes(forged))


@pytest.mark.parametrize("other", [ROUND - 1, ROUND + 1, 0])
def test_verify__other_round__is_refused(quicknet: Any, other: int) -> None:
    with reverts(quicknet.DrandBeaconSignatureInvalid):
        quicknet.verify(other, SIGNATURE)


def test_verify__negated_signature__is_refused(quicknet: Any) -> None:
    negated_y = PRIME - int.from_bytes(SIGNATURE[48:], "big")
    with reverts(quicknet.DrandBeaconSignatureInvalid):
        quicknet.verify(ROUND, SIGNATURE[:48] + negated_y.to_bytes(48, "big"))


def test_verify__point_at_infinity__is_refused(quicknet: Any) -> None:
    with reverts(quicknet.DrandBeaconSignatureInvalid):
        quicknet.verify(ROUND, bytes(96))


@pytest.mark.parametrize("length", [0, 48, 95, 97])
def test_verify__wrong_length__is_refused(quicknet: Any, length: int) -> None:
    with reverts(quicknet.DrandBeaconSignatureLength, length=length):
        quicknet.verify(ROUND, bytes(length))


def test_verify__own_chain__compresses_either_sign(beacon: Any) -> None:
    """Both signs of y occur among a few rounds, so both flags are met."""
    signs = set()
    for drand_round in range(1, 7):
        signature = local_drand.sign(drand_round)
        assert beacon.verify(drand_round, signature) == randomness_of(signature)
        signs.add(int.from_bytes(signature[48:], "big") > (PRIME - 1) // 2)
    assert signs == {True, False}


def test_round_after__times_around_a_round__is_the_first_strictly_later(beacon: Any) -> None:
    genesis, period = local_drand.GENESIS, local_drand.PERIOD
    assert [beacon.roundAfter(genesis + offset) for offset in (-5, 0, 1, 2, 3, 4)] == [1, 2, 2, 2, 3, 3]
    for time in (genesis, genesis + 7, genesis + 10**6):
        assert beacon.timeOf(beacon.roundAfter(time) - 1) <= time < beacon.timeOf(beacon.roundAfter(time))
    assert beacon.timeOf(1) == genesis
    assert beacon.period() == period


def test_deploy__key_in_drands_order__is_refused(project: Any, owner: Any) -> None:
    key = bytes.fromhex(QUICKNET["public_key_g2_uncompressed"])
    with reverts(project.DrandBeacon.DrandBeaconParameters):
        owner.deploy(project.DrandBeacon, key, 1, 3)


@pytest.mark.parametrize(("key", "period"), [(bytes(192), 3), (bytes(191), 3), (local_drand.public_key(), 0)])
def test_deploy__unusable_parameters__is_refused(project: Any, owner: Any, key: bytes, period: int) -> None:
    with reverts(project.DrandBeacon.DrandBeaconParameters):
        owner.deploy(project.DrandBeacon, key, 1, period)


def test_public_key__deployed__is_what_was_given(beacon: Any) -> None:
    assert bytes(beacon.publicKey()) == local_drand.public_key()
