"""Vesting plans and grants; each with its token, and a grant with its plan, where they are asked for."""

from __future__ import annotations

from typing import Any

import strawberry

from backend.graphql.arguments import address, number, required_number, size
from backend.graphql.loaders import Info, final, loaded, read
from backend.graphql.models import page_of, type_of
from backend.graphql.tokens import TOKEN
from backend.pages import DEFAULT_LIMIT, Page, page
from listener.mirror.reads import vesting as reads
from listener.mirror.reads.tokens import Token
from listener.mirror.reads.vesting import Grant, Plan


async def _plan(root: strawberry.Parent[Grant], info: Info) -> Plan | None:
    return await info.context.plans.load(int(root.plan_id))


async def _token(root: strawberry.Parent[Any], info: Info) -> Token | None:
    return await info.context.tokens.load(root.token)


async def grants_page(
    info: Info, limit: int, cursor: str | None, **wanted: bytes | int | None
) -> Page[Grant]:
    """Grants in order of their numbers, filtered as `listener.mirror.reads.vesting.grants` filters."""
    mirror, most, after = info.context.mirror, size(limit), number("cursor", cursor)
    filters: dict[str, Any] = wanted
    async with info.context.turn:
        found = await reads.grants(mirror.db, mirror.as_of, limit=most + 1, after=after, **filters)
    return page(mirror, found, most, lambda one: int(one.id))


async def _grants_of_plan(
    root: strawberry.Parent[Plan], info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Grant]:
    return await grants_page(info, limit, cursor, plan_id=int(root.id))


async def _grants(
    info: Info,
    beneficiary: str | None = None,
    offered_to: str | None = None,
    token: str | None = None,
    plan_id: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Grant]:
    return await grants_page(
        info,
        limit,
        cursor,
        beneficiary=address("beneficiary", beneficiary),
        offered_to=address("offeredTo", offered_to),
        token=address("token", token),
        plan_id=number("planId", plan_id),
    )


async def _grant(info: Info, id: str) -> Grant | None:  # noqa: A002 - GraphQL's name
    mirror, wanted = info.context.mirror, required_number("id", id)
    async with info.context.turn:
        return await reads.find_grant(mirror.db, mirror.as_of, wanted)


async def _plans(
    info: Info,
    creator: str | None = None,
    token: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Plan]:
    mirror, most, before = info.context.mirror, size(limit), number("cursor", cursor)
    of, in_token = address("creator", creator), address("token", token)
    async with info.context.turn:
        found = await reads.plans(
            mirror.db, mirror.as_of, limit=most + 1, creator=of, token=in_token, before=before
        )
    return page(mirror, found, most, lambda one: int(one.id))


async def _one_plan(info: Info, id: str) -> Plan | None:  # noqa: A002 - GraphQL's name
    return await info.context.plans.load(required_number("id", id))


def made_token() -> Any:
    """The token of a thing that has a `token`."""
    return loaded(_token, TOKEN | None, "Null for a token no Tombola factory made")


_Plan = type_of(Plan, parts={"made_token": made_token()})
GRANT = type_of(
    Grant,
    parts={"plan": loaded(_plan, _Plan | None, "Whose curve it has"), "made_token": made_token()},
)
GRANTS = page_of(GRANT)
# The model's `grants` is their number.
_PlanDetails = type_of(
    Plan,
    name="PlanDetails",
    parts={
        "made_token": made_token(),
        "final": final(),
        "granted_to": read(_grants_of_plan, GRANTS, "Its grants, in order of their numbers"),
    },
)
_AT = "`vested` and `releasable` are those at `asOfBlock`, `released` is what was paid out"

FIELDS = {
    "plans": strawberry.field(_plans, graphql_type=page_of(_Plan), description="Newest first"),
    "plan": strawberry.field(
        _one_plan, graphql_type=_PlanDetails | None, description="Null where there is none"
    ),
    "grants": strawberry.field(_grants, graphql_type=GRANTS, description=f"In order of their numbers; {_AT}"),
    "grant": strawberry.field(
        _grant, graphql_type=GRANT | None, description=f"Null where there is none; {_AT}"
    ),
}
