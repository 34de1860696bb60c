"""What a draw costs and what an account may: one committed price list, quotes from it, and charging at the commit.

`price_list` has the figures, `quote` is arithmetic without a database, `tiers` says which tier an account has,
`charging` holds credits when a contest is committed and settles them when its opening has ended.
Payments bring credits in (`backend.payments`); they read the list, and the list knows nothing of them.
"""
