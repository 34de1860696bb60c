"""Money from outside for credits: what Stripe says of a payment, brought into the ledger once.

A webhook is only a wake-up. Each time, the payment is asked for at Stripe, and the ledger gets the difference between
what the user is due now and what was booked before: so duplicates, any order and repeated jobs end the same.
"""
