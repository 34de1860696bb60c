"""`python -m backend product-readers`: who wants mails about the product, for whatever sends them. As CSV."""

from __future__ import annotations

import sys

from backend.consents.service import readers
from backend.csv_lines import csv_line
from backend.db import make_engine
from backend.settings import Settings


async def run(settings: Settings) -> int:
    """Print them. Ask anew before each mailing: consent can be taken back at any time."""
    engine = make_engine(settings.database_url, pool=1, application="tombola product readers")
    try:
        async with engine.connect() as db:
            found = await readers(db)
    finally:
        await engine.dispose()
    sys.stdout.buffer.write(csv_line("email", "language") + b"".join(csv_line(*one) for one in found))
    return 0
