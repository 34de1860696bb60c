"""Filters: who of a contest's participants counts, and why the others do not.

A contest keeps a list of filters. In their order they take comments (rows of app.participant) away; somebody with no
comment left is excluded, for the reason that took the last one. `kinds` is the list of all filters, `evaluation` makes
one SQL statement of a list, `words` says a reason in a sentence. Nothing is decided row by row in Python.
"""
