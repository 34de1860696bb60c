"""Errors of talking to a chain: transient ones may be retried, permanent ones need a person or another
request.
"""

import re
from typing import Any


class RpcError(Exception):
    """Base of every error of the JSON-RPC layer. `kind` is one of few words, fit for a metric's label."""

    kind = "other"


class TransientError(RpcError):
    """The same request may succeed later or elsewhere (time-out, 5xx, broken answer, rate limit)."""

    kind = "inconsistent"  # well-formed, but null, of another block or of another branch

    def __init__(self, message: str, kind: str | None = None) -> None:
        super().__init__(message)
        if kind is not None:
            self.kind = kind


class RateLimitedError(TransientError):
    """The provider asks us to slow down. `retry_after` is in seconds, None when it did not say."""

    kind = "rate_limited"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RestingError(TransientError):
    """Nothing was sent: the provider is to be left alone for a while. No new fault of the provider."""

    kind = "unavailable"


class UnavailableError(TransientError):
    """No provider answered within the caller's patience; the message holds each one's last fault.

    `are_refusals`: every one of those faults was a refusal (PermanentError), which asking again hardly cures.
    """

    kind = "unavailable"

    def __init__(self, message: str, *, are_refusals: bool = False) -> None:
        super().__init__(message)
        self.are_refusals = are_refusals


class PermanentError(RpcError):
    """The provider understood and refused. `code`, `message` and `data` are those of the JSON-RPC error."""

    kind = "refused"

    def __init__(self, message: str, code: int | None = None, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class RangeTooLargeError(PermanentError):
    """`eth_getLogs` over this many blocks or results is refused: ask for less."""

    kind = "range"


class BatchTooLargeError(PermanentError):
    """The provider refuses a batch of this size: send fewer calls at once."""

    kind = "batch"


class WrongChainError(PermanentError):
    """The provider serves another chain than expected; it is not used again."""

    kind = "wrong_chain"


# Each vendor words its limit on eth_getLogs in its own way; tests/listener/chain/test_faults.py has the texts.
_RANGE_WORDS = re.compile(
    r"""
      block\ range|range\ (is\ )?(too|exceed|limit|threshold|allowed)|exceed\w*\ (the\ )?(max\w*\ )?(block\ )?range
    | range\ [\d,_]+\ exceeds|too\ many\ (blocks|results|logs|events)|max\w*\ (results|logs|block)|limit\ the\ query
    | (more\ than|over|exceed\w*|maximum\ of|limit\w*\ to|max\ is|returned)\D{0,24}
      [\d,_]+k?\W{0,3}(results|logs|blocks|events|entries|range)
    | (query|response|result)\w*\W{0,3}(set\ )?(size\ )?(is\ )?
      (too\ (large|big)|exceed|returned\ more|timeout|timed\ out|should\ not)
    | blocks?\ (distance|span|interval)|requested\ blocks|eth_getlogs\ (is\ )?limited|ranges?\ over
    | reduce\ (the\ )?(block\ )?range
    """,
    re.IGNORECASE | re.VERBOSE,
)
_RATE_WORDS = re.compile(
    r"rate.?limit|too many requests|request (count|limit)|requests? (per|limit)|call rate|slow down|credits"
    r"|throttl|quota|exceeded.{0,40}(capacity|compute|throughput|second|requests)",
    re.IGNORECASE,
)
_BATCH_WORDS = re.compile(
    r"batch.{0,40}(too|limit|large|size|exceed|max|not (supported|allowed)|unsupported|disabled)"
    r"|too many (calls|requests|items) in.{0,10}batch|requests? in (a |the )?batch",
    re.IGNORECASE,
)
# The node does not have the block (yet): no fault of its health, another node or moment may do.
_NOT_THERE_YET = re.compile(
    r"""beyond\ (the\ )?(current\ )?(head|latest)|invalid\ block\ range\ params|future\ block
    | (past|above|after|greater\ than)\ (the\ )?(current\ )?(head|latest|last\ (accepted|known))
    | (header|block|blockhash|resource)\ (is\ )?not\ found|unknown\ block|not\ been\ (mined|produced)
    | (could\ not|cannot)\ be\ found|could\ not\ (find|get)\ (block|header)|missing\ trie
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TRANSIENT_WORDS = re.compile(
    r"""time.?out|timed\ out|deadline|temporar|try\ again|retry|unavailable|overload|busy|upstream|syncing
    | internal\ (server\ )?error|not\ (yet\ )?(available|synced|ready|found)|bad\ gateway|connection|econn
    | no\ (healthy|available|backend|suitable)|suitable\ provider
    """,
    re.IGNORECASE | re.VERBOSE,
)
METHOD_NOT_FOUND = -32601
_INVALID_PARAMS, _INVALID_REQUEST, _REVERTED = -32602, -32600, 3
_TRANSIENT_CODES = {-32603, -32002, -32001, 408, 500, 502, 503, 504}
_RATE_CODES = {429, -32016, -32029, -32097}
_LIMIT_EXCEEDED = -32005  # EIP-1474; of requests where the words do not say of what


def error_of(fault: Any) -> RpcError:
    """Turn the `error` member of a JSON-RPC answer into a typed error."""
    if not isinstance(fault, dict):
        fault = {"message": str(fault)}
    code, message, data = fault.get("code"), str(fault.get("message") or "no message"), fault.get("data")
    if not isinstance(code, int):
        code = None
    words = f"{message} {data}" if isinstance(data, str) and len(data) < 300 else message
    shown = f"{message} (code {code})" if code is not None else message
    if code in (_REVERTED, METHOD_NOT_FOUND) or "execution reverted" in words:
        return PermanentError(shown, code, data)
    if _BATCH_WORDS.search(words):
        return BatchTooLargeError(shown, code, data)
    if code in _RATE_CODES:
        return RateLimitedError(shown, _retry_after(data))
    if _NOT_THERE_YET.search(words):
        return TransientError(shown)
    if _RANGE_WORDS.search(words):
        return RangeTooLargeError(shown, code, data)
    if code == _LIMIT_EXCEEDED or _RATE_WORDS.search(words):
        return RateLimitedError(shown, _retry_after(data))
    if code in (_INVALID_PARAMS, _INVALID_REQUEST):
        return PermanentError(shown, code, data)
    if code in _TRANSIENT_CODES or _TRANSIENT_WORDS.search(words):
        return TransientError(shown, "node")
    return PermanentError(shown, code, data)


def _retry_after(data: Any) -> float | None:
    """Some vendors put the pause into the error's data, in seconds; Infura one level deeper."""
    if not isinstance(data, dict):
        return None
    rate = data.get("rate")
    for part in (data, rate if isinstance(rate, dict) else {}):
        for key in ("retry_after", "retryAfter", "try_again_in", "backoff_seconds"):
            value = part.get(key)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
                return float(value)
    return None
