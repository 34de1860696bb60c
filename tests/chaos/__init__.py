"""Chaos: real sender processes that are killed and stopped, real Postgres that restarts, real anvil that forks, behind
providers that lie. Whatever happens, each seed ends with CUSTODY's oracle: nothing lost, nothing doubled.

`plan.py` makes a scene of a seed, `node.py` is a provider with geth's rules and our faults, `forks.py` starts senders
that die at a boundary, `run.py` plays a seed, `__main__.py` plays many (`make chaos`) and prints the table.
"""
