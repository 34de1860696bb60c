"""Governance: proposals, votes and voting power, from the mirror of `Governor` and `Timelock`."""
