"""What vendors say, and what it means."""

import pytest

from listener.chain.faults import (
    BatchTooLargeError,
    PermanentError,
    RangeTooLargeError,
    RateLimitedError,
    RpcError,
    TransientError,
    error_of,
)


@pytest.mark.parametrize(
    ("message", "code", "kind"),
    [
        (
            "query returned more than 10000 results. Try with this block range [0x1, 0x2].",
            -32005,
            RangeTooLargeError,
        ),
        (
            "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range",
            -32602,
            RangeTooLargeError,
        ),
        (
            "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range.",
            -32600,
            RangeTooLargeError,
        ),
        ("eth_getLogs is limited to a 10,000 range", -32614, RangeTooLargeError),
        ("exceed maximum block range: 5000", -32000, RangeTooLargeError),
        ("block range is too wide", -32000, RangeTooLargeError),
        ("requested too many blocks from 1 to 9000, maximum is set to 2048", -32000, RangeTooLargeError),
        ("logs matched by query exceeds limit of 10000", -32005, RangeTooLargeError),
        ("query exceeds max results 20000, retry with the range 1-500", -32602, RangeTooLargeError),
        ("range too large", -32000, RangeTooLargeError),
        ("query timeout exceeded", -32000, RangeTooLargeError),
        ("Too Many Requests", 429, RateLimitedError),
        ("daily request count exceeded, request rate limited", -32005, RateLimitedError),
        ("Your app has exceeded its compute units per second capacity.", 429, RateLimitedError),
        ("batch too large", -32600, BatchTooLargeError),
        ("Batch size is too large: 1000 (max 100)", -32010, BatchTooLargeError),
        ("header not found", -32000, TransientError),
        ("unknown block", -32000, TransientError),
        ("Internal error", -32603, TransientError),
        ("the method eth_foo does not exist/is not available", -32601, PermanentError),
        ("execution reverted: RaffleNotOpen", 3, PermanentError),
        ("nonce too low: next nonce 5, tx nonce 4", -32000, PermanentError),
        ("insufficient funds for gas * price + value", -32000, PermanentError),
        ("replacement transaction underpriced", -32000, PermanentError),
        ("already known", -32000, PermanentError),
    ],
)
def test_error_of__words_of_a_vendor__kind(message: str, code: int, kind: type[RpcError]) -> None:
    assert type(error_of({"code": code, "message": message})) is kind


@pytest.mark.parametrize(
    "fault", ["rate limit reached", {"message": "rate limit reached"}, {"code": "x"}, []]
)
def test_error_of__sloppy_shapes__still_an_error(fault: object) -> None:
    assert isinstance(error_of(fault), RpcError)
