"""A stand-in for Stripe on this machine: its API as Stripe's own library speaks it, pages to pay on, signed webhooks.

`python -m tools.stripe_stand_in` serves it for `make run` on STRIPE_PORT and keeps its objects in STATE_DIR; no card
is ever asked for, and no money moves. Tests use the same server and let it misbehave (`server.StandIn.faults`).
`account` knows what Stripe's objects do, `shapes` how they look, `api` and `pages` are its two faces.
Written after https://docs.stripe.com/api, in the version that the library in `requirements/` asks for.
"""
