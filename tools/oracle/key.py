"""The local beacon's key and constants, created once per state folder."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.optimized_bls12_381.optimized_curve import G2, curve_order, multiply, normalize

from listener.chain.draw import drand
from tools.oracle import private_file

BEACON_ID = "tombola-local"
PERIOD = 1
"""Seconds between rounds."""


@dataclass(frozen=True)
class BeaconKey:
    """A beacon's secret scalar and the time of its round 1 (Unix seconds)."""

    secret: int
    genesis_time: int

    @cached_property
    def public_key(self) -> bytes:
        """192 bytes in drand's order x.c1 ‖ x.c0 ‖ y.c1 ‖ y.c0."""
        x, y = normalize(multiply(G2, self.secret))
        words = (*reversed(x.coeffs), *reversed(y.coeffs))
        return b"".join(int(word).to_bytes(48, "big") for word in words)

    @cached_property
    def group_hash(self) -> bytes:
        """Stands for the hash of drand's group file: there is no group here."""
        return hashlib.sha256(f"{BEACON_ID} {self.genesis_time}".encode()).digest()

    @cached_property
    def chain_hash(self) -> bytes:
        """Computed as drand computes it."""
        return drand.chain_hash(
            public_key=self.public_key,
            genesis=self.genesis_time,
            period=PERIOD,
            group_hash=self.group_hash,
            beacon_id=BEACON_ID,
        )

    def sign(self, drand_round: int) -> bytes:
        """The compressed signature (48 bytes) of a round; 15 ms."""
        hashed = hash_to_G1(drand.message(drand_round), drand.DST, cast(Any, hashlib.sha256))
        x, y = normalize(multiply(hashed, self.secret))
        return drand.compress(int(x).to_bytes(48, "big") + int(y).to_bytes(48, "big"))

    def deployment_info(self) -> dict[str, str | int]:
        """What deployment writes into DrandBeacon and into the registry's `drand`."""
        return {
            "chain_hash": self.chain_hash.hex(),
            "public_key": self.public_key.hex(),
            "genesis_time": self.genesis_time,
            "period_seconds": PERIOD,
        }

    def api_info(self) -> dict[str, Any]:
        """The answer to `/{chain_hash}/info`, in the form of drand's HTTP API."""
        return {
            "public_key": drand.compress_key(self.public_key).hex(),
            "period": PERIOD,
            "genesis_time": self.genesis_time,
            "hash": self.chain_hash.hex(),
            "groupHash": self.group_hash.hex(),
            "schemeID": drand.SCHEME,
            "metadata": {"beaconID": BEACON_ID},
        }


def load_or_create(state_dir: Path) -> BeaconKey:
    """The state folder's key."""
    stored = private_file.load_or_create(state_dir / "beacon.json", _fresh)
    return BeaconKey(secret=int(stored["secret"]), genesis_time=int(stored["genesis_time"]))


def _fresh() -> dict[str, str]:
    secret = 1 + secrets.randbelow(int(curve_order) - 1)
    return {"secret": str(secret), "genesis_time": str(int(time.time()) - 1)}
