"""`python -m backend audit verify [--noted POSITION:HASH]`: is the log what was chained, and what stands on chain?"""

from __future__ import annotations

from backend.audit.anchor import Anchor, NoAnchorError, anchor
from backend.audit.chain import chain
from backend.audit.verify import Verdict, verify
from backend.db import make_engine
from backend.services import open_services
from backend.settings import Settings, SettingsError

MOST_SHOWN = 50


async def run(settings: Settings, noted: str | None) -> int:
    """Chain what is pending, read the chain and say what was found; 1 when something was changed."""
    heads = [] if noted is None else [read_head(noted)]
    engine = make_engine(settings.database_url, pool=1, application="tombola audit")
    try:
        await chain(engine)
        found = await _anchored(settings)
        if isinstance(found, Anchor):
            heads.append((found.position, found.head))
        verdict = await verify(engine, *heads)
    finally:
        await engine.dispose()
    print(_told(found, verdict))
    _say(verdict)
    return 1 if verdict.faults else 0


async def _anchored(settings: Settings) -> Anchor | str:
    """The head on chain, or why there is none: without files or a chain the log is still compared with itself."""
    try:
        async with open_services(settings, "tombola audit") as services:
            return await anchor(services)
    except (NoAnchorError, SettingsError) as error:
        return str(error)


def _told(found: Anchor | str, verdict: Verdict) -> str:
    if isinstance(found, str):
        return f"Not compared with the chain: {found.rstrip('.')}."
    wrong = any(fault.position == found.position for fault in verdict.faults)
    return (
        f"The head {found.position}:{found.head.hex()}, anchored in transaction {found.transaction}, "
        f"{'DIFFERS' if wrong else 'matches'}."
    )


def _say(verdict: Verdict) -> None:
    for fault in verdict.faults[:MOST_SHOWN]:
        print(fault)
    if len(verdict.faults) > MOST_SHOWN:
        print(f"… and {len(verdict.faults) - MOST_SHOWN} more")
    position, last = verdict.head
    print(
        f"{len(verdict.faults)} faults in {position} links. Note the head elsewhere: {position}:{last.hex()}"
    )


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
