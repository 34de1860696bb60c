"""GET /status: how far the mirror and the sender are."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import func, select, text

from backend.errors import errors
from backend.intents.tables import TERMINAL, Intent
from backend.mirror import Mirror, MirrorNotReady
from backend.routing import Router
from backend.services import ServicesDep
from backend.status.readings import ProviderOut, VrfOut, kept
from backend.wallets.tables import Wallet
from listener.chain.settings import chain_settings

router = Router(tags=["status"])

_JOBS = text("""
    SELECT count(*) FILTER (WHERE status = 'todo') AS waiting,
        count(*) FILTER (WHERE status = 'failed') AS failed,
        (SELECT count(*) FROM jobs.procrastinate_workers
            WHERE last_heartbeat > now() - interval '1 minute') AS workers
    FROM jobs.procrastinate_jobs
""")


class ListenerOut(BaseModel):
    """The mirror. `lag_blocks` = head less cursor; the head is what the listener saw last."""

    cursor_block: int = Field(description="Last block mirrored", examples=[1234])
    cursor_time: datetime
    head_block: int | None = Field(examples=[1235])
    lag_blocks: int | None = Field(examples=[1])
    finalized_block: int | None = Field(examples=[1232])


class ChainOut(BaseModel):
    """The chain this deployment is on."""

    chain_id: int = Field(examples=[31337])
    name: str = Field(examples=["Local chain"])


class SenderOut(BaseModel):
    """Intents that are not settled yet, and wallets that need a person."""

    open_intents: dict[str, int] = Field(examples=[{"created": 1, "broadcast": 2}])
    oldest_open_at: datetime | None
    frozen_wallets: int


class JobsOut(BaseModel):
    """The queue. `failed` ones wait for an administrator; without workers nothing is delivered."""

    waiting: int = Field(examples=[0])
    failed: int = Field(examples=[0])
    workers: int = Field(
        description="Worker queues that gave a sign of life in the last minute", examples=[2]
    )


class StatusOut(BaseModel):
    """How far each part of the system is."""

    listener: ListenerOut
    chain: ChainOut
    sender: SenderOut
    jobs: JobsOut
    vrf: list[VrfOut] = Field(description="What pays for random numbers, read once a minute")
    providers: list[ProviderOut] = Field(description="The server's providers, read once a minute")


@router.get("/status", summary="How far is everything?", responses=errors(MirrorNotReady))
async def read_status(mirror: Mirror, services: ServicesDep) -> StatusOut:
    """For people and dashboards; `/readyz` is for load balancers."""
    as_of = mirror.as_of
    found = await mirror.db.execute(
        select(Intent.state, func.count(), func.min(Intent.created_at))
        .where(Intent.state.not_in(TERMINAL))
        .group_by(Intent.state)
    )
    rows = found.all()
    frozen = await mirror.db.scalar(select(func.count()).where(Wallet.frozen_at.is_not(None)))
    jobs = (await mirror.db.execute(_JOBS)).one()
    vrf, providers = await kept(mirror.db, services.settings)
    return StatusOut(
        listener=ListenerOut(
            cursor_block=as_of.block,
            cursor_time=as_of.time,
            head_block=as_of.head,
            lag_blocks=None if as_of.head is None else max(as_of.head - as_of.block, 0),
            finalized_block=as_of.finalized,
        ),
        chain=ChainOut(chain_id=as_of.chain_id, name=chain_settings(as_of.chain_id).name),
        sender=SenderOut(
            open_intents={state: count for state, count, _ in rows},
            oldest_open_at=min((oldest for _, _, oldest in rows), default=None),
            frozen_wallets=frozen or 0,
        ),
        jobs=JobsOut(waiting=jobs.waiting, failed=jobs.failed, workers=jobs.workers),
        vrf=vrf,
        providers=providers,
    )
