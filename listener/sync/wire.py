"""What nodes answer, as msgspec decodes it: only the members the mirror needs."""

from binascii import unhexlify
from typing import Any

import msgspec

from listener.chain.faults import TransientError
from listener.mirror.batch import BlockMark

_MOST_BLOCKS = 2**53
_YEAR_9999 = 253_370_764_800  # seconds since 1970; datetime knows no later year


class Log(msgspec.Struct, gc=False):
    """One log, numbers and bytes still in hex."""

    address: str
    topics: list[str]
    data: str
    blockNumber: str  # noqa: N815 - names of the JSON-RPC specification
    blockHash: str  # noqa: N815
    transactionHash: str  # noqa: N815
    logIndex: str  # noqa: N815
    removed: bool = False


class Header(msgspec.Struct, gc=False):
    """One block header."""

    number: str
    hash: str
    parentHash: str  # noqa: N815
    timestamp: str
    logsBloom: str = ""  # noqa: N815

    def mark(self) -> BlockMark:
        """The header as the mirror remembers it. Raises TransientError where that cannot be."""
        try:
            number, time = int(self.number, 16), int(self.timestamp, 16)
            mark = BlockMark(number, hash_bytes(self.hash), hash_bytes(self.parentHash), time)
        except ValueError as error:
            raise TransientError(f"a block header is malformed: {error}") from None
        if not (0 <= number < _MOST_BLOCKS and 0 <= time < _YEAR_9999):
            raise TransientError(f"a block header has number {number} and time {time}")
        return mark


def hash_bytes(text: str) -> bytes:
    """32 bytes from 0x-hex; ValueError for anything else."""
    if len(text) != 66:
        raise ValueError(f"{text!r:.80} is no 32-byte hash")
    return unhexlify(text[2:])


def quantity(number: int) -> str:
    """A number as JSON-RPC writes it."""
    return hex(number)


def header_of(answer: Any, number: int) -> BlockMark:
    """What a header says of block `number`; TransientError for anything else, another block's too."""
    header: Header = typed(answer, Header, f"block {number}")
    mark = header.mark()
    if mark.number != number:
        raise TransientError(f"asked for block {number}, the provider answered {mark.number}")
    return mark


def typed(answer: Any, kind: type, what: str) -> Any:
    """The answer if it is of this type; null and others are faults of the provider."""
    if not isinstance(answer, kind):
        raise TransientError(
            f"{what}: the provider answered {'null' if answer is None else repr(answer)[:80]}"
        )
    return answer
