"""/healthz and /readyz: whether the process lives, and whether it can do its work."""

from __future__ import annotations

import asyncio
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.migrate import newest_version
from backend.start import ask_chain

log = structlog.get_logger(__name__)
router = APIRouter(tags=["health"])
_PATIENCE = 3.0


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Each thing the service needs: `ok`, or what is wrong with it."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str]


@router.get("/healthz", summary="Is the process alive?")
async def check_health() -> Health:
    """Answers without touching anything else."""
    return Health()


@router.get(
    "/readyz",
    summary="Can the service do its work?",
    responses={503: {"model": Readiness, "description": "Something is missing; `checks` says what"}},
)
async def check_readiness(request: Request, response: Response) -> Readiness:
    """Database reachable and migrated, listener's mirror present, no provider of another chain, nobody ends the process.

    A node that is away for a while is named in `checks` and changes nothing else: what is read from the mirror
    needs none.
    """
    chain = await ask_chain(request.app.state.services)
    checks = {"database": "ok", "chain": "ok" if chain.is_served else chain.fault}
    if request.app.state.is_draining:
        checks["process"] = "it was asked to end: ask another one"
    try:
        async with asyncio.timeout(_PATIENCE), request.app.state.services.probing.connect() as connection:
            checks["migrations"] = await _migrations(connection)
            checks["mirror"] = await _mirror(connection)
    except Exception as error:
        log.warning("not_ready", error=str(error))
        checks["database"] = "not reachable: check DATABASE_URL and that PostgreSQL runs"
    needed = [state for name, state in checks.items() if name != "chain" or chain.is_wrong]
    ready = all(state == "ok" for state in needed)
    response.status_code = 200 if ready else 503
    return Readiness(status="ready" if ready else "not ready", checks=checks)


async def _migrations(connection: AsyncConnection) -> str:
    if await connection.scalar(text("SELECT to_regclass('app.alembic_version')")) is None:
        return "schema app is missing: run `python -m backend migrate`"
    found = str(await connection.scalar(text("SELECT version_num FROM app.alembic_version")))
    wanted = newest_version()
    # Versions are numbers of four digits. While a release goes out, the code before it serves on a newer one.
    return "ok" if found >= wanted else f"at {found}, not {wanted}: run `python -m backend migrate`"


async def _mirror(connection: AsyncConnection) -> str:
    if await connection.scalar(text("SELECT to_regclass('mirror.cursor')")) is None:
        return "there is no mirror yet: start the listener"
    cursor = await connection.scalar(text("SELECT block_number FROM mirror.cursor"))
    return "ok" if cursor is not None else "the mirror is empty: start the listener"
