"""The ledger's and the audit's jobs: known to the worker, on the schedule, and doing their work."""

from __future__ import annotations

from importlib import import_module

from backend.audit.tasks import chain_audit
from backend.jobs.app import Run, jobs
from backend.jobs.process import TASKS
from backend.jobs.schedule import SCHEDULE
from backend.ledger.tasks import expire_holds, reconcile_everything
from tests.backend.ledger.books import Books
from tests.backend.world import World


def test_schedule__names_tasks_that_a_worker_knows() -> None:
    for module in TASKS:
        import_module(module)
    assert (
        {"chain_audit", "expire_holds", "reconcile"} <= {entry.task for entry in SCHEDULE} <= set(jobs.tasks)
    )


async def test_jobs__expire_chain_and_compare(world: World) -> None:
    books, run = Books(world.services.engine, ""), Run(world.services, 0, 0)
    ada = await books.account(10)
    await books.hold(ada, await books.account(), 4, seconds=-1)
    await expire_holds(run)
    assert await books.state(ada) == (10, 0)
    await chain_audit(run)
    assert await books.value("SELECT count(*) FROM app.audit_link") == 3
    await books.transfer(await books.system("payments"), ada, 1)
    await reconcile_everything(run)
    assert await books.value("SELECT kind FROM app.difference") == "payments"
