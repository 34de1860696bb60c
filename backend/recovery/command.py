"""`python -m backend recover [--accept-forgotten]`: after a restore, before wallets go on."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

import psycopg

from backend.recovery.freezing import freeze_everything
from backend.recovery.service import NotYetError, Recovery, Report
from backend.sender.context import Context
from backend.services import Services, open_services
from backend.settings import Settings
from backend.start import require_chain, require_database
from listener.chain.faults import RpcError

SOME_KEPT, NOT_COMPARED = 1, 2
PAUSE = 2.0


def freeze(settings: Settings, moment: datetime) -> None:
    """Of a database that was restored to `moment` in another way than ours: freeze every wallet first."""
    with psycopg.connect(settings.database_url, application_name="tombola recover") as db:
        print(f"{freeze_everything(db, moment)} wallets were frozen.")


async def run(settings: Settings, accept: bool, patience: float) -> int:
    """The command: 0 all wallets go on, 1 some stay frozen, 2 the chain could not be asked within `patience`."""
    async with open_services(settings, "tombola recover") as services:
        stop = asyncio.Event()
        await require_database(settings, stop)
        await require_chain(services, stop)
        deadline = time.monotonic() + patience
        while True:
            try:
                report = await recover(services, accept=accept)
                break
            except (NotYetError, RpcError) as error:
                if time.monotonic() > deadline:
                    print(error)
                    return NOT_COMPARED
            await asyncio.sleep(PAUSE)
    _tell(report)
    return SOME_KEPT if report.kept else 0


async def recover(services: Services, *, accept: bool) -> Report:
    """One pass. Raises NotYetError, RpcError."""
    return await Recovery(services.engine, Context(services).chain, accept=accept).run()


def _tell(report: Report) -> None:
    for address, transactions in report.forgotten.items():
        print(f"{address} sent what the restored database knows no intent of:")
        for one in transactions:
            print(f"  {one}")
    for address, why in report.kept.items():
        print(f"{address} stays frozen: {why}.")
    print(
        f"{report.released} wallets go on, {len(report.kept)} stay frozen. {report.adopted} transactions were found on "
        "chain that the restored database would have sent again."
    )
    if report.forgotten and report.kept:
        print(
            "Where these transactions are ours: `python -m backend recover --accept-forgotten`, or "
            "`make recover ACCEPT=1`."
        )
