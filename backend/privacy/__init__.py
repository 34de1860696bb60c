"""Erasing an account: a wish, a waiting time with notice, and the end of all that is a person's own.

`obstacles` says what is in the way (money, above all), `service` keeps the wish, `erase` carries it out in one
transaction, `tasks` do so when it is due. What stays, and why, is in
`docs/decisions/0016-erasure-deletes-the-account-and-keeps-its-number.md`.
"""
