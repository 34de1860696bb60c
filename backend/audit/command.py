"""`python -m backend audit verify [--noted POSITION:HASH]`: is the log what was chained, and what stands on chain?"""

from __future__ import annotations

from backend.audit.anchor import NoAnchorError, anchor
from backend.audit.chain import chain
from backend.audit.verify import Verdict, verify
from backend.services import open_services
from backend.settings import Settings, SettingsError

MOST_SHOWN = 50


async def run(settings: Settings, noted: str | None) -> int:
    """Chain what is pending, read the chain and say what was found; 1 when something was changed."""
    heads = [] if noted is None else [read_head(noted)]
    async with open_services(settings, "tombola audit") as services:
        await chain(services.engine)
        try:
            found = await anchor(services)
        except NoAnchorError as error:
            verdict = await verify(services.engine, *heads)
            told = f"Not compared with the chain: {error}."
        else:
            verdict = await verify(services.engine, (found.position, found.head), *heads)
            wrong = any(fault.position == found.position for fault in verdict.faults)
            told = (
                f"The head {found.position}:{found.head.hex()}, anchored in transaction {found.transaction}, "
                f"{'DIFFERS' if wrong else 'matches'}."
            )
    _say(verdict)
    print(told)
    return 1 if verdict.faults else 0


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
