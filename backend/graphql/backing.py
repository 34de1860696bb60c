"""The proof of backing: what is owed to custodial people, and what backs it, as published on chain."""

from __future__ import annotations

import strawberry

from backend.backing import store
from backend.backing.publish import CONTRACT
from backend.backing.schemas import BackingOut, Statement
from backend.graphql.arguments import number, size, topic
from backend.graphql.loaders import Info
from backend.graphql.models import page_of, part_of
from backend.pages import DEFAULT_LIMIT, Page, page


def _is_deployed(info: Info) -> bool:
    return CONTRACT in info.context.services.contracts.registry.contracts


async def _newest(info: Info) -> BackingOut:
    mirror, contracts = info.context.mirror, info.context.services.contracts
    async with info.context.turn:
        found = await store.newest(mirror.db) if _is_deployed(info) else []
    return BackingOut(
        chain_id=contracts.chain_id,
        contract=contracts.address(CONTRACT) if _is_deployed(info) else None,
        statements=found,
        as_of_block=mirror.as_of.block,
        final=mirror.as_of.is_final(found),
    )


_topic = topic


async def _statements(
    info: Info, topic: str | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Statement]:
    mirror, most, before = info.context.mirror, size(limit), number("cursor", cursor)
    of, found = _topic("topic", topic), list[Statement]()
    if _is_deployed(info):
        async with info.context.turn:
            found = await store.history(mirror.db, topic=of, before=before, limit=most + 1)
    return page(mirror, found, most, lambda one: one.position)


FIELDS = {
    "backing": strawberry.field(
        _newest,
        graphql_type=part_of(BackingOut),
        description="The newest statement of each asset, and of the audit's head",
    ),
    "backing_statements": strawberry.field(
        _statements, graphql_type=page_of(part_of(Statement)), description="All of them, newest first"
    ),
}
