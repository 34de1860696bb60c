"""What vendors really say when they refuse, and the class each text must get.

The texts are those that the vendors' and clients' issue trackers and the users of their services report
(2020 to 2026); numbers in them are examples.
"""

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

RANGE, RATE, BATCH = RangeTooLargeError, RateLimitedError, BatchTooLargeError
TRANSIENT, PERMANENT = TransientError, PermanentError

SAID: list[tuple[str, int | None, str, type[RpcError]]] = [
    # ── eth_getLogs over too much ──
    (
        "Alchemy",
        -32602,
        "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit"
        " on the response size, or you can request any block range with a cap of 10K logs in the response. Based"
        " on your parameters and the response size limit, this block range should work: [0x0, 0x79bcb3]",
        RANGE,
    ),
    (
        "Alchemy, free",
        -32600,
        "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range. Based on your"
        " parameters, this block range should work: [0x1180fca, 0x1180fd3]. Upgrade to PAYG for expanded block range.",
        RANGE,
    ),
    (
        "Alchemy, slow",
        -32000,
        "Query timeout exceeded. Consider reducing your block range. Based on your parameters and the response"
        " size limit, this block range should work: [0x5223c98, 0x5223e80]",
        RANGE,
    ),
    ("Alchemy, old", None, "Log response size exceeded. Please reduce query block range.", RANGE),
    (
        "Infura",
        -32005,
        "query returned more than 10000 results. Try with this block range [0x1, 0x2].",
        RANGE,
    ),
    ("Infura, 2026", -32602, "range 1000000 exceeds limit of 10000", RANGE),
    ("Infura, slow", -32005, "query timeout exceeded", RANGE),
    ("QuickNode", -32602, "eth_getLogs and eth_newFilter are limited to a 10,000 blocks range", RANGE),
    ("QuickNode, Berachain, Monad", -32614, "eth_getLogs is limited to a 10,000 range", RANGE),
    ("QuickNode, free", -32615, "eth_getLogs is limited to a 5 range, upgrade from discover plan", RANGE),
    ("Ankr", -32600, "block range is too wide", RANGE),
    ("Moonbeam, Frontier", -32603, "block range is too wide (maximum 1024)", RANGE),
    (
        "Chainstack",
        -32602,
        "Block range limit exceeded. See more details at https://docs.chainstack.com",
        RANGE,
    ),
    ("Blast, paid", -32600, "exceeds the range allowed for your plan (5000 > 3000).", RANGE),
    ("Blast", -32600, "block range exceeds maximum of 10000 blocks", RANGE),
    ("dRPC, free", 35, "ranges over 10000 blocks are not supported on free plan", RANGE),
    ("dRPC", -32602, "query returns too many logs: query exceeds max results 20000", RANGE),
    ("LlamaNodes", -32602, "query exceeds max results 20000, retry with the range 59066104-59066970", RANGE),
    ("PublicNode", -32701, "exceed maximum block range: 50000", RANGE),
    ("Polygon public", -32005, "eth_getLogs block range too large, range: 33636, max: 3500", RANGE),
    ("BlockPI", -32602, "eth_getLogs is limited to 1024 block range. Please check your parameters.", RANGE),
    ("GetBlock", -32000, "exceed maximum block range: 2000", RANGE),
    ("Tenderly", -32005, "query returned more than 20000 results", RANGE),
    ("POKT", -32001, "invalid relay request: eth_getLogs block range limit (100000 blocks) exceeded", RANGE),
    ("1RPC", -32602, "eth_getLogs is limited to 0 - 10000 blocks range", RANGE),
    ("1RPC, size", -32000, "response size should not greater than 10000000 bytes", RANGE),
    (
        "Cloudflare",
        -32047,
        "Invalid eth_getLogs request. 'fromBlock'-'toBlock' range too large. Max range: 800",
        RANGE,
    ),
    ("Thirdweb", -32600, "Maximum allowed number of requested blocks is 3500", RANGE),
    ("Coinbase", -32005, "please limit the query to at most 1000 blocks", RANGE),
    ("Base", -32614, "eth_getLogs block range too large", RANGE),
    ("Base, size", -32020, "backend response too large", RANGE),
    ("Optimism", -32000, "Block range is too large", RANGE),
    ("Sei", -32000, "block range too large (2000), maximum allowed is 1000 blocks", RANGE),
    ("Hyperliquid, reth", -32602, "query exceeds max block range 1000", RANGE),
    ("Arbitrum", -32000, "logs matched by query exceeds limit of 10000", RANGE),
    ("Altitude", -32000, "allowed block range threshold exceeded", RANGE),
    ("eRPC", -32012, "range threshold exceeded: 100001 > 100000", RANGE),
    (
        "zkSync",
        -32602,
        "Query returned more than 10000 results. Try with this block range [0x1, 0x2].",
        RANGE,
    ),
    ("Polygon zkEVM", -32000, "logs are limited to a 10000 block range", RANGE),
    ("Scroll", -32000, "block range is bigger than maxBlockRange", RANGE),
    (
        "Morph",
        -32000,
        "block range is larger than max block range, block range = 5120, max block range = 5000",
        RANGE,
    ),
    ("BSC", -32000, "exceed maximum block range: 5000", RANGE),
    ("Candle", -32600, "block range too high", RANGE),
    ("Moralis", -32000, "requested too many blocks from 1 to 9000, maximum is set to 2048", RANGE),
    ("Erigon", -32602, "query block range exceeds server limit, narrow your filter: 5", RANGE),
    ("Besu", -32005, "Requested range exceeds maximum RPC range limit", RANGE),
    ("Nethermind", -32005, "Too many logs requested. Max logs per response is 20000.", RANGE),
    (
        "Harmony, Avalanche",
        -32000,
        "requested too many blocks from 0 to 5000000, maximum is set to 1024",
        RANGE,
    ),
    ("geth, batch", -32003, "response too large", RANGE),
    # ── too many requests ──
    (
        "Alchemy",
        429,
        "Your app has exceeded its compute units per second capacity. If you have retries enabled…",
        RATE,
    ),
    ("Infura", -32005, "daily request count exceeded, request rate limited", RATE),
    ("Infura", -32005, "project ID request rate exceeded", RATE),
    (
        "QuickNode",
        -32007,
        "15/second request limit reached - reduce calls per second or upgrade your account",
        RATE,
    ),
    ("Tenderly", -32005, "rate limit exceeded", RATE),
    ("Base", -32016, "over rate limit", RATE),
    ("OnFinality", -32029, "Too Many Requests, Please apply an OnFinality API key or contact us", RATE),
    ("Chainstack", -32097, "You've exceeded the RPS limit available on the current plan.", RATE),
    ("Moralis", None, "Your plan: free-plan, used credits is exhausted", RATE),
    ("BlockPI", -32005, "call rate limit exhausted, retry in 10s", RATE),
    ("EIP-1474, no words", -32005, "Limit exceeded", RATE),
    ("HTTP text", 429, "Too Many Requests", RATE),
    # ── batches ──
    ("Nethermind", -32600, "Batch size limit exceeded", BATCH),
    ("Besu", -32602, "Number of requests in batch exceeds --rpc-max-batch-size.", BATCH),
    ("geth", -32600, "batch too large", BATCH),
    ("Ankr", -32600, "Batch size is too large: 1000 (max 100)", BATCH),
    ("dRPC, free", 31, "Batch of more than 3 requests are not allowed on free plan", BATCH),
    ("PublicNode", -32000, "batch requests are not supported", BATCH),
    (
        "Erigon",
        -32000,
        "batch limit 100 exceeded (can increase by --rpc.batch.limit). Requested batch of size: 150",
        BATCH,
    ),
    # ── this node, now: another node or moment may do ──
    ("geth: head moved back", -32602, "block range extends beyond current head block", TRANSIENT),
    ("geth: the same", -32602, "invalid block range params", TRANSIENT),
    ("Hyperliquid: the same", -32602, "invalid block range", RANGE),
    ("geth: pruned or unknown", -32000, "unknown block", TRANSIENT),
    ("geth: before finality", -39001, "finalized block not found", TRANSIENT),
    ("geth: state", -32000, "missing trie node 0xabc (path )", TRANSIENT),
    ("geth: deadline", -32002, "request timed out", TRANSIENT),
    ("Erigon", -32000, "could not find block 0xabc", TRANSIENT),
    ("Nethermind", -32001, "Header not found", TRANSIENT),
    ("Nethermind, hash", -32000, "Block 0xabc could not be found", TRANSIENT),
    ("Besu", -32000, "Block not found", TRANSIENT),
    ("reth", -32001, "resource not found", TRANSIENT),
    ("bor", -32000, "header not found", TRANSIENT),
    (
        "Avalanche",
        -32000,
        "cannot query unfinalized data: requested block 9 after last accepted block 8",
        TRANSIENT,
    ),
    ("Base, Optimism", -32011, "no backend is currently healthy to serve traffic", TRANSIENT),
    (
        "dRPC",
        12,
        "Can't route your request to suitable provider, if you specified certain providers revise",
        TRANSIENT,
    ),
    ("Cloudflare", -32603, "Internal Error", TRANSIENT),
    ("LlamaNodes", -32000, "No available upstream endpoints", TRANSIENT),
    # ── refusals ──
    ("everyone", -32601, "the method eth_foo does not exist/is not available", PERMANENT),
    ("Ankr", -32000, "Unauthorized: You must authenticate your request with an API key.", PERMANENT),
    ("PublicNode", -32701, "Archive requests require a personal token.", PERMANENT),
    ("geth", -32602, "invalid argument 0: json: cannot unmarshal invalid hex string", PERMANENT),
    ("geth", -32000, "nonce too low: next nonce 5, tx nonce 4", PERMANENT),
    ("geth", -32000, "insufficient funds for gas * price + value", PERMANENT),
    ("geth", -32000, "replacement transaction underpriced", PERMANENT),
    ("geth", -32000, "already known", PERMANENT),
    ("geth", 3, "execution reverted: rate limit", PERMANENT),
    (
        "Ganache",
        -32000,
        "VM Exception while processing transaction: execution reverted: try again later",
        PERMANENT,
    ),
]


@pytest.mark.parametrize(
    ("vendor", "code", "message", "kind"), SAID, ids=[f"{v}: {m[:40]}" for v, _, m, _ in SAID]
)
def test_error_of__words_of_vendors__get_their_class(
    vendor: str, code: int | None, message: str, kind: type[RpcError]
) -> None:
    assert type(error_of({"code": code, "message": message})) is kind


@pytest.mark.parametrize(
    "fault",
    ["rate limit reached", {"message": "rate limit reached"}, {"code": "x"}, [], None, {"message": {}}],
)
def test_error_of__sloppy_shapes__still_an_error(fault: object) -> None:
    assert isinstance(error_of(fault), RpcError)


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        ({"rate": {"allowed_rps": 1, "backoff_seconds": 30, "current_rps": 1.4}, "see": "https://…"}, 30.0),
        ({"try_again_in": 2.5}, 2.5),
        ({"retry_after": -3}, None),
        ({"retry_after": "soon"}, None),
        ({"rate": [1, 2]}, None),
        ("text", None),
        (None, None),
    ],
)
def test_error_of__pause_in_the_data__is_read(data: object, seconds: float | None) -> None:
    error = error_of({"code": 429, "message": "slow down", "data": data})
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == seconds
