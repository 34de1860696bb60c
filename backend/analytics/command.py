"""`python -m backend analytics [--check]`: fold what is due now, or compare the figures with the facts."""

from __future__ import annotations

import math
import sys

from backend.analytics.check import Checked, check
from backend.analytics.folding import NothingMirroredError, advance
from backend.services import open_services
from backend.settings import Settings

SOME_DIFFER, NOTHING_MIRRORED = 1, 2


async def run(settings: Settings, check_only: bool) -> int:
    """0: folded, or all is equal; 1: something differs; 2: there is no mirror."""
    async with open_services(settings, "tombola analytics") as services:
        try:
            if check_only:
                return _tell(await check(services.engine))
            await advance(services.engine, math.inf)
        except NothingMirroredError:
            print("The mirror has no blocks yet, or a contract is still being filled in.", file=sys.stderr)
            return NOTHING_MIRRORED
    print("All figures are folded.")
    return 0


def _tell(found: Checked) -> int:
    for one in found.differences:
        print(
            f"{one.at:%Y-%m-%d %H:%M} {one.span} {one.metric} {one.scope or 'everybody'} {one.dimension}:"
            f" stored {one.stored}, by the facts {one.found}"
        )
    print(
        f"{found.figures} figures before {found.until:%Y-%m-%d %H:%M} UTC, {len(found.differences)} differ."
    )
    return SOME_DIFFER if found.differences else 0
