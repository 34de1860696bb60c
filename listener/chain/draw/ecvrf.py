"""Chainlink VRF's proofs: an ECVRF over secp256k1, verified here as the coordinator verifies them.

Sources: draft-irtf-cfrg-vrf-05 (sections 5.1 to 5.4), Papadopoulos et al., "Making NSEC5 Practical for DNSSEC"
(ePrint 2017/099), and Chainlink's variant of them in `@chainlink/contracts/src/v0.8/vrf/VRF.sol`: keccak-256 with
prefixes 1 (to the curve), 2 (challenge) and 3 (output); try-and-increment with the even y; the challenge over u's
address; `s = k − c·x`, so that `u = c·pk + s·G`; and witnesses that save the contract what is dear on chain.

A proof is 13 words: pk, gamma (2 each), c, s, seed, uWitness, cGammaWitness, sHashWitness (2 each), zInv.
"""

from dataclasses import dataclass

from coincurve import PublicKey
from eth_hash.auto import keccak

from listener.chain.draw.hashing import word

FIELD = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
PROOF_WORDS = 13
SEED_WORD = 6
"""Where in a proof its seed stands."""

Point = tuple[int, int]


class ProofError(ValueError):
    """A proof that the coordinator would refuse; the message says why."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What `fulfillRandomWords` is given. `seed` is the request's preSeed; the block hash is mixed in by the
    verifier."""

    public_key: Point
    gamma: Point
    c: int
    s: int
    seed: int
    u_witness: str
    c_gamma_witness: Point
    s_hash_witness: Point
    z_inv: int

    @property
    def arguments(self) -> tuple[object, ...]:
        """In the order of the coordinator's struct."""
        return (
            *(self.public_key, self.gamma, self.c, self.s, self.seed),
            *(self.u_witness, self.c_gamma_witness, self.s_hash_witness, self.z_inv),
        )

    @classmethod
    def from_words(cls, data: bytes) -> "Proof":
        """The proof in 13 ABI words. Raises ProofError for another length."""
        if len(data) != 32 * PROOF_WORDS:
            raise ProofError(f"a proof has {32 * PROOF_WORDS} bytes, not {len(data)}")
        v = [int.from_bytes(data[at : at + 32]) for at in range(0, len(data), 32)]
        u_witness = f"0x{v[7]:040x}"
        return cls(
            (v[0], v[1]), (v[2], v[3]), v[4], v[5], v[6], u_witness, (v[8], v[9]), (v[10], v[11]), v[12]
        )


def verify(proof: Proof, block_hash: bytes) -> int:
    """The random output of a proof for a request in the block of this hash. Raises ProofError."""
    pk, gamma, c, s = proof.public_key, proof.gamma, proof.c, proof.s
    for name, point in (("public key", pk), ("gamma", gamma)):
        if not is_on_curve(point):
            raise ProofError(f"the {name} is no point of the curve")
    hashed = hash_to_curve(pk, actual_seed(proof.seed, block_hash))
    c_gamma, s_hash = multiply(gamma, c), multiply(hashed, s)
    u_witness = address_of(add(multiply(pk, c), multiply((GX, GY), s)))
    if proof.u_witness.lower() != u_witness:
        raise ProofError("uWitness is not c·pk + s·G")
    if (proof.c_gamma_witness, proof.s_hash_witness) != (c_gamma, s_hash):
        raise ProofError("a witness is not the product it stands for")
    if proof.z_inv * denominator(c_gamma, s_hash) % FIELD != 1:
        raise ProofError("zInv is not the inverse of the sum's denominator")
    if c != challenge(hashed, pk, gamma, u_witness, add(c_gamma, s_hash)):
        raise ProofError("c is not the hash of the points")
    return output_of(gamma)


GX = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798
GY = 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8


def key_hash(public_key: Point) -> bytes:
    """By what a coordinator and its consumers name a proving key."""
    return keccak(_words(public_key))


def request_id(key: bytes, pre_seed: int) -> int:
    """The coordinator's number of a request."""
    return int.from_bytes(keccak(key + word(pre_seed)))


def actual_seed(pre_seed: int, block_hash: bytes) -> int:
    """What is proven: the request's seed with the hash of the block the request stands in."""
    return int.from_bytes(keccak(word(pre_seed) + block_hash))


def output_of(gamma: Point) -> int:
    """A proof's random output."""
    return int.from_bytes(keccak(word(3) + _words(gamma)))


def random_word(output: int, index: int) -> int:
    """The `index`-th word that the consumer gets."""
    return int.from_bytes(keccak(word(output) + word(index)))


def hash_to_curve(public_key: Point, seed: int) -> Point:
    """Hashes until an x of the curve is met; of its two points the one with even y."""
    x = _field_hash(word(1) + _words(public_key) + word(seed))
    while True:
        y = pow(x**3 + 7, (FIELD + 1) // 4, FIELD)
        if is_on_curve((x, y)):
            return x, y if y % 2 == 0 else FIELD - y
        x = _field_hash(word(x))


def challenge(hashed: Point, public_key: Point, gamma: Point, u_witness: str, v: Point) -> int:
    """The hash of everything a proof is about."""
    points = b"".join(map(_words, (hashed, public_key, gamma, v)))
    return int.from_bytes(keccak(word(2) + points + bytes.fromhex(u_witness.removeprefix("0x"))))


def denominator(p: Point, q: Point) -> int:
    """z of p + q as the contract adds them in projective coordinates: (q.x − p.x)⁵."""
    return pow(q[0] - p[0], 5, FIELD)


def is_on_curve(point: Point) -> bool:
    """y² = x³ + 7, both coordinates reduced."""
    x, y = point
    return 0 <= x < FIELD and 0 <= y < FIELD and (y * y - x**3 - 7) % FIELD == 0


def multiply(point: Point, scalar: int) -> Point:
    """scalar · point. Raises ProofError for a scalar of 0."""
    factor = scalar % ORDER
    if factor == 0:
        raise ProofError("a scalar of the proof is zero")
    return _library(point).multiply(word(factor)).point()


def add(p: Point, q: Point) -> Point:
    """p + q. Raises ProofError when the sum is the point at infinity."""
    try:
        return PublicKey.combine_keys([_library(p), _library(q)]).point()
    except ValueError as error:
        raise ProofError("two points cancel out") from error


def address_of(point: Point) -> str:
    """The Ethereum address of a point as a key, in lower case."""
    return "0x" + keccak(_words(point))[-20:].hex()


def _library(point: Point) -> PublicKey:
    return PublicKey.from_point(*point)


def _field_hash(data: bytes) -> int:
    x = int.from_bytes(keccak(data))
    while x >= FIELD:
        x = int.from_bytes(keccak(word(x)))
    return x


def _words(point: Point) -> bytes:
    return word(point[0]) + word(point[1])
