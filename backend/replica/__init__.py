"""A streaming standby that answers public reads (READ_DATABASE_URL; docs/resilience.md#a-replica-for-reads).

`backend.mirror.read` decides, for each read, between it and the primary. Everything else asks the primary.
"""
