"""One whole raffle with the real verifier of drand, on anvil: the other tests use a beacon without BLS."""

from typing import Any

import pytest

from listener.chain.draw.drand import randomness_of
from listener.chain.draw.seed import draw_seed, randomness
from listener.chain.draw.winners import winners
from tests.contracts import local_drand
from tests.contracts.kit import (
    DAY,
    MARGIN,
    REVEAL_DELAY,
    RaffleKit,
    event,
    finalise,
    native_prize,
    no_vrf,
)
from tests.evm import reverts

ETHER = 10**18


@pytest.fixture(scope="module")
def real_kit(anvil_chain: Any) -> RaffleKit:
    """Raffles whose beacon is DrandBeacon, without a coordinator."""
    project, owner = anvil_chain.project, anvil_chain.accounts[0]
    beacon = owner.deploy(
        project.DrandBeacon, local_drand.public_key(), local_drand.GENESIS, local_drand.PERIOD
    )
    raffle = owner.deploy(
        project.Raffle, owner, beacon, REVEAL_DELAY, MARGIN, no_vrf(), DAY, 250, anvil_chain.accounts[4]
    )
    return RaffleKit(raffle=raffle, chain=anvil_chain, organiser=anvil_chain.accounts[1], coordinator=None)


def test_raffle__real_beacon__is_drawn_and_paid(real_kit: RaffleKit) -> None:
    raffle, chain = real_kit.raffle, real_kit.chain
    buyers = [chain.accounts[2], chain.accounts[3]]
    raffle_id = real_kit.create(prizes=[native_prize(ETHER), native_prize(2 * ETHER)])
    for buyer in buyers:
        real_kit.buy(raffle_id, buyer, 4)
    real_kit.request(raffle_id)
    draw = raffle.drawOf(raffle_id)
    chain.pending_timestamp = draw.revealAt + 60
    with reverts("DrandBeaconSignatureInvalid", round=draw.round):
        raffle.finalise(raffle_id, local_drand.sign(draw.round + 1), sender=buyers[0])
    receipt = finalise(raffle, raffle_id, chain, buyers[0], local_drand.sign)
    drand = randomness_of(local_drand.sign(draw.round))
    assert bytes(event(receipt, "DrawFinalised").drandRandomness) == drand
    seed = draw_seed(
        chain_id=chain.chain_id,
        contract=raffle.address,
        draw_id=raffle_id,
        commitment=draw.commitment,
        n=8,
        randomness=randomness(0, draw.round, drand),
    )
    assert raffle.drawOf(raffle_id).seed == seed
    for rank, ticket in enumerate(winners(seed, 8, 2)):
        winner = buyers[ticket // 4]
        held = winner.balance
        raffle.claim(raffle_id, rank, sender=chain.accounts[9])
        assert winner.balance - held == (rank + 1) * ETHER
