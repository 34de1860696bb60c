"""Waiting for a condition instead of sleeping for a guess."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    condition: Callable[[], T | None], timeout: float = 30.0, *, interval: float = 0.05, what: str = ""
) -> T:
    """Call `condition` until it returns something true, and return that.

    Raises TimeoutError after `timeout` seconds, naming `what` was awaited.
    """
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() >= deadline:
            raise TimeoutError(_message(what or repr(condition), timeout))
        time.sleep(interval)
    return result


async def wait_until_async(
    condition: Callable[[], Awaitable[T]], timeout: float = 30.0, *, interval: float = 0.05, what: str = ""
) -> T:
    """`wait_until` for a condition that is awaited."""
    deadline = time.monotonic() + timeout
    while not (result := await condition()):
        if time.monotonic() >= deadline:
            raise TimeoutError(_message(what or repr(condition), timeout))
        await asyncio.sleep(interval)
    return result


def _message(what: str, timeout: float) -> str:
    return f"waited {timeout:g} s in vain for {what}"
