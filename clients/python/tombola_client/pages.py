"""Lists that come in pages, as one run of items."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, ParamSpec, Protocol, TypeVar

Item = TypeVar("Item", covariant=True)
P = ParamSpec("P")


class Page(Protocol[Item]):
    """Every list's shape."""

    @property
    def items(self) -> Sequence[Item]: ...
    @property
    def next_cursor(self) -> Any: ...


def each(read: Callable[P, Page[Item]], *args: P.args, **kwargs: P.kwargs) -> Iterator[Item]:
    """All items: `each(list_raffles.sync, client=tombola, limit=100)`; a page is asked for when it is reached."""
    page = read(*args, **kwargs)
    yield from page.items
    while page.next_cursor:
        page = read(*args, **{**kwargs, "cursor": page.next_cursor})
        yield from page.items


async def each_async(
    read: Callable[P, Awaitable[Page[Item]]], *args: P.args, **kwargs: P.kwargs
) -> AsyncIterator[Item]:
    """The same of `list_raffles.asyncio`."""
    page = await read(*args, **kwargs)
    for item in page.items:
        yield item
    while page.next_cursor:
        page = await read(*args, **{**kwargs, "cursor": page.next_cursor})
        for item in page.items:
            yield item
