"""`make mutants`: break the contracts in small ways, and see that the tests notice each.

`sites` finds the changes in solc's syntax trees, `choice` picks some of every file and kind, `trial` compiles a changed
tree and runs the tests that concern it, `report` says what survived. Everything is deterministic and can be resumed.
"""
