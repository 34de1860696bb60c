"""How many requests one network address and one account may make: sliding windows, shared through Redis if given.

`rules` says how many, `counters` counts, `middleware` refuses and tells each client how much it has left;
`failures` counts wrong passwords the same way.
"""
