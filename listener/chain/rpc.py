"""JSON-RPC over HTTP: several providers behind one pool, each answer checked, nothing believed too early.

`RpcPool.call` and `RpcPool.batch` retry transient faults, obey 429 and Retry-After, fail over, and never use
a provider of another chain. `pool.providers` gives the single providers, for example to broadcast to each of
them. Errors: `listener.chain.faults`. Delays and time-outs are in seconds.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from types import EllipsisType, TracebackType
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import urlsplit

import aiohttp
import structlog

from listener.chain.answers import quantity_in
from listener.chain.cancellation import end_if_cancelled
from listener.chain.faults import (
    METHOD_NOT_FOUND,
    BatchTooLargeError,
    PermanentError,
    RangeTooLargeError,
    RestingError,
    RpcError,
    TransientError,
    UnavailableError,
    WrongChainError,
)
from listener.chain.provider import Call, Provider, name_of

__all__ = ["Batch", "Call", "Provider", "RpcPool"]

log = structlog.get_logger("rpc")
T = TypeVar("T")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_SAY_FROM = 1.5  # pauses from this length on are worth a line
_SPREAD = 0.02  # over which requests begin that waited for the same pause
_WHILE_ON_TRIAL = 0.25  # between looks whether a provider that had rested answers again


class Batch(NamedTuple):
    """Answers of one batch and the provider that gave all of them."""

    answers: list[Any]
    provider: Provider


class RpcPool:
    """A pool of providers of one chain. WebSocket URLs among `urls` are kept as `push_urls` (see
    `listener.chain.heads`); calls go over HTTP.

    `chain_id`: every provider must serve it (None: not checked). `patience`: how long `call` and `batch` go
    on trying before UnavailableError (None: for ever). `timeout`: of one HTTP request.
    """

    def __init__(
        self,
        urls: Sequence[str],
        chain_id: int | None = None,
        *,
        timeout: float = 15.0,
        patience: float | None = 30.0,
        connections: int = 32,
        max_batch: int = 100,
    ) -> None:
        unique = list(dict.fromkeys(url.strip() for url in urls if url.strip()))
        if not unique:
            raise ValueError("RPC_URLS is empty: give at least one JSON-RPC URL.")
        self.chain_id = chain_id
        self.patience = patience
        self._session: aiohttp.ClientSession | None = None
        self.push_urls = [url for url in unique if urlsplit(url).scheme in ("ws", "wss")]
        if any(urlsplit(url).hostname is None for url in self.push_urls):
            raise ValueError("A WebSocket URL of RPC_URLS names no host; it looks like wss://host/path.")
        for url in self.push_urls:
            name_of(url)
        asked = [url for url in unique if url not in self.push_urls]
        if not asked:
            raise ValueError(
                "RPC_URLS has only WebSocket URLs, over which new blocks are announced:"
                " give an http(s) URL too, where they are asked for."
            )
        self.providers = [
            Provider(url, self.session, chain_id, timeout, max_batch, connections) for url in asked
        ]
        seen: Counter[str] = Counter()
        for provider in self.providers:  # two keys at one vendor are told apart
            seen[provider.name] += 1
            provider.name += f"#{seen[provider.name]}" if seen[provider.name] > 1 else ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def session(self) -> aiohttp.ClientSession:
        """The HTTP session, opened at its first use."""
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._session

    async def call(
        self,
        method: str,
        params: Sequence[Any] = (),
        *,
        result: Any = Any,
        patience: float | EllipsisType | None = ...,
    ) -> Any:
        """Call one method; the answer is decoded by msgspec as `result`.

        Raises PermanentError (the provider's refusal), UnavailableError (patience ran out) or
        WrongChainError.
        """

        async def once(provider: Provider) -> Any:
            return await provider.call(method, params, result=result)

        return await self.attempt(once, patience=patience, what=method)

    async def batch(
        self,
        calls: Sequence[Call | tuple[str, Sequence[Any]]],
        *,
        result: Any = Any,
        patience: float | EllipsisType | None = ...,
    ) -> list[Any]:
        """Call several methods at one provider, answers in the order of the calls.

        A refused call yields its PermanentError in place of the answer; a transient fault repeats the whole
        batch.
        """
        return (await self.batch_at_one(calls, result=result, patience=patience)).answers

    async def batch_at_one(
        self,
        calls: Sequence[Call | tuple[str, Sequence[Any]]],
        *,
        result: Any = Any,
        patience: float | EllipsisType | None = ...,
    ) -> Batch:
        """Like `batch`, and says which provider answered."""
        typed = [Call(*call) for call in calls]

        async def once(provider: Provider) -> Batch:
            return Batch(await provider.batch(typed, result=result), provider)

        return await self.attempt(once, patience=patience, what=f"batch of {len(typed)}")

    async def attempt(
        self,
        once: Callable[[Provider], Awaitable[T]],
        *,
        patience: float | EllipsisType | None = ...,
        what: str = "request",
        believe_refusals: bool = True,
    ) -> T:
        """Run `once` at the healthiest provider; on TransientError at the next one, with pauses, until
        patience ends.

        `believe_refusals` False: a PermanentError other than of a limit is one provider's opinion and counts
        as its fault, unless each provider says that there is no such method.
        """
        limit = self.patience if isinstance(patience, EllipsisType) else patience
        deadline = None if limit is None else time.monotonic() + limit
        pause, tried, faults = _FIRST_PAUSE, set[Provider](), dict[Provider, RpcError]()
        while True:
            end_if_cancelled()
            provider = self._lead(tried)
            if provider is None:
                await self._wait(pause if tried else 0.0, deadline, faults, what)
                if tried:
                    pause, tried = min(pause * 2, _LONGEST_PAUSE), set()
                continue
            try:
                return await provider.guarded(once)
            except RestingError:
                continue
            except WrongChainError as error:
                faults[provider] = error
                tried.add(provider)
                if all(p.is_refused for p in self.providers):
                    raise
            except TransientError as error:
                faults[provider] = error
                tried.add(provider)
                log.debug("rpc fault", what=what, provider=provider.name, error=str(error))
            except PermanentError as error:
                faults[provider] = error
                tried.add(provider)
                is_limit = isinstance(error, (RangeTooLargeError, BatchTooLargeError))
                if believe_refusals or is_limit or self._lacks_method(faults):
                    raise

    def _lacks_method(self, faults: dict[Provider, RpcError]) -> bool:
        """Whether every provider says that there is no such method."""
        said = [faults.get(provider) for provider in self.providers if not provider.is_refused]
        return all(isinstance(error, PermanentError) and error.code == METHOD_NOT_FOUND for error in said)

    def distrust(self, provider: Provider, seconds: float) -> None:
        """Leave a provider out that answered wrongly, as long as another may be asked."""
        now = time.monotonic()
        if any(p is not provider and not p.is_refused and p.ready_at <= now for p in self.providers):
            log.warning("provider left out for a while", provider=provider.name, seconds=seconds)
            provider.pause(seconds)

    def verify_again(self) -> None:
        """Ask every provider for its chain id again before its next request."""
        for provider in self.providers:
            provider.verify_again()

    async def compare_heads(self, most_behind: int = 2, timeout: float = 2.0) -> None:
        """Ask every provider for its head; those behind the furthest by more than `most_behind` blocks are
        asked last.
        """

        async def head(provider: Provider) -> int | None:
            try:
                async with asyncio.timeout(timeout):
                    answer = await provider.guarded(lambda p: p.call("eth_blockNumber", result=str))
                    return quantity_in(answer, "eth_blockNumber")
            except TimeoutError:
                provider.note_silence()
            except RpcError:
                pass
            return None

        usable = [p for p in self.providers if not p.is_refused and p.ready_at <= time.monotonic()]
        heads = dict(zip(usable, await asyncio.gather(*map(head, usable)), strict=True))
        furthest = max((number for number in heads.values() if number is not None), default=0)
        for provider, number in heads.items():
            if number is not None:
                is_behind = number < furthest - most_behind
                if is_behind and not provider.is_behind:
                    log.warning("provider is behind", provider=provider.name, head=number, furthest=furthest)
                provider.is_behind = is_behind

    def _lead(self, tried: set[Provider]) -> Provider | None:
        """The healthiest provider that may be asked now and was not tried in this round; None when there is
        none.
        """
        now = time.monotonic()
        able = [
            p
            for p in self.providers
            if p not in tried and not p.is_refused and p.ready_at <= now and not p.is_on_trial
        ]
        return min(able, key=lambda p: p.badness) if able else None

    async def _wait(
        self, pause: float, deadline: float | None, faults: dict[Provider, RpcError], what: str
    ) -> None:
        """Sleep for `pause` and until a provider may be asked again; raise when patience would end first."""
        now = time.monotonic()
        usable = [p for p in self.providers if not p.is_refused]
        ready = min((p.ready_at for p in usable), default=now)
        if any(p.is_on_trial for p in usable):
            ready = max(ready, now + _WHILE_ON_TRIAL)
        until = max(now + pause * random.uniform(0.5, 1.0), ready + random.uniform(0.0, _SPREAD))
        shown = "; ".join(f"{p.name}: {error}" for p, error in faults.items()) or "all providers are paused"
        if deadline is not None and until > deadline:
            refused = bool(faults) and all(isinstance(error, PermanentError) for error in faults.values())
            raise UnavailableError(f"{what} failed at every provider ({shown})", are_refusals=refused)
        if pause >= _SAY_FROM and faults:
            log.warning("no provider answers, trying on", what=what, faults=shown)
        await asyncio.sleep(until - now)
