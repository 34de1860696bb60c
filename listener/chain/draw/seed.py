"""How a draw's seed follows from what was committed and from the two sources of randomness."""

from listener.chain.draw.hashing import address_word, bytes32, keccak, word

SEED_TAG = keccak(b"TOMBOLA-1/seed")


def randomness(vrf_word: int, drand_round: int, drand_randomness: bytes) -> bytes:
    """Both sources in one hash. `vrf_word` is 0 when none came in time."""
    return keccak(word(vrf_word) + word(drand_round) + bytes32(drand_randomness, "The drand randomness"))


def draw_seed(
    *, chain_id: int, contract: str, draw_id: int, commitment: bytes, n: int, randomness: bytes
) -> bytes:
    """The seed of draw `draw_id` (a raffle or contest id) of `contract` with `n` tickets or entries."""
    return keccak(
        SEED_TAG
        + word(chain_id)
        + address_word(contract)
        + word(draw_id)
        + bytes32(commitment, "The commitment")
        + word(n)
        + bytes32(randomness, "The randomness")
    )
