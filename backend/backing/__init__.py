"""Proof of backing: what is owed to custodial people, summed up in Merkle-sum trees whose roots stand on chain.

`snapshot` reads what is owed at a final block, `publish` builds the trees and hands their roots to the sender, `store`
and `router` show what was published and give everybody their own proof. docs/backing.md describes the format, and
`scripts/verify_backing.py` checks it without any of this code.
"""
