"""`python -m backend reconcile`, and the job: the database against itself, payments, and the chain."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from backend.ledger.comparison import QUERIES, Found, compare_database
from backend.ledger.differences import keep
from backend.ledger.onchain import Again, NotComparedError, compare_nonces, compare_tokens, compare_wallets
from backend.services import Services, open_services
from backend.settings import Settings

log = structlog.get_logger(__name__)
ON_CHAIN = {"wallet_nonce": compare_nonces, "token_balance": compare_tokens}
SOME_DIFFER, SOME_NOT_COMPARED = 1, 2


@dataclass
class Report:
    """What was found different, and what could not be compared and why."""

    found: list[Found] = field(default_factory=list)
    not_compared: dict[str, str] = field(default_factory=dict)


async def reconcile(services: Services, again: Again | None = None) -> Report:
    """Compare everything, write down the differences and raise an alert for each.

    Any number may run at once; where the chain or the mirror cannot be asked, the rest is compared all the same.
    """
    report = Report(await compare_database(services.engine))
    for kind, comparison in ON_CHAIN.items():
        try:
            report.found += await compare_wallets(services, comparison, again or Again())
        except NotComparedError as error:
            report.not_compared[kind] = str(error)
            log.warning("not_compared", kind=kind, error=str(error))
    compared = [kind for kind in (*QUERIES, *ON_CHAIN) if kind not in report.not_compared]
    await keep(services.engine, compared, report.found)
    log.info("reconciled", differences=len(report.found), not_compared=sorted(report.not_compared))
    return report


async def run(settings: Settings) -> int:
    """The command: 0 all is equal, 1 something differs, 2 nothing differs and something could not be compared."""
    async with open_services(settings, "tombola reconcile") as services:
        report = await reconcile(services)
    for one in report.found:
        print(f"{one.kind} {one.subject}: expected {one.expected}, found {one.found}")
    for kind, why in report.not_compared.items():
        print(f"{kind}: not compared, {why}")
    print(f"{len(report.found)} differences.")
    if report.found:
        return SOME_DIFFER
    return SOME_NOT_COMPARED if report.not_compared else 0
