"""The randomness of the local chain: a drand beacon with its own key, and answers to VRF requests.

`python -m tools.oracle init` creates the beacon's key and the VRF's in STATE_DIR and prints what deployment needs.
`python -m tools.oracle` serves drand's HTTP API on BEACON_PORT and answers the VRF coordinator of REGISTRY
with proofs that it verifies.
It never runs for a live chain: there drand and Chainlink answer. Tests: `tests/scripts/test_oracle.py`.
"""
