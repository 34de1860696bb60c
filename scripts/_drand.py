"""A round's signature from drand's HTTP API, in the form the contracts take."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from listener.chain.draw.drand import PointError, decompress, randomness_of
from scripts._given import DeskError

PUBLIC = "https://api.drand.sh"
TIMEOUT = 10
"""Seconds."""
MOST_BYTES = 10_000


def beacon_url(drand: Mapping[str, Any], given: str | None) -> str:
    """The beacon of a deployment at drand's own servers, unless another URL (with the chain's hash) is given."""
    return (given or f"{PUBLIC}/{drand['chain_hash']}").rstrip("/")


def signature_of(base_url: str, drand_round: int) -> bytes:
    """96 bytes x ‖ y. Only its form is checked here, the contract verifies it. Raises DeskError."""
    url = f"{base_url}/public/{drand_round}"
    if not url.startswith(("https://", "http://")):
        raise DeskError(f"--drand-url {base_url} must start with https:// or http://.")
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:  # noqa: S310 - checked above
            answer = json.loads(response.read(MOST_BYTES))
        compressed = bytes.fromhex(answer["signature"])
        if answer["round"] != drand_round or not _is_hash(answer.get("randomness"), compressed):
            raise PointError("it is another round's, or its randomness is not the signature's hash")
        return decompress(compressed)
    except (urllib.error.URLError, OSError) as error:
        raise DeskError(
            f"{url} gave no signature: {error}. Name another beacon with --drand-url, or wait a moment."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DeskError(
            f"{url}: its answer cannot be used: {error}. Name another with --drand-url."
        ) from error


def _is_hash(randomness: str | None, compressed: bytes) -> bool:
    return randomness is None or bytes.fromhex(randomness) == randomness_of(compressed)


__all__ = ["beacon_url", "signature_of"]
