"""The schema of subscriptions: `events`, which are those of `backend.stream`, with its topics, places and limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

import strawberry
import structlog
from graphql import GraphQLError
from pydantic import ValidationError
from strawberry.extensions import DisableIntrospection
from strawberry.scalars import JSON
from strawberry.types import ExecutionContext

from backend.auth.tokens import Access
from backend.graphql.models import Long, config
from backend.process import DATABASE_TROUBLE
from backend.services import Services
from backend.stream import codes, store
from backend.stream.conversation import Conversation
from backend.stream.hub import Hub
from backend.stream.messages import Resume, Told
from backend.stream.subscriber import Subscriber
from backend.stream.topics import ME, choose

log = structlog.get_logger(__name__)
_CODES = {codes.SIGNED_OUT: "signed_out", codes.TOO_SLOW: "too_slow"}


@dataclass
class Listener:
    """The context of one connection's subscriptions."""

    hub: Hub
    services: Services
    connection_params: dict[str, Any] = field(default_factory=dict)
    access: Access | None = None


@strawberry.type(description="What happened. The first is `stream.ready`: from there on nothing is missed.")
class StreamEvent:
    """As docs/stream.md has it."""

    event: str
    topics: list[str]
    id: str | None = strawberry.field(description="Where to resume: begins with b on the chain")
    chain: str | None = strawberry.field(description="Of `stream.ready`: the place on the chain")
    subject: str | None
    block: Long | None
    transaction: str | None
    contract: str | None
    at: str | None
    data: JSON


@strawberry.input(description="The newest ids seen: of one's own events, and of the chain")
class ResumeAfter:
    """Where somebody was."""

    me: str | None = None
    chain: str | None = None


async def _events(
    info: strawberry.Info[Listener, None],
    topics: list[str],
    resume_after: Annotated[ResumeAfter | None, strawberry.argument(description="To go on from")] = None,
) -> AsyncGenerator[StreamEvent, None]:
    listener = info.context
    try:
        access = await _still_there(listener)
    except DATABASE_TROUBLE:
        raise _away() from None
    refused = choose(topics[:100], (), is_signed_in=access is not None).refused
    if refused or len(topics) > 100:
        said: dict[str, Any] = {
            "code": "topics_refused",
            **{str(why): which for why, which in refused.items()},
        }
        raise GraphQLError("Not all of these topics can be had: see docs/stream.md.", extensions=said)
    subscriber = Subscriber(access, asyncio.Queue[Told](listener.services.settings.stream_backlog))
    conversation = Conversation(listener.hub, listener.services, subscriber)
    try:
        await conversation.begin(topics, _resume(resume_after))
        async with aclosing(conversation.tell()) as all_told:
            async for told in _until_end(all_told, subscriber):
                if told.message["type"] in ("ready", "event"):
                    yield _shown(told.message)
    except GraphQLError:
        raise
    except DATABASE_TROUBLE:
        raise _away() from None
    except Exception:
        log.exception("graphql_failed")
        message = "This is our bug, not yours. It has been logged."
        raise GraphQLError(message, extensions={"code": "internal_error"}) from None
    finally:
        conversation.end()


async def _still_there(listener: Listener) -> Access | None:
    """Who it is; a connection outlives its session."""
    access = listener.access
    if access is None or await store.is_signed_in(
        listener.services.engine, access.user_id, access.session_id
    ):
        return access
    raise GraphQLError(codes.REASONS[codes.SIGNED_OUT], extensions={"code": _CODES[codes.SIGNED_OUT]})


def _away() -> GraphQLError:
    return GraphQLError(codes.REASONS[codes.AGAIN], extensions={"code": "service_unavailable"})


def _resume(given: ResumeAfter | None) -> Resume | None:
    try:
        return None if given is None else Resume(me=given.me, chain=given.chain)
    except ValidationError:
        raise GraphQLError(
            "resumeAfter has an id that this stream did not give.", extensions={"code": "resume_malformed"}
        ) from None


async def _until_end(
    all_told: AsyncGenerator[Told, None], subscriber: Subscriber
) -> AsyncGenerator[Told, None]:
    """Raises GraphQLError when the session ends or the reader is too slow."""
    while True:
        step: asyncio.Future[Told] = asyncio.ensure_future(anext(all_told))
        waits: list[asyncio.Future[Any]] = [step, subscriber.end]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if subscriber.end.done():
                code = subscriber.end.result()
                raise GraphQLError(codes.REASONS[code], extensions={"code": _CODES[code]})
            yield step.result()
        finally:
            if not step.done():
                step.cancel()
                await asyncio.gather(step, return_exceptions=True)


def _shown(said: dict[str, Any]) -> StreamEvent:
    is_ready = said["type"] == "ready"
    return StreamEvent(
        event="stream.ready" if is_ready else said["event"],
        topics=said["topics"],
        id=said.get("id"),
        chain=said.get("chain"),
        subject=said.get("subject"),
        block=said.get("block"),
        transaction=said.get("transaction"),
        contract=said.get("contract"),
        at=said.get("at"),
        data=JSON({"complete": said["complete"]} if is_ready else said["data"]),
    )


class _Quiet(strawberry.Schema):
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Whoever listens is told; for our log they are nothing."""


def _own_topic() -> str:
    return ME


_Query = strawberry.type(
    type(
        "Query",
        (),
        {"own_topic": strawberry.field(_own_topic, description="All other queries go to POST /graphql")},
    )
)
_Subscription = strawberry.type(
    type("Subscription", (), {"events": strawberry.subscription(_events, description="docs/stream.md")})
)


@cache
def schema(*, introspection: bool) -> strawberry.Schema:
    """The schema; without introspection its errors do not name other fields either."""
    return _Quiet(
        query=_Query,
        subscription=_Subscription,
        config=config(suggestions=introspection),
        extensions=[] if introspection else [DisableIntrospection],
    )
