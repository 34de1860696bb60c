"""Learning of facts that people are told."""

from __future__ import annotations

from contextlib import suppress

from backend.jobs.app import Run, task
from backend.mirror import MirrorNotReady
from backend.notices.credits import tell_low_credits
from backend.notices.draws import tell_completed_draws
from backend.notices.raffles import tell_raffle_winners


@task("tell_of_draws", limit=300, attempts=3)
async def tell_of_draws(run: Run) -> None:
    """Contests and raffles whose draw became final; each is told once, however often this runs or is killed."""
    for tell in (tell_completed_draws, tell_raffle_winners):
        # Before the first blocks, and where the chain has no such contract, nothing was drawn.
        with suppress(MirrorNotReady):
            await tell(run.services)


@task("tell_of_low_credits", limit=300, attempts=3)
async def tell_of_low_credits(run: Run) -> None:
    """Accounts that fell below CREDITS_LOW_AT."""
    await tell_low_credits(run.services)
