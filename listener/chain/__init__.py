"""What the listener and the other services know about a chain.

`registry` (which contracts, with which ABI), `settings` (facts about known chains), `rpc` (JSON-RPC over
several providers), `faults` (typed errors), `abi` (events compiled to decoders), `encode` (function calls).
Imports nothing of ours. Tests: `tests/listener/chain`.
"""
