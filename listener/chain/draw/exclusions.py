"""Who was left out of a contest and why, fixed before the draw: leaves and root of the exclusions.

One leaf for each excluded person, in the order of their first comment (row), numbered from 0:
`keccak256(keccak256(abi.encode(EXCLUSION_TAG, chainId, contract, contestKey, index, idHash, reasonHash)))`.
The tree is `merkle`'s. `idHash` is that of an entry, its salt another: the salt of entry 5 becomes public when it
wins, and must not help anyone to guess exclusion 5.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from listener.chain.draw.hashing import ZERO32, address_word, bytes32, keccak, word
from listener.chain.draw.merkle import Tree, id_hash

EXCLUSION_TAG = keccak(b"TOMBOLA-1/exclusion")
_SALT_DOMAIN = b"exclusion"


def exclusion_salt(secret: bytes, index: int) -> bytes:
    """The private salt of the exclusion at `index`, HMAC-SHA256(secret, "exclusion" ‖ index as 8 bytes)."""
    return hmac.digest(secret, _SALT_DOMAIN + index.to_bytes(8, "big"), hashlib.sha256)


def reason_hash(reason: str) -> bytes:
    """keccak256 of a reason's code as UTF-8."""
    return keccak(reason.encode())


def exclusion_leaf(
    *, chain_id: int, contract: str, contest_key: bytes, index: int, id_hash: bytes, reason: str
) -> bytes:
    """A leaf as it stands in the tree."""
    return _leaf(_leaf_prefix(chain_id, contract, contest_key), index, id_hash, reason_hash(reason))


def exclusion_leaves(
    *,
    chain_id: int,
    contract: str,
    contest_key: bytes,
    secret: bytes,
    excluded: Iterable[tuple[str, str]],
) -> list[bytes]:
    """The leaves of all excluded persons, (account key, reason code) in their order, salted from the secret."""
    prefix = _leaf_prefix(chain_id, contract, contest_key)
    hashes: dict[str, bytes] = {}  # a handful of codes
    leaves = []
    for index, (account_key, reason) in enumerate(excluded):
        if reason not in hashes:
            hashes[reason] = reason_hash(reason)
        hidden = id_hash(exclusion_salt(secret, index), account_key)
        leaves.append(_leaf(prefix, index, hidden, hashes[reason]))
    return leaves


def exclusion_root(leaves: Sequence[bytes]) -> bytes:
    """The root a contest's details commit to; zero where nobody is excluded."""
    return Tree(leaves).root if leaves else ZERO32


def _leaf_prefix(chain_id: int, contract: str, contest_key: bytes) -> bytes:
    return EXCLUSION_TAG + word(chain_id) + address_word(contract) + bytes32(contest_key, "The contest key")


def _leaf(prefix: bytes, index: int, id_hash: bytes, reason_hash: bytes) -> bytes:
    return keccak(keccak(b"".join((prefix, word(index), bytes32(id_hash, "The id hash"), reason_hash))))
