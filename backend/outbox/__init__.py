"""What leaves the system because something happened: mail, and events for streams and webhooks.

Callers write rows in their own transaction (`service`); jobs deliver them after it has committed.
"""
