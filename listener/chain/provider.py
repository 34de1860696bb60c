"""One JSON-RPC provider: sends requests, checks answers, remembers its own health (breaker, pauses, batch
size).
"""

import asyncio
import email.utils
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog

from listener.chain.faults import (
    BatchTooLargeError,
    PermanentError,
    RateLimitedError,
    RpcError,
    TransientError,
    WrongChainError,
    error_of,
)

log = structlog.get_logger("rpc")
T = TypeVar("T")
_BREAK_AFTER = 3  # consecutive faults before a provider rests
_FIRST_REST, _LONGEST_REST = 0.5, 30.0
_UNSAID_PAUSE = 0.25  # after a 429 without Retry-After
_LONGEST_RETRY_AFTER = 60.0


class Call(NamedTuple):
    """One JSON-RPC call."""

    method: str
    params: Sequence[Any] = ()


Observe = Callable[[str, str, float], None]  # provider's name, method, seconds until its answer


class _Answer(msgspec.Struct, Generic[T]):
    id: Any = None
    result: T | msgspec.UnsetType | None = msgspec.UNSET
    error: Any = None


@lru_cache(maxsize=64)
def _decoder(result: Any, many: bool) -> msgspec.json.Decoder[Any]:
    answer = _Answer[result]
    return msgspec.json.Decoder(list[answer] if many else answer)


_encode = msgspec.json.Encoder().encode


def name_of(url: str) -> str:
    """A URL without user, path and query, which often hold an access key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


class Provider:
    """One URL, shown as `name`."""

    def __init__(
        self,
        url: str,
        session: Callable[[], aiohttp.ClientSession],
        chain_id: int | None,
        timeout: float,
        max_batch: int,
        connections: int,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"RPC URL {url!r} is not an http(s) URL, such as http://127.0.0.1:8545.")
        self.url = url
        self.name = name_of(url)
        self.max_batch = max_batch
        self.ready_at = 0.0
        self.is_behind = False  # set by who compares heads: a node behind the others is asked last
        self.errors: Counter[str] = Counter()  # by `RpcError.kind`
        self.observe: Observe = lambda name, method, seconds: None
        self._session = session
        self._chain_id = chain_id
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 5.0))
        self._connections = asyncio.Semaphore(connections)  # waiting for one is not the provider's delay
        self._verified = chain_id is None
        self._verifying = asyncio.Lock()
        self._wrong_chain: int | None = None
        self._faults_in_row = 0
        self._fault_rate = 0.0

    def __repr__(self) -> str:
        return f"Provider({self.name})"

    @property
    def is_refused(self) -> bool:
        """Whether this provider serves another chain and is not used."""
        return self._wrong_chain is not None

    @property
    def badness(self) -> float:
        """Recent share of failed requests, coarse: equally healthy providers keep their listed order."""
        return round(self._fault_rate, 1) + self.is_behind

    async def guarded(self, once: Callable[["Provider"], Awaitable[T]]) -> T:
        """Run `once` with this provider, keeping its health; checks the chain id before first use."""
        try:
            if not self._verified:
                await self._verify()
            answer = await once(self)
        except WrongChainError as error:
            self.errors[error.kind] += 1
            raise
        except RateLimitedError as error:
            self._note_fault(error)
            pause = _UNSAID_PAUSE if error.retry_after is None else error.retry_after
            self.pause(min(pause, _LONGEST_RETRY_AFTER))
            raise
        except TransientError as error:
            self._note_fault(error)
            if self._faults_in_row >= _BREAK_AFTER:
                self.pause(min(_FIRST_REST * 2 ** (self._faults_in_row - _BREAK_AFTER), _LONGEST_REST))
                self._verified = self._chain_id is None  # something else may answer there after an outage
            raise
        except PermanentError as error:
            self.errors[error.kind] += 1
            self._note_success()
            raise
        self._note_success()
        return answer

    def pause(self, seconds: float) -> None:
        """Do not ask this provider for so long."""
        self.ready_at = max(self.ready_at, time.monotonic() + seconds)

    def _note_fault(self, error: RpcError) -> None:
        self.errors[error.kind] += 1
        self._faults_in_row += 1
        self._fault_rate += (1.0 - self._fault_rate) * 0.2

    def _note_success(self) -> None:
        self._faults_in_row = 0
        self._fault_rate *= 0.9

    async def _verify(self) -> None:
        """Ask for the chain id; another one than expected refuses this provider for good."""
        async with self._verifying:
            if self._verified:
                return
            answer = await self.call("eth_chainId", result=str)
            try:
                found = int(answer, 16)
            except (TypeError, ValueError):
                raise TransientError(f"eth_chainId answered {answer!r:.80}", "malformed") from None
            if found != self._chain_id:
                self._wrong_chain = found
                message = f"{self.name} serves chain {found}, not chain {self._chain_id}"
                log.error("provider refused", provider=self.name, chain_id=found, expected=self._chain_id)
                raise WrongChainError(f"{message}; correct RPC_URLS or REGISTRY.")
            self._verified = True

    async def call(self, method: str, params: Sequence[Any] = (), *, result: Any = Any) -> Any:
        """One call without retries. Raises TransientError or PermanentError."""
        request = {"jsonrpc": "2.0", "id": 0, "method": method, "params": list(params)}
        body = await self._post(method, _encode(request))
        return _unwrap(_parse(body, result, many=False))

    async def batch(
        self, calls: Sequence[Call], *, result: Any = Any, keep_faults: bool = False
    ) -> list[Any]:
        """Several calls without retries, split where the provider takes only small batches.

        Answers in order; a refused call's PermanentError stands in place of its answer. TransientError fails
        all, or with `keep_faults` stands in place of the answer too where it is of one call.
        """
        size = self.max_batch
        parts = [calls[start : start + size] for start in range(0, len(calls), size)]
        answers = await asyncio.gather(*(self._part(part, result, keep_faults) for part in parts))
        return [answer for part in answers for answer in part]

    async def _part(self, calls: Sequence[Call], result: Any, keep_faults: bool) -> list[Any]:
        """Calls that fit a batch as far as is known; sent again in smaller ones when they do not."""
        try:
            return await self._batch(calls, result, keep_faults)
        except BatchTooLargeError as error:
            if len(calls) == 1:
                raise
            self.errors[error.kind] += 1
            self.max_batch = min(self.max_batch, max(1, len(calls) // 2))
            log.info("smaller batches", provider=self.name, max_batch=self.max_batch)
        return await self.batch(calls, result=result, keep_faults=keep_faults)

    async def _batch(self, calls: Sequence[Call], result: Any, keep_faults: bool) -> list[Any]:
        if len(calls) == 1:
            try:
                return [await self.call(*calls[0], result=result)]
            except RpcError as error:
                if isinstance(error, TransientError) and not keep_faults:
                    raise
                return [error]
        request = [
            {"jsonrpc": "2.0", "id": n, "method": c.method, "params": list(c.params)}
            for n, c in enumerate(calls)
        ]
        body = await self._post(calls[0].method, _encode(request))
        if body.lstrip()[:1] == b"{":  # one answer for the whole batch: it was refused
            _unwrap(_parse(body, Any, many=False))
            raise TransientError("a batch was answered with a single result", "malformed")
        by_id = {answer.id: answer for answer in _parse(body, result, many=True)}
        answers: list[Any] = []
        for n in range(len(calls)):
            if n not in by_id:
                raise TransientError(
                    f"a batch of {len(calls)} calls was answered without number {n}", "malformed"
                )
            try:
                answers.append(_unwrap(by_id[n]))
            except BatchTooLargeError:
                raise
            except RpcError as error:
                if isinstance(error, TransientError) and not keep_faults:
                    raise
                answers.append(error)
        return answers

    async def _post(self, method: str, body: bytes) -> bytes:
        """Send one request and return the body of its answer. `method`: of its first call, for `observe`."""
        async with self._connections:
            started = time.perf_counter()
            try:
                return await self._exchange(body)
            finally:
                self.observe(self.name, method, time.perf_counter() - started)

    async def _exchange(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session().post(
                self.url, data=body, headers=headers, timeout=self._timeout
            ) as response:
                content = await response.read()
                if response.status != 200:
                    raise _http_error(response, content)
                return content
        except TimeoutError:
            raise TransientError(f"no answer within {self._timeout.total:g} s", "timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            raise TransientError(str(error) or type(error).__name__, "connection") from None


def _parse(body: bytes, result: Any, *, many: bool) -> Any:
    try:
        return _decoder(result, many).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TransientError(f"the answer is not the JSON-RPC expected: {error}", "malformed") from None


def _unwrap(answer: "_Answer[Any]") -> Any:
    if answer.error is not None:
        raise error_of(answer.error)
    if answer.result is msgspec.UNSET:
        raise TransientError("the answer has neither result nor error", "malformed")
    return answer.result


def _http_error(response: aiohttp.ClientResponse, content: bytes) -> RpcError:
    """A status other than 200: some hold a JSON-RPC error that says more."""
    status = response.status
    retry_after = _retry_after(response.headers.get("Retry-After"))
    if status == 429:
        return RateLimitedError("HTTP 429, too many requests", retry_after)
    if status == 503 and retry_after is not None:
        return RateLimitedError("HTTP 503, asked to wait", retry_after)
    if status == 413:
        return BatchTooLargeError("HTTP 413, request too large")
    try:
        fault = msgspec.json.decode(content, type=_Answer[Any]).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        fault = None
    if fault is not None and status < 500:
        return error_of(fault)
    kind = "http_5xx" if status >= 500 else "http_4xx"
    return TransientError(f"HTTP {status} {response.reason or ''}".rstrip(), kind)


def _retry_after(header: str | None) -> float | None:
    """Seconds to wait from a Retry-After header, which holds seconds or a date."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
