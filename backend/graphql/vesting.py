"""Vesting grants, each with its plan and its token where they are asked for."""

from __future__ import annotations

import strawberry

from backend.graphql.arguments import address, number, size
from backend.graphql.loaders import Info
from backend.graphql.models import page_of, type_of
from backend.graphql.tokens import TOKEN
from backend.pages import DEFAULT_LIMIT, Page, page
from listener.mirror.reads import vesting as reads
from listener.mirror.reads.tokens import Token
from listener.mirror.reads.vesting import Grant, Plan


async def _plan(root: strawberry.Parent[Grant], info: Info) -> Plan | None:
    return await info.context.plans.load(int(root.plan_id))


async def _made_token(root: strawberry.Parent[Grant], info: Info) -> Token | None:
    return await info.context.tokens.load(root.token)


async def _page(
    info: Info,
    beneficiary: str | None = None,
    token: str | None = None,
    plan_id: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Grant]:
    mirror, most = info.context.mirror, size(limit)
    of, in_token = address("beneficiary", beneficiary), address("token", token)
    on_plan, after = number("planId", plan_id), number("cursor", cursor)
    async with info.context.turn:
        found = await reads.grants(
            mirror.db,
            mirror.as_of,
            limit=most + 1,
            beneficiary=of,
            token=in_token,
            plan_id=on_plan,
            after=after,
        )
    return page(mirror, found, most, lambda one: int(one.id))


_Grant = type_of(
    Grant,
    parts={
        "plan": strawberry.field(_plan, graphql_type=type_of(Plan) | None, description="Whose curve it has"),
        "made_token": strawberry.field(
            _made_token, graphql_type=TOKEN | None, description="Null for a token no Tombola factory made"
        ),
    },
)

FIELDS = {
    "grants": strawberry.field(
        _page,
        graphql_type=page_of(_Grant),
        description="In order of their numbers; `vested` and `releasable` are those at `asOfBlock`",
    ),
}
