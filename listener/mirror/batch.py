"""What one transaction of the mirror holds: rows of a span, ready to copy, and where it leaves the cursor."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BlockMark:
    """A block as the mirror remembers it. `time` is in seconds since 1970, UTC."""

    number: int
    hash: bytes
    parent_hash: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Tip:
    """Where the chain is: its newest block and the number of the last one that is final.

    `final_hash` is None where the chain has no `finalized` tag, or when a lower block was final now.
    """

    head: BlockMark
    final: int
    final_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """An event its table could not hold as it was; goes to `mirror.problem` with the original bytes."""

    mark: BlockMark
    log_index: int
    transaction_hash: bytes
    address: bytes
    table_name: str
    kind: str
    reason: str
    topics: list[bytes]
    data: bytes


@dataclass(slots=True)
class Facts:
    """Rows of the blocks `first` to `last`. `rows` maps a table to packed rows; `marks` are blocks to
    remember.
    """

    first: int
    last: int
    rows: dict[str, list[bytes]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    marks: list[BlockMark] = field(default_factory=list)
    end: BlockMark | None = None
    events: int = 0
