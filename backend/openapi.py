"""The API's description: what FastAPI cannot know by itself."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from backend.api_keys.identify import ApiKeyRefused, ScopeMissing
from backend.auth.access import ACCESS
from backend.auth.current_user import PREFIX
from backend.editions import ChangedMeanwhile
from backend.errors import MEDIA_TYPE, AppError, FieldProblem, Problem, purpose
from backend.idempotency.keeping import REPLAYED, AnswerShownOnce, IdempotencyKeyReused
from backend.idempotency.routes import SHOWN_ONCE
from backend.locations import MADE
from backend.outage import DatabaseUnavailable
from backend.overload import Overloaded
from backend.routing import HEADERS

_SCHEMAS = "#/components/schemas/"
DESCRIPTION: dict[str, Any] = {
    "summary": "Raffles, contests, vesting and custodial wallets on Polygon.",
    "description": (
        "JSON in snake_case. Amounts are decimal strings in the smallest unit, addresses checksummed, hashes "
        "0x-hex, times ISO 8601 in UTC. Refusals are RFC 9457 problem details with a stable `code`. Reads of "
        "the chain say `as_of_block` and whether that is `final`. Public reads carry an `ETag`: send it as "
        "`If-None-Match` and get 304 while nothing changed. Sign in with a bearer header, or by cookie "
        "from this site's pages."
    ),
    "openapi_tags": [
        {"name": "users", "description": "Accounts and sessions."},
        {
            "name": "privacy",
            "description": "A copy of one's data, consents, what is kept how long, what happened to the account.",
        },
        {"name": "factors", "description": "Second factors: passkeys, one-time codes, recovery codes."},
        {"name": "links", "description": "Wallets of their own that people linked (EIP-4361)."},
        {
            "name": "api keys",
            "description": "Keys for integrators: `Authorization: Bearer tk_…`, within scopes.",
        },
        {"name": "wallet", "description": "The custodial wallet and its balances."},
        {"name": "policy", "description": "How much a custodial wallet may pay, and to whom."},
        {"name": "intents", "description": "What a custodial user wants done on chain, and how far it is."},
        {"name": "credits", "description": "What one has of each currency we keep, and how it came to be."},
        {
            "name": "backing",
            "description": "Proof of backing: what is owed to custodial people, against the chain.",
        },
        {"name": "prices", "description": "What draws cost, and what a tier allows."},
        {"name": "payments", "description": "Buying credits and a tier through Stripe."},
        {"name": "admin", "description": "For administrators and support."},
        {"name": "webhooks", "description": "Events sent to a person's own server, signed."},
        {"name": "raffles", "description": "On-chain raffles, mirrored."},
        {"name": "contests", "description": "Draws over a list that stays off chain."},
        {"name": "connections", "description": "Accounts at platforms, whose comments can be imported."},
        {"name": "notices", "description": "Ending notices, and texts about winners that are ready to post."},
        {"name": "files", "description": "Downloads by signed links."},
        {"name": "tokens", "description": "Tokens made by the factory."},
        {"name": "vesting", "description": "Vesting plans and grants."},
        {"name": "governance", "description": "Proposals, votes and voting power."},
        {"name": "accounts", "description": "What an address takes part in, by what the chain says."},
        {"name": "analytics", "description": "Figures per hour and day, and as files."},
        {"name": "graphql", "description": "The public reads in one query, within limits."},
        {"name": "config", "description": "What a client needs to know about this deployment."},
        {"name": "status", "description": "How far each part of the system is."},
        {"name": "administration", "description": "For support and administrators."},
        {"name": "health", "description": "Process health."},
    ],
}


def operation_name(route: APIRoute) -> str:
    """The operation's id, and so the name of clients' methods: the function's own, `list_raffles`."""
    return route.name


def install(app: FastAPI) -> None:
    """Complete the generated document once, on first use."""
    generate = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(generate())
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for model in (FieldProblem, Problem):
        schema = model.model_json_schema(ref_template=_SCHEMAS + "{model}")
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    for name, path in document["paths"].items():
        is_edited = any(_takes(path.get(method, {}), "If-Match") for method in ("put", "patch"))
        for method, operation in path.items():
            if name.startswith("/api/"):
                _add_limits(operation)
                _add_outage(operation["responses"])
                route = f"{method.upper()} {name.removeprefix(PREFIX)}"
                _add_key(operation, route)
                _add_edition(operation, is_edited=is_edited and method in ("get", "put", "patch"))
                for header in operation.get(HEADERS, ()):
                    _add_header(operation, header, f"`{operation[HEADERS][header]}`")
                if route in MADE:
                    _add_header(operation, "Location", "Where it is")
            _use_problem(operation["responses"])
            if operation.get("security"):
                _add_key_refusals(operation["responses"])
                _allow_visitors(operation, f"{method.upper()} {name.removeprefix(PREFIX)}")
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    return document


def _add_limits(operation: dict[str, Any]) -> None:
    """What is refused before a route sees it: too many requests, or too large a body."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _SCHEMAS + "Problem"}}}
    responses = operation["responses"]
    too_many = "`too_many_attempts`: more requests than the limit; Retry-After says when to try again"
    responses.setdefault("429", {"description": too_many, "content": content})
    if "requestBody" in operation:
        too_large = "`body_too_large`: `limit_bytes` is the most"
        responses.setdefault("413", {"description": too_large, "content": content})
        unreadable = "`bad_request`: the body is cut off, or is no text in UTF-8"
        responses.setdefault("400", {"description": unreadable, "content": content})


def _add_outage(responses: dict[str, Any]) -> None:
    """Almost every route asks the database, and any may meet too many others."""
    _add_refusal(responses, DatabaseUnavailable)
    _add_refusal(responses, Overloaded)


def _add_key(operation: dict[str, Any], route: str) -> None:
    """What becomes of a request that is sent again with its Idempotency-Key."""
    if not _takes(operation, "Idempotency-Key"):
        return
    responses = operation["responses"]
    if route in SHOWN_ONCE:
        _add_refusal(responses, AnswerShownOnce)
    else:
        _add_header(operation, REPLAYED, "`true`: what the first request was answered")
    _add_refusal(responses, IdempotencyKeyReused)


def _add_edition(operation: dict[str, Any], *, is_edited: bool) -> None:
    """What is read before it is changed tells its edition; changes made on another one are refused."""
    if is_edited:
        _add_header(operation, "ETag", "The edition, for `If-Match`")
    if _takes(operation, "If-Match"):
        _add_refusal(operation["responses"], ChangedMeanwhile)


def _takes(operation: dict[str, Any], header: str) -> bool:
    return any(one["name"] == header and one["in"] == "header" for one in operation.get("parameters", ()))


def _add_header(operation: dict[str, Any], name: str, description: str) -> None:
    """To answers that are no refusals."""
    for status, answer in operation["responses"].items():
        if status < "300":
            told = {"description": description, "schema": {"type": "string"}}
            answer.setdefault("headers", {})[name] = told


def _add_key_refusals(responses: dict[str, Any]) -> None:
    """Whatever asks who somebody is can be asked with an API key, and refuse that."""
    for kind in (ApiKeyRefused, ScopeMissing):
        _add_refusal(responses, kind)


def _add_refusal(responses: dict[str, Any], kind: type[AppError]) -> None:
    content = {MEDIA_TYPE: {"schema": {"$ref": _SCHEMAS + "Problem"}}}
    answer = responses.setdefault(str(kind.status), {"description": "", "content": content})
    answer["description"] = "; ".join(
        part for part in (answer["description"], f"`{kind.code}`: {purpose(kind)}") if part
    )


def _allow_visitors(operation: dict[str, Any], route: str) -> None:
    """Who shows something to everybody and more to some people does not need to know who asks."""
    if ACCESS[route] == "anyone":
        operation["security"].insert(0, {})


def _use_problem(responses: dict[str, Any]) -> None:
    """Malformed input and our own bugs are problem details too."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _SCHEMAS + "Problem"}}}
    malformed = responses.get("422")
    if malformed and MEDIA_TYPE not in malformed.get("content", {}):
        responses["422"] = {"description": "`invalid_input`: malformed; see `errors`", "content": content}
    for status, answer in responses.items():
        if (
            status >= "400"
            and "application/json" in answer.get("content", {})
            and MEDIA_TYPE in answer["content"]
        ):
            del answer["content"]["application/json"]
    responses.setdefault("500", {"description": "`internal_error`: our bug", "content": content})
