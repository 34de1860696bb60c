"""Everything that is kept about a person, as one ZIP for that person alone.

`sources` says what is in it, table by table and column by column, and why the rest is not; `collect` writes it,
`service` keeps the wish, `tasks` make it in the background and delete it when its time is over.
"""
