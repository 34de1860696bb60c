"""What a provider does wrong: always (its habits) and now and then (faults, which a script names)."""

from dataclasses import dataclass

from tests.listener.differential.world import CHAIN_ID

# How vendors say that a range is too long; all of them mean "ask for less".
RANGE_WORDS = (
    ("query returned more than 10000 results", -32005),
    ("Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the"
     " response size, or you can request any block range with a cap of 10K logs in the response.", -32602),
    ("eth_getLogs is limited to a 10,000 range", -32614),
    ("block range is too wide", -32600),
    ("exceed maximum block range: 50000", -32000),
    ("Range too large. Max range: 800", -32047),
    ("Block range is too large", -32000),
)  # fmt: skip
BATCH_WORDS = (("batch too large", -32600), ("Batch size is too large, the maximum is 3", -32000))
RATE_WORDS = (("daily request count exceeded, request rate limited", -32005), ("Too many requests", 429))

# Faults of a whole request and of single answers; a script names them.
REQUEST_FAULTS = (
    "429", "429 soon", "429 date", "rate", "500", "502", "503 soon", "hang", "reset", "truncated", "html", "nothing",
    "lone", "gap", "batch", "413",
)  # fmt: skip
ANSWER_FAULTS = (
    "null block", "null logs", "no logs", "stray log", "repeated log", "removed log", "wrong header", "final ahead",
    "no type", "unknown block", "internal", "other parent",
)  # fmt: skip
LOG_FAULTS = frozenset(("null logs", "no logs", "stray log", "repeated log", "removed log"))


@dataclass
class Habits:
    """What a provider always does. Limits are in blocks, logs and calls; None: no limit."""

    most_blocks: int | None = None
    most_logs: int | None = None
    most_calls: int | None = None
    words: int = 0
    shuffles: bool = False
    keeps_orphans: bool = False  # logs of blocks that were replaced can still be had by hash
    knows_hashes: bool = True
    knows_receipts: bool = True
    announces: bool = False  # new heads, over WebSocket
    checksums: bool = False  # addresses with capital letters
    delay: float = 0.0  # seconds, at most
    chain_id: int = CHAIN_ID
