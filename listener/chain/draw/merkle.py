"""The Merkle tree over a contest's entries: leaves, root and positional proofs.

A leaf stands at its index and nowhere else: the verifier takes direction from the index bits, knows from n
where an odd last node was promoted unchanged, and must use up the whole proof.
Inner node = keccak256(left ‖ right).
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from listener.chain.draw.hashing import ZERO32, address_word, bytes32, keccak, word

LEAF_TAG = keccak(b"TOMBOLA-1/leaf")
WEIGHT = 1
"""Weight of an entry of an unweighted list."""


def contest_key(organiser: str, post_hash: bytes, key_salt: bytes) -> bytes:
    """The key in a contest's leaves; the same organiser, post and salt cannot open a second contest."""
    return keccak(
        address_word(organiser) + bytes32(post_hash, "The post hash") + bytes32(key_salt, "The key salt")
    )


def claim_hash(claimant: str, claim_salt: bytes) -> bytes:
    """What a leaf says of the address its prize is paid to; the salt keeps the address hidden until the claim."""
    return keccak(address_word(claimant) + bytes32(claim_salt, "The claim salt"))


def salt_of(secret: bytes, index: int) -> bytes:
    """The private salt of the entry at `index`, from the contest's secret."""
    return hmac.digest(secret, index.to_bytes(8, "big"), hashlib.sha256)


def id_hash(salt: bytes, account_key: str) -> bytes:
    """keccak256(abi.encode(salt, accountKey)): hides who stands in a leaf until the salt is told."""
    text = account_key.encode()
    padding = -len(text) % 32
    return keccak(
        bytes32(salt, "The salt") + word(64) + word(len(text)) + text + bytes(padding),
    )


def leaf_hash(
    *,
    chain_id: int,
    contract: str,
    contest_key: bytes,
    index: int,
    id_hash: bytes,
    weight: int = WEIGHT,
    claim_hash: bytes = ZERO32,
) -> bytes:
    """A leaf as it stands in the tree."""
    return _leaf(_leaf_prefix(chain_id, contract, contest_key), index, weight, id_hash, claim_hash)


def list_leaves(
    *,
    chain_id: int,
    contract: str,
    contest_key: bytes,
    secret: bytes,
    account_keys: Iterable[str],
    weights: Sequence[int] = (),
) -> list[bytes]:
    """The leaves of a whole list, salted from the contest's secret, in the list's order; with its weights, if any."""
    prefix = _leaf_prefix(chain_id, contract, contest_key)
    return [
        _leaf(
            prefix,
            index,
            weights[index] if weights else WEIGHT,
            id_hash(salt_of(secret, index), account_key),
            ZERO32,
        )
        for index, account_key in enumerate(account_keys)
    ]


class Tree:
    """All levels of a tree, so that any number of proofs costs only look-ups.

    Levels are kept as joined bytes: 1,000,000 leaves take 64 MB instead of twice that.
    """

    def __init__(self, leaves: Sequence[bytes]) -> None:
        if not leaves:
            raise ValueError("A list without entries has no tree: commit at least one entry.")
        for index, leaf in enumerate(leaves):
            bytes32(leaf, f"Leaf {index}")
        self._levels = [b"".join(leaves)]
        while len(self._levels[-1]) > 32:
            self._levels.append(_level_above(self._levels[-1]))

    def __len__(self) -> int:
        return len(self._levels[0]) // 32

    @property
    def root(self) -> bytes:
        return self._levels[-1]

    def leaf(self, index: int) -> bytes:
        """The leaf at `index`."""
        self._check(index)
        return self._levels[0][32 * index : 32 * index + 32]

    def proof(self, index: int) -> list[bytes]:
        """The siblings from the leaf at `index` up; a promoted node has none on its level."""
        self._check(index)
        siblings = []
        for level in self._levels[:-1]:
            at = 32 * (index ^ 1)
            if at < len(level):
                siblings.append(level[at : at + 32])
            index >>= 1
        return siblings

    def _check(self, index: int) -> None:
        if not 0 <= index < len(self):
            raise IndexError(f"There is no leaf {index}: the tree has leaves 0 to {len(self) - 1}.")


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root alone."""
    return Tree(leaves).root


def verify(*, root: bytes, n: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `leaf` stands at `index` of the tree of `n` leaves with this root."""
    if not 0 <= index < n or any(len(sibling) != 32 for sibling in proof):
        return False
    node, used, size = leaf, 0, n
    while size > 1:
        promoted = index == size - 1 and size % 2 == 1
        if not promoted:
            if used == len(proof):
                return False
            sibling = proof[used]
            used += 1
            node = keccak(sibling + node if index & 1 else node + sibling)
        index >>= 1
        size = (size + 1) >> 1
    return used == len(proof) and node == root


def _leaf_prefix(chain_id: int, contract: str, contest_key: bytes) -> bytes:
    return LEAF_TAG + word(chain_id) + address_word(contract) + bytes32(contest_key, "The contest key")


def _leaf(prefix: bytes, index: int, weight: int, id_hash: bytes, claim_hash: bytes) -> bytes:
    return keccak(keccak(b"".join((prefix, word(index), word(weight), id_hash, claim_hash))))


def _level_above(level: bytes) -> bytes:
    pairs = len(level) // 64 * 64
    nodes = [keccak(level[at : at + 64]) for at in range(0, pairs, 64)]
    nodes.append(level[pairs:])  # an odd last node moves up as it is
    return b"".join(nodes)
