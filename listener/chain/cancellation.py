"""Cancellations that asyncio forgets."""

import asyncio


def end_if_cancelled() -> None:
    """Raise CancelledError in a task that was told to end.

    `asyncio.gather` and `asyncio.TaskGroup` raise the error of one of theirs instead when it fails at the very
    moment of the cancellation. Who catches that error to try again would go on for ever, so every such loop
    asks here at each turn.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
