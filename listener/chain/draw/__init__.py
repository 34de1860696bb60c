"""TOMBOLA-1 in Python: everything that decides a draw, computed from public data alone.

Pure functions: no I/O, no clock, nothing of `ape` and nothing of the listener besides this package. Solidity
(`contracts/lib`) and TypeScript compute the same; `tests/vectors` holds all three to it.

- `winners`: seed, n, k → winning numbers.
- `seed`: randomness and seed of a draw.
- `drand`: rounds, points and signatures of a drand chain.
- `merkle`: the contest list's leaves, tree and proofs.
- `sums`: the same for a weighted list: a Merkle-sum tree and who owns a weight unit.
- `exclusions`: who was left out of a list and why: leaves and root.
- `standing`: who wins once ranks were disqualified or repeat an entry.
- `terms`: what a raffle or contest commits to before its randomness.
- `entries`: a contest list file → its entries.

Addresses are `0x` strings in any case, hashes are `bytes` of 32, amounts and numbers are ints.
"""
