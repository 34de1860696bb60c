"""Tests wait for conditions, never for a time: `wait_until(lambda: ..., timeout=5)`."""

from tools.waiting import wait_until, wait_until_async

__all__ = ["wait_until", "wait_until_async"]
