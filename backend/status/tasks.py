"""Asking the chain's services how they are, once for everybody."""

from __future__ import annotations

from backend.jobs.app import Run, task
from backend.status.readings import keep, read_providers, read_vrf, read_wallets


@task("read_platform", limit=50, attempts=1)
async def read_platform(run: Run) -> None:
    """Providers first: without one of them subscriptions cannot be read, and what was read before stays."""
    services = run.services
    providers = await read_providers(services)
    await keep(services.engine, "providers", providers)
    if any(one["state"] != "away" for one in providers):
        wallets = await read_wallets(services)
        await keep(services.engine, "vrf", await read_vrf(services), wallets=wallets)
