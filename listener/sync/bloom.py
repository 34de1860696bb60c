"""Bloom filters of block headers: does an empty list of logs agree with the header?"""

from collections.abc import Iterable
from functools import lru_cache

from eth_hash.auto import keccak

BITS = 2048


@lru_cache(maxsize=65_536)
def mask(value: bytes) -> int:
    """The three bits an address or topic sets."""
    digest, bits = keccak(value), 0
    for n in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[n : n + 2], "big") & (BITS - 1))
    return bits


def parse(logs_bloom: str) -> int:
    """The filter as an integer; 0 where the chain has none."""
    try:
        return int(logs_bloom, 16) if logs_bloom else 0
    except ValueError:
        return 0


def may_hold(bloom: int, pairs: Iterable[tuple[int, int]]) -> int:
    """How many (address mask, topic mask) pairs the filter says may be in the block."""
    return sum(1 for address, topic in pairs if bloom & address == address and bloom & topic == topic)


def chance_of_false_alarm(bloom: int, things: int, bits_each: int = 6) -> float:
    """Probability, roughly, that a filter this full shows one of so many things that is not in the block.

    A pair of address and topic sets six bits, an address or a topic three.
    """
    fill: float = bloom.bit_count() / BITS
    return min(1.0, things * fill**bits_each)


def of_logs(logs: Iterable[tuple[bytes, Iterable[bytes]]]) -> int:
    """The filter of logs given as (address, topics)."""
    bits = 0
    for address, topics in logs:
        bits |= mask(address)
        for topic in topics:
            bits |= mask(topic)
    return bits
