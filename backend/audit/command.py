"""`python -m backend audit verify [--noted POSITION:HASH]`: is the log what was chained?"""

from __future__ import annotations

from backend.audit.chain import chain
from backend.audit.verify import verify
from backend.db import make_engine
from backend.settings import Settings, SettingsError

MOST_SHOWN = 50


async def run(settings: Settings, noted: str | None) -> int:
    """Chain what is pending, read the chain and say what was found; 1 when something was changed."""
    expected = None if noted is None else read_head(noted)
    engine = make_engine(settings.database_url, pool=1, application="tombola audit")
    try:
        await chain(engine)
        verdict = await verify(engine, expected)
    finally:
        await engine.dispose()
    for fault in verdict.faults[:MOST_SHOWN]:
        print(fault)
    if len(verdict.faults) > MOST_SHOWN:
        print(f"… and {len(verdict.faults) - MOST_SHOWN} more")
    position, last = verdict.head
    print(
        f"{len(verdict.faults)} faults in {position} links. Note the head elsewhere: {position}:{last.hex()}"
    )
    return 1 if verdict.faults else 0


def read_head(noted: str) -> tuple[int, bytes]:
    """POSITION:HASH; raises SettingsError."""
    position, _, digest = noted.partition(":")
    try:
        found = int(position), bytes.fromhex(digest)
    except ValueError:
        found = 0, b""
    if len(found[1]) != 32:
        raise SettingsError(f"--noted {noted!r} is not POSITION:HASH as `audit verify` prints it.")
    return found
