"""Routes of figures: of the platform for its staff, of oneself, and of raffles and tokens, whose facts are everybody's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.analytics import queries
from backend.analytics.concentration import concentration
from backend.analytics.errors import MetricUnknown, RangeRefused
from backend.analytics.export import Format, file
from backend.analytics.metrics import METRICS, OF_ACCOUNT, OF_ORGANISER, OF_RAFFLE, OF_TOKEN, known
from backend.analytics.ranges import Range, Span, asked
from backend.analytics.schemas import ConcentrationOut, ReportOut, Top, TopList
from backend.auth.current_user import CurrentUser, NotSignedIn, SignedIn
from backend.auth.roles import RoleMissing, Support
from backend.caching.reads import tagged
from backend.db import Db
from backend.errors import errors
from backend.hexes import address_bytes
from backend.links.tables import Link
from backend.mirror import Mirror, MirrorNotReady
from backend.pages import AddressFilter, AddressPath, ChainId, Limit
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/analytics", tags=["analytics"])
MOST_METRICS = len(METRICS)
Names = Annotated[
    list[str] | None,
    Query(
        max_length=MOST_METRICS, description="Which figures; all there are if none is named", alias="metric"
    ),
]
Since = Annotated[datetime | None, Query(description="From the hour or day of this time on")]
Until = Annotated[datetime | None, Query(description="To the hour or day before this time; now if not named")]
EVERYBODY = [""]
_OWN = tuple(dict.fromkeys((*OF_ORGANISER, *OF_ACCOUNT)))
_REFUSALS = (RangeRefused, MetricUnknown, MirrorNotReady)
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "UTF-8 CSV, whose cells no spreadsheet runs, or Parquet; amounts in the smallest unit",
        "content": {"text/csv": {}, "application/vnd.apache.parquet": {}},
    }
}


def _over(span: Span = "day", since: Since = None, until: Until = None) -> Range:
    return asked(span, since, until)


Over = Annotated[Range, Depends(_over)]


@router.get("", summary="The platform's figures", responses=errors(NotSignedIn, RoleMissing, *_REFUSALS))
async def read_platform_report(_staff: Support, mirror: Mirror, over: Over, names: Names = None) -> ReportOut:
    """Of everybody together, beside as much time before."""
    return await queries.report(mirror.db, mirror.as_of, EVERYBODY, known(names, tuple(METRICS)), over)


@router.get(
    "/export",
    summary="The platform's figures as a file",
    response_class=Response,
    responses={**_FILE, **errors(NotSignedIn, RoleMissing, *_REFUSALS)},
)
async def export_platform_report(
    _staff: Support,
    services: ServicesDep,
    mirror: Mirror,
    over: Over,
    names: Names = None,
    form: Annotated[Format, Query(alias="format")] = "csv",
) -> StreamingResponse:
    """Every line of every figure, in order of time."""
    wanted = known(names, tuple(METRICS))
    return file(services.engine, mirror.as_of, EVERYBODY, wanted, over, form, "platform")


@router.get(
    "/top",
    summary="The largest organisers, raffles or tokens",
    responses=errors(NotSignedIn, RoleMissing, *_REFUSALS),
)
async def read_top(
    _staff: Support,
    mirror: Mirror,
    over: Over,
    kind: Top = "raffles",
    metric: str = "volume",
    token: AddressFilter = None,
    limit: Limit = 10,
) -> TopList:
    """By the sum of a figure over the range; amounts of one token, or of the chain's currency if none is named."""
    there = {"organisers": OF_ORGANISER, "raffles": OF_RAFFLE, "tokens": ("transfers",)}[kind]
    summed = tuple(
        name for name in there if METRICS[name].kind == "sum" and METRICS[name].split in ("", "token")
    )
    (name,) = known([metric], summed)
    return await queries.top(mirror.db, mirror.as_of, kind, METRICS[name], token, over, limit)


@router.get("/mine", summary="My own figures", responses=errors(NotSignedIn, *_REFUSALS))
async def read_my_report(
    user: CurrentUser, db: Db, mirror: Mirror, over: Over, names: Names = None
) -> ReportOut:
    """Of the raffles, contests, tokens and plans of one's wallets, and of one's credits and transactions.

    Players are counted for each wallet by itself.
    """
    scopes = await _scopes_of(db, user)
    return await queries.report(mirror.db, mirror.as_of, scopes, known(names, _OWN), over)


@router.get(
    "/mine/export",
    summary="My own figures as a file",
    response_class=Response,
    responses={**_FILE, **errors(NotSignedIn, *_REFUSALS)},
)
async def export_my_report(
    user: CurrentUser,
    services: ServicesDep,
    db: Db,
    mirror: Mirror,
    over: Over,
    names: Names = None,
    form: Annotated[Format, Query(alias="format")] = "csv",
) -> StreamingResponse:
    """Every line of every figure, in order of time."""
    scopes = await _scopes_of(db, user)
    return file(services.engine, mirror.as_of, scopes, known(names, _OWN), over, form, "mine")


@router.get("/raffles/{raffle_id}", summary="A raffle's figures", responses=errors(*_REFUSALS))
@tagged
async def read_raffle_report(
    raffle_id: ChainId, mirror: Mirror, over: Over, names: Names = None
) -> ReportOut:
    """What the chain says, hour by hour or day by day."""
    return await queries.report(mirror.db, mirror.as_of, [f"r{raffle_id}"], known(names, OF_RAFFLE), over)


@router.get("/tokens/{address}", summary="A token's figures", responses=errors(*_REFUSALS))
@tagged
async def read_token_report(
    address: AddressPath, mirror: Mirror, over: Over, names: Names = None
) -> ReportOut:
    """Holders, supply and transfers; tokens of the factory only."""
    return await queries.report(mirror.db, mirror.as_of, [f"t{address.hex()}"], known(names, OF_TOKEN), over)


@router.get(
    "/tokens/{address}/concentration",
    summary="How evenly a token is spread",
    responses=errors(MirrorNotReady),
)
@tagged
async def read_concentration(address: AddressPath, mirror: Mirror) -> ConcentrationOut:
    """As of the last block mirrored."""
    return await concentration(mirror, address)


async def _scopes_of(db: AsyncSession, user: SignedIn) -> list[str]:
    """The account, its custodial wallet and those it linked."""
    linked = await db.scalars(select(Link.address).where(Link.user_id == user.id))
    addresses = {address_bytes(user.wallet_address), *(bytes(address) for address in linked)}
    return [f"u{user.id}", *sorted(f"o{address.hex()}" for address in addresses)]
