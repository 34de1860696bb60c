"""Keys that make asking twice harmless."""

import uuid


def idempotency_key() -> str:
    """A new key for a new wish. A name of your own does as well, up to 200 signs without spaces: `payout-17`."""
    return str(uuid.uuid4())
