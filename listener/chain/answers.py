"""What a provider sends back, as JSON-RPC answers or as the errors they stand for."""

import email.utils
import math
import time
from functools import lru_cache
from typing import Any, Generic, TypeVar

import aiohttp
import msgspec

from listener.chain.faults import (
    BatchTooLargeError,
    PermanentError,
    RangeTooLargeError,
    RateLimitedError,
    RpcError,
    TransientError,
    error_of,
)

T = TypeVar("T")


class Answer(msgspec.Struct, Generic[T]):
    """One answer; `result` is UNSET where there is none, which null is not."""

    id: Any = None
    result: T | msgspec.UnsetType | None = msgspec.UNSET
    error: Any = None


@lru_cache(maxsize=64)
def _decoder(result: Any, many: bool) -> msgspec.json.Decoder[Any]:
    answer = Answer[result]
    return msgspec.json.Decoder(list[answer] if many else answer)


def by_id(answers: list[Answer[Any]]) -> dict[int, Answer[Any]]:
    """Answers of a batch by their id. Raises what an answer without id says, TransientError for doubles."""
    found: dict[int, Answer[Any]] = {}
    for answer in answers:
        if not isinstance(answer.id, int):
            if answer.error is not None:
                raise error_of(answer.error)
            raise TransientError(f"a batch was answered with the id {answer.id!r:.40}", "malformed")
        if answer.id in found:
            raise TransientError(f"two answers of a batch have the id {answer.id}", "malformed")
        found[answer.id] = answer
    return found


def refusal_of_batch(answer: Answer[Any]) -> RpcError:
    """What one answer to a whole batch means; a refusal of unknown words may be one of batches."""
    if answer.error is None:
        return TransientError("a batch was answered with a single result", "malformed")
    error = error_of(answer.error)
    if isinstance(error, PermanentError):
        return BatchTooLargeError(str(error), error.code, error.data)
    return error


def parse(body: bytes, result: Any, *, many: bool) -> Any:
    """An Answer with a result of this type, or a list of them. Raises TransientError for anything else."""
    try:
        return _decoder(result, many).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TransientError(f"the answer is not the JSON-RPC expected: {error}", "malformed") from None


def unwrap(answer: Answer[Any]) -> Any:
    """The result of an answer; raises the error that stands in its place."""
    if answer.error is not None:
        raise error_of(answer.error)
    if answer.result is msgspec.UNSET:
        raise TransientError("the answer has neither result nor error", "malformed")
    return answer.result


def quantity_in(answer: Any, method: str) -> int:
    """The number in a method's result; TransientError where it is none."""
    try:
        return int(answer, 16)
    except (TypeError, ValueError):
        raise TransientError(f"{method} answered {answer!r:.80}", "malformed") from None


def http_error(response: aiohttp.ClientResponse, content: bytes, calls: int) -> RpcError:
    """A status other than 200 for so many calls: what the body says, where that is a limit, else the status."""
    status = response.status
    retry_after = _retry_after(response.headers.get("Retry-After"))
    if status == 429 or (status == 503 and retry_after is not None):
        return RateLimitedError(f"HTTP {status}, asked to wait", retry_after)
    error = _error_in(content)
    if status in (401, 402, 403):
        said = error or response.reason
        return TransientError(
            f"HTTP {status}: the provider refuses this key or address; correct RPC_URLS ({said})", "http_4xx"
        )
    if isinstance(error, (RangeTooLargeError, BatchTooLargeError, RateLimitedError)):
        return error
    if status == 413:
        return BatchTooLargeError("HTTP 413, request too large")
    if error is not None and status < 500:
        return BatchTooLargeError(str(error)) if calls > 1 and isinstance(error, PermanentError) else error
    if calls > 1 and status in (400, 405, 415, 422, 501):
        return BatchTooLargeError(f"HTTP {status} for a batch")
    kind = "http_5xx" if status >= 500 else "http_4xx"
    return TransientError(f"HTTP {status} {response.reason or ''}".rstrip(), kind)


def _error_in(content: bytes) -> RpcError | None:
    """The JSON-RPC error in the body of a refused request, also of the first of a batch; None without one."""
    for many in (False, True):
        try:
            answers = _decoder(Any, many).decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        fault = next((answer.error for answer in (answers if many else [answers]) if answer.error), None)
        return None if fault is None else error_of(fault)
    error = error_of({"message": content[:300].decode(errors="replace")})
    return error if isinstance(error, (RangeTooLargeError, RateLimitedError)) else None


def _retry_after(header: str | None) -> float | None:
    """Seconds to wait from a Retry-After header, which holds seconds or a date; None for anything else."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(header).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError):
            return None
    return None if math.isnan(seconds) else max(0.0, seconds)
