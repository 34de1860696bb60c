"""`WS /api/v1/stream`: a person's events as they are committed, each once, and again from where they left off.

Events are read in the order (transaction, id) below the oldest transaction still running. Nothing can appear
there any more, so a position in that order is a place to resume from; a number from a sequence would not be,
because transactions commit in another order than they take numbers.
"""
