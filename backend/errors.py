"""Business errors as classes, rendered in one place as RFC 9457 problem details."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from backend.route_names import route_of
from backend.tracing.traceparent import current

MEDIA_TYPE = "application/problem+json"
API = "/api/v1"
log = structlog.get_logger(__name__)


class FieldProblem(BaseModel):
    """One thing wrong with the input."""

    field: str = Field(description="Where, as a dotted path: body.count", examples=["body.count"])
    reason: str = Field(description="Why, in words", examples=["Input should be greater than 0"])
    kind: str | None = Field(None, description="Why, in a stable word", examples=["greater_than"])
    values: dict[str, str | int | float] | None = Field(
        None, description="What `kind` compares with", examples=[{"gt": 0}]
    )


class Problem(BaseModel):
    """RFC 9457 problem details. `code` is stable; `detail` is for people."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(default="about:blank", examples=["urn:tombola:problem:balance_too_low"])
    title: str = Field(examples=["Balance too low"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["balance_too_low"])
    detail: str = Field(examples=["The wallet has 1 wei available and 2 wei are needed."])
    instance: str = Field(examples=["/api/v1/intents"])
    request_id: str | None = Field(
        None,
        description="As in X-Request-Id: whoever runs this finds in the logs by it what happened",
        examples=["7f3b2c9e5d1a4f60b8e7c2d4a6918035"],
    )
    errors: list[FieldProblem] | None = None


class AppError(Exception):
    """A refusal with a status and a stable code (the class name in snake case).

    `keep_changes`: what the request wrote is committed although it is refused (a revoked session stays so).
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "app_error"
    title: ClassVar[str] = "Refused"
    keep_changes: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        if "code" not in cls.__dict__:
            cls.code = words
        if "title" not in cls.__dict__:
            cls.title = words.replace("_", " ").capitalize()

    def __init__(self, detail: str, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra


class NotFound(AppError):
    """Nothing has this name, or it is not the caller's to see."""

    status = 404


class InvalidInput(AppError):
    """Malformed input found after parsing; names the fields."""

    status = 422

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}", errors=[{"field": field, "reason": reason}])


class ServiceUnavailable(AppError):
    """Something this answer depends on cannot be reached right now."""

    status = 503

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "2"})


def errors(*kinds: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: every refusal it can give, plus malformed input (422)."""
    by_status: dict[int, list[type[AppError]]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    answers: dict[int | str, dict[str, Any]] = {}
    for status, members in by_status.items():
        answers[status] = {
            "description": "; ".join(f"`{kind.code}`: {purpose(kind)}" for kind in members),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    answers.setdefault(
        422,
        {
            "description": "`invalid_input`: the request is malformed; `errors` says which field and why",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
    )
    return answers


def problem(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> JSONResponse:
    """Render one problem document. What Retry-After says in seconds is also its member `retry_after`."""
    if (seconds := (headers or {}).get("Retry-After", "")).isdigit():
        extra.setdefault("retry_after", int(seconds))
    body = {
        "type": f"urn:tombola:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.url.path,
        **({"request_id": going_on.request_id} if (going_on := current()) else {}),
        **extra,
    }
    return JSONResponse(body, status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every failure of this app as problem details."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, bug)


def purpose(kind: type[AppError]) -> str:
    """The first line of a refusal's docstring, for the API's description."""
    text = (kind.__doc__ or kind.title).strip().splitlines()[0].rstrip(".")
    return text[:1].lower() + text[1:]


async def _app_error(request: Request, raised: Exception) -> JSONResponse:
    error = cast(AppError, raised)
    return problem(request, error.status, error.code, error.title, error.detail, error.headers, **error.extra)


async def _validation_error(request: Request, raised: Exception) -> JSONResponse:
    error = cast(RequestValidationError, raised)
    found = [
        {
            "field": ".".join(str(part) for part in item["loc"]),
            "reason": str(item["msg"]).removeprefix("Value error, "),
            "kind": item["type"],
            "values": _compared(item.get("ctx")),
        }
        for item in error.errors()
    ]
    detail = "; ".join(f"{item['field']}: {item['reason']}" for item in found) or "The request is malformed."
    return problem(request, 422, "invalid_input", "Invalid input", detail, errors=found)


def _compared(context: Any) -> dict[str, str | int | float]:
    return {name: value for name, value in (context or {}).items() if isinstance(value, str | int | float)}


async def _http_error(request: Request, raised: Exception) -> JSONResponse:
    error = cast(HTTPException, raised)
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "_").replace("-", "_").replace("'", "")
    is_unknown = error.status_code == 404
    detail = f"Nothing answers at {request.url.path}." if is_unknown else str(error.detail)
    return problem(request, error.status_code, code, phrase, detail, error.headers)


async def bug(request: Request, error: Exception) -> JSONResponse:
    """Answer what nobody foresaw; why is in the log only."""
    log.error("unhandled_error", route=route_of(request.scope), method=request.method, exc_info=error)
    return problem(
        request, 500, "internal_error", "Internal error", "This is our bug, not yours. It has been logged."
    )
