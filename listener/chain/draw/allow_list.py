"""Allow-lists of raffles: who may hold tickets, as a Merkle tree with sorted pairs (OpenZeppelin's MerkleProof)."""

from collections.abc import Sequence

from listener.chain.draw.hashing import address_word, bytes32, keccak, word

ALLOW_TAG = keccak(b"TOMBOLA-1/allow")


def allow_key(organiser: str, salt: bytes) -> bytes:
    """The key in the list's leaves: the list is good for this organiser's raffles with this salt."""
    return keccak(address_word(organiser) + bytes32(salt, "The salt"))


def allow_leaf(*, chain_id: int, contract: str, key: bytes, account: str, allowance: int) -> bytes:
    """A leaf; `allowance` is the most tickets of the account, 0 for any number."""
    parts = (ALLOW_TAG, word(chain_id), address_word(contract), key, address_word(account), word(allowance))
    return keccak(keccak(b"".join(parts)))


class AllowList:
    """The tree over leaves in any order."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        if not leaves:
            raise ValueError("An allow-list needs at least one leaf.")
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            level = self._levels[-1]
            pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
            self._levels.append([_parent(pair) for pair in pairs])

    @property
    def root(self) -> bytes:
        """What a raffle's options name."""
        return self._levels[-1][0]

    def proof(self, index: int) -> list[bytes]:
        """For the leaf at `index`; an odd last node goes up unchanged."""
        found = []
        for level in self._levels[:-1]:
            if (index ^ 1) < len(level):
                found.append(level[index ^ 1])
            index //= 2
        return found


def _parent(pair: Sequence[bytes]) -> bytes:
    return keccak(b"".join(sorted(pair))) if len(pair) == 2 else pair[0]
