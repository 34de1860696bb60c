"""The cache's parts without a database: bounded memory, one computation at a time."""

from __future__ import annotations

import asyncio

import pytest

from backend.caching import memory as module
from backend.caching.flights import Flights
from backend.caching.memory import Memory


def test_memory__bounded_in_bytes_and_entries__drops_what_was_not_asked_for_longest() -> None:
    kept = Memory(most_bytes=16 * 1_000, most_entries=3)
    for key in "abc":
        kept.put(key, b"x" * 10, 60)
    assert kept.get("a") == b"x" * 10
    kept.put("d", b"y", 60)
    assert [kept.get(key) for key in "abcd"] == [b"x" * 10, None, b"x" * 10, b"y"]
    kept.put("large", b"z" * 1_000, 60)
    assert kept.get("large") is None, "one answer would push out the others"
    assert len(kept) == 3
    many = Memory(most_bytes=16 * 1_000)
    for number in range(100):
        many.put(str(number), b"x" * 600, 60)
    assert many.bytes <= 16 * 1_000
    assert (many.get("0"), many.get("99")) == (None, b"x" * 600)
    many.put("99", b"", 60)
    assert many.get("99") == b""


def test_memory__forgets_after_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    kept = Memory(most_bytes=100_000)
    kept.put("a", b"x", 2)
    now[0] = 1.9
    assert kept.get("a") == b"x"
    now[0] = 2.0
    assert kept.get("a") is None
    assert (len(kept), kept.bytes) == (0, 0)


def test_memory__of_no_size__keeps_nothing() -> None:
    kept = Memory(most_bytes=0)
    kept.put("a", b"", 60)
    assert kept.get("a") is None


async def test_flights__a_failure_is_told_to_all_and_forgotten__keys_are_apart() -> None:
    flights: Flights[int] = Flights()
    begun = 0

    async def fails() -> int:
        nonlocal begun
        begun += 1
        await asyncio.sleep(0)
        raise LookupError("no")

    async def works() -> int:
        return 5

    found = await asyncio.gather(
        *(flights.join("a", fails) for _ in range(3)), flights.join("b", works), return_exceptions=True
    )
    assert [type(one) for one in found] == [LookupError, LookupError, LookupError, int]
    assert begun == 1
    assert not flights.is_under_way("a")
    assert await flights.join("a", works) == 5


async def test_flights__closed__end() -> None:
    flights: Flights[int] = Flights()

    async def never() -> int:
        await asyncio.Event().wait()
        return 0

    waiting = asyncio.create_task(flights.join("a", never))
    await asyncio.sleep(0)
    await flights.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not flights.is_under_way("a")
