"""The one place that talks to Stripe, through Stripe's own library, which asks in the API version it was made for.

Whatever version a webhook speaks, only the names in it are used; what they stand for is asked for here.
"""
