"""Random sequences of calls against small models: whatever anyone does in any order, the books stay true.

One file for each group of contracts. A machine has a model in Python, written from what the contracts promise and not
from their code; its rules try calls, legal or not, and say what has to come of them; its invariants compare the books
after every step. tests/machines/base.py has what they share.

`make test` runs each machine a little, always the same way. `make fuzz-contracts` runs all of them with fresh seeds until a
million calls of contracts were made (CALLS=…), goes on where it was stopped, and says how often each rule ran.
"""
