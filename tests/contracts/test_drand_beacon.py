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


def test_constructor__the_key_is_in_drand_s_order__reverts_drand_beacon_parameters(
    project: Any, owner: Any
) -> None:
    key = bytes.fromhex(QUICKNET["public_key_g2_uncompressed"])
    with reverts(project.DrandBeacon.DrandBeaconParameters):
        owner.deploy(project.DrandBeacon, key, 1, 3)


def test_constructor__the_key_is_at_infinity__reverts_drand_beacon_parameters(
    project: Any, owner: Any
) -> None:
    with reverts(project.DrandBeacon.DrandBeaconParameters):
        owner.deploy(project.DrandBeacon, bytes(192), 1, 3)


@pytest.mark.parametrize("length", [0, 96, 191, 193])
def test_constructor__the_key_has_another_length__reverts_drand_beacon_parameters(
    project: Any, owner: Any, length: int
) -> None:
    key = (local_drand.public_key() + b"\1")[:length]
    with reverts(project.DrandBeacon.DrandBeaconParameters):
        owner.deploy(project.DrandBeacon, key, 1, 3)


def test_constructor__the_period_is_zero__reverts_drand_beacon_parameters(project: Any, owner: Any) -> None:
    with reverts(project.DrandBeacon.DrandBeaconParameters):
        owner.deploy(project.DrandBeacon, local_drand.public_key(), 1, 0)


def test_verify__the_round_is_quicknet_s__returns_drand_s_randomness(quicknet: Any) -> None:
    compressed = bytes.fromhex(QUICKNET["signature_g1_compressed"])
    assert quicknet.verify(ROUND, SIGNATURE) == sha256(compressed).digest()


def test_verify__the_rounds_are_our_own__compresses_either_sign(beacon: Any) -> None:
    """Both signs of y occur among a few rounds, so both flags are met."""
    signs = set()
    for drand_round in range(1, 7):
        signature = local_drand.sign(drand_round)
        assert beacon.verify(drand_round, signature) == randomness_of(signature)
        signs.add(int.from_bytes(signature[48:], "big") > (PRIME - 1) // 2)
    assert signs == {True, False}


@pytest.mark.parametrize("position", [0, 31, 47, 48, 95])
def test_verify__a_bit_is_flipped__reverts_drand_beacon_signature_invalid(
    quicknet: Any, position: int
) -> None:
    forged = bytearray(SIGNATURE)
    forged[position] ^= 1
    with reverts(quicknet.DrandBeaconSignatureInvalid, round=ROUND):
        quicknet.verify(ROUND, bytes(forged))


@pytest.mark.parametrize("other", [ROUND - 1, ROUND + 1, 0, 2**64 - 1])
def test_verify__the_round_is_another__reverts_drand_beacon_signature_invalid(
    quicknet: Any, other: int
) -> None:
    with reverts(quicknet.DrandBeaconSignatureInvalid, round=other):
        quicknet.verify(other, SIGNATURE)


def test_verify__the_signature_is_negated__reverts_drand_beacon_signature_invalid(quicknet: Any) -> None:
    negated_y = PRIME - int.from_bytes(SIGNATURE[48:], "big")
    with reverts(quicknet.DrandBeaconSignatureInvalid, round=ROUND):
        quicknet.verify(ROUND, SIGNATURE[:48] + negated_y.to_bytes(48, "big"))


def test_verify__the_signature_is_at_infinity__reverts_drand_beacon_signature_invalid(quicknet: Any) -> None:
    with reverts(quicknet.DrandBeaconSignatureInvalid, round=ROUND):
        quicknet.verify(ROUND, bytes(96))


def test_verify__the_signature_is_of_another_key__reverts_drand_beacon_signature_invalid(
    quicknet: Any,
) -> None:
    with reverts(quicknet.DrandBeaconSignatureInvalid, round=ROUND):
        quicknet.verify(ROUND, local_drand.sign(ROUND))


@pytest.mark.parametrize("start", [0, 48])
def test_verify__a_coordinate_is_not_reduced__reverts_drand_beacon_signature_invalid(
    beacon: Any, start: int
) -> None:
    """The same point, written otherwise: were it accepted, a round would have several randomnesses."""
    signature = bytearray(local_drand.sign(5))
    coordinate = int.from_bytes(signature[start : start + 48], "big") + PRIME
    signature[start : start + 48] = coordinate.to_bytes(48, "big")
    with reverts(beacon.DrandBeaconSignatureInvalid, round=5):
        beacon.verify(5, bytes(signature))


@pytest.mark.parametrize("length", [0, 48, 95, 97])
def test_verify__the_length_is_wrong__reverts_drand_beacon_signature_length(
    quicknet: Any, length: int
) -> None:
    with reverts(quicknet.DrandBeaconSignatureLength, length=length):
        quicknet.verify(ROUND, bytes(length))


def test_round_after__the_chain_has_not_begun__is_the_first(beacon: Any) -> None:
    assert [beacon.roundAfter(time) for time in (0, local_drand.GENESIS - 1)] == [1, 1]


def test_round_after__the_chain_has_begun__is_the_first_strictly_later(beacon: Any) -> None:
    genesis = local_drand.GENESIS
    assert [beacon.roundAfter(genesis + offset) for offset in (0, 1, 2, 3, 4)] == [2, 2, 2, 3, 3]
    for time in (genesis, genesis + 7, genesis + 10**6):
        assert beacon.timeOf(beacon.roundAfter(time) - 1) <= time < beacon.timeOf(beacon.roundAfter(time))


def test_time_of__the_round_is_zero__reverts_panic_0x11(beacon: Any) -> None:
    with reverts(panic=0x11):
        beacon.timeOf(0)


def test_time_of__the_round_is_one_or_later__is_when_it_is_published(beacon: Any) -> None:
    times = [beacon.timeOf(drand_round) - local_drand.GENESIS for drand_round in (1, 2, 1001)]
    assert times == [0, local_drand.PERIOD, 1000 * local_drand.PERIOD]


def test_public_key__are_what_was_given(beacon: Any) -> None:
    assert bytes(beacon.publicKey()) == local_drand.public_key()
    assert (beacon.genesis(), beacon.period()) == (local_drand.GENESIS, local_drand.PERIOD)
