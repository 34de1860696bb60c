"""The keeper pushes what anyone may push: requestDraw, finalise with the drand signature, openRefunds.

It decides from contract views and records intents of the platform's keeper wallet; the sender signs them. No
second write path, no power of its own: without it the same calls can be made by anybody.
"""
