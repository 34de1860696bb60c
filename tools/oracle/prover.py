"""Makes the proofs that Chainlink's VRF coordinator accepts: ECVRF over secp256k1, proving side.

What is proven and its sources: `listener/chain/draw/ecvrf.py`. The nonce is deterministic: RFC 6979 section 3.2 with
HMAC-SHA-256, over a hash of the point that is multiplied. A nonce that is told twice for different points would tell
the key. The coordinator's own verification is the judge in `tests/contracts/test_vrf_proofs.py`.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from listener.chain.draw import ecvrf
from listener.chain.draw.ecvrf import FIELD, GX, GY, ORDER, Point, Proof
from tools.oracle import private_file

NONCE_TAG = b"TOMBOLA-1/ecvrf nonce"


@dataclass(frozen=True)
class ProvingKey:
    """A secret scalar, 1 … ORDER − 1."""

    secret: int

    @cached_property
    def public(self) -> Point:
        return ecvrf.multiply((GX, GY), self.secret)

    @property
    def hash(self) -> bytes:
        """What requests name the key by."""
        return ecvrf.key_hash(self.public)

    def prove(self, pre_seed: int, block_hash: bytes) -> Proof:
        """The proof for the request of this seed in the block of this hash; always the same one."""
        public = self.public
        hashed = ecvrf.hash_to_curve(public, ecvrf.actual_seed(pre_seed, block_hash))
        gamma = ecvrf.multiply(hashed, self.secret)
        digest = hashlib.sha256(NONCE_TAG + b"".join(part.to_bytes(32) for part in hashed)).digest()
        nonce = nonce_of(self.secret, digest)
        u_witness = ecvrf.address_of(ecvrf.multiply((GX, GY), nonce))
        c = ecvrf.challenge(hashed, public, gamma, u_witness, ecvrf.multiply(hashed, nonce))
        s = (nonce - c * self.secret) % ORDER
        c_gamma, s_hash = ecvrf.multiply(gamma, c), ecvrf.multiply(hashed, s)
        z_inv = pow(ecvrf.denominator(c_gamma, s_hash), -1, FIELD)
        return Proof(public, gamma, c, s, pre_seed, u_witness, c_gamma, s_hash, z_inv)


def load_or_create(state_dir: Path) -> ProvingKey:
    """The state folder's proving key."""
    stored = private_file.load_or_create(
        state_dir / "vrf.json", lambda: {"secret": str(1 + secrets.randbelow(ORDER - 1))}
    )
    return ProvingKey(int(stored["secret"]))


def nonce_of(secret: int, digest: bytes) -> int:
    """RFC 6979, section 3.2, for secp256k1 and SHA-256."""
    seed = secret.to_bytes(32) + (int.from_bytes(digest) % ORDER).to_bytes(32)
    key, value = b"\0" * 32, b"\1" * 32
    for mark in (b"\0", b"\1"):
        key = _hmac(key, value + mark + seed)
        value = _hmac(key, value)
    while True:
        value = _hmac(key, value)
        if 0 < (nonce := int.from_bytes(value)) < ORDER:
            return nonce
        key = _hmac(key, value + b"\0")
        value = _hmac(key, value)


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)
