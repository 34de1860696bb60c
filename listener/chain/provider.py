"""One JSON-RPC provider: sends requests, checks answers, remembers its own health (breaker, pauses, batch
size).
"""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog

from listener.chain.answers import by_id, http_error, parse, quantity_in, refusal_of_batch, unwrap
from listener.chain.faults import (
    BatchTooLargeError,
    PermanentError,
    RangeTooLargeError,
    RateLimitedError,
    RestingError,
    RpcError,
    TransientError,
    WrongChainError,
)

log = structlog.get_logger("rpc")
T = TypeVar("T")
_BREAK_AFTER = 3  # consecutive faults before a provider rests
_FIRST_REST, _LONGEST_REST = 0.5, 5.0
_UNSAID_PAUSE = 0.25  # after a 429 without Retry-After
_LONGEST_RETRY_AFTER = 300.0  # who asks for more is asked again after five minutes
_RAISE_AFTER = 100  # batches answered before a larger one is tried again
_MOST_BYTES = 32 * 2**20  # of one answer, where a smaller one can be asked for


class Call(NamedTuple):
    """One JSON-RPC call."""

    method: str
    params: Sequence[Any] = ()


Observe = Callable[[str, str, float], None]  # provider's name, method, seconds until its answer
_encode = msgspec.json.Encoder().encode


def name_of(url: str) -> str:
    """A URL without user, path and query, which often hold an access key. Raises ValueError where it has no such form."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:  # it quotes what may be half a password
        raise ValueError(
            "A URL of RPC_URLS has a port that is no number; in a password write / as %2F."
        ) from None
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")


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
            shown = name_of(url) if parts.hostname else url.partition("/")[0].rpartition("@")[2]
            raise ValueError(f"RPC URL {shown!r} is not an http(s) URL, such as http://127.0.0.1:8545.")
        self.url = url
        self.name = name_of(url)
        self.max_batch = max_batch
        self.ready_at = 0.0  # by time.monotonic; not to be asked before
        self.is_behind = False  # set by who compares heads: a node behind the others is asked last
        self.errors: Counter[str] = Counter()  # by `RpcError.kind`
        self.observers: list[Observe] = []  # told of each request
        self._session = session
        self._chain_id = chain_id
        self._largest_batch = max_batch
        self._batches = 0  # answered since max_batch was changed
        self._ids = itertools.count(1)
        self._paused_at = 0.0
        self._quiet_until = 0.0  # the provider asked for it (429)
        self._is_on_trial = False
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

    @property
    def is_on_trial(self) -> bool:
        """Whether the first request after a rest is under way: until its answer nobody else asks."""
        return self._is_on_trial

    async def guarded(self, once: Callable[["Provider"], Awaitable[T]]) -> T:
        """Run `once` with this provider, keeping its health; checks the chain id before first use."""
        began = time.monotonic()
        on_trial = self._faults_in_row >= _BREAK_AFTER and not self._is_on_trial
        self._is_on_trial = self._is_on_trial or on_trial
        try:
            await self._verify()
            answer = await once(self)
        except RestingError:
            raise
        except RateLimitedError as error:
            self._note_fault(error, began)
            pause = _UNSAID_PAUSE if error.retry_after is None else error.retry_after
            self._quiet_until = self.pause(min(pause, _LONGEST_RETRY_AFTER))
            raise
        except TransientError as error:
            if self._note_fault(error, began) and self._faults_in_row >= _BREAK_AFTER:
                doublings = min(self._faults_in_row - _BREAK_AFTER, 10)
                self.pause(min(_FIRST_REST * 2**doublings, _LONGEST_REST))
                self.verify_again()  # something else may answer there after an outage
            raise
        except PermanentError as error:
            self.errors[error.kind] += 1
            if not isinstance(error, WrongChainError):
                self._note_success()
            raise
        finally:
            if on_trial:
                self._is_on_trial = False
        self._note_success()
        return answer

    def pause(self, seconds: float) -> float:
        """Do not ask this provider for so long, nor send what waits for a connection; until when."""
        self._paused_at = time.monotonic()
        self.ready_at = max(self.ready_at, self._paused_at + seconds)
        return self.ready_at

    def verify_again(self) -> None:
        """Ask for the chain id again before the next request."""
        self._verified = self._chain_id is None

    def note_silence(self) -> None:
        """Count a question that its asker gave up as a fault."""
        self._note_fault(TransientError("no answer", "timeout"), time.monotonic())

    def _note_fault(self, error: RpcError, began: float) -> bool:
        """Count the fault of a request; whether it is one more in a row.

        It is not when the request began before the last pause, which makes it one of the same outage, nor
        when the node is well and only lacks a block.
        """
        self.errors[error.kind] += 1
        if began < self._paused_at:
            return False
        self._fault_rate += (1.0 - self._fault_rate) * 0.2
        if error.kind == TransientError.kind:
            return False
        self._faults_in_row += 1
        return True

    def _note_success(self) -> None:
        self._faults_in_row = 0
        self._fault_rate *= 0.9

    async def _verify(self) -> None:
        """Ask for the chain id once; another one than expected refuses this provider for good."""
        if self._verified:
            return
        began = time.monotonic()
        async with self._verifying:
            if self._verified:
                return
            if self._paused_at > began:
                raise RestingError("the provider did not tell its chain")
            found = quantity_in(await self.call("eth_chainId", result=str), "eth_chainId")
            if found != self._chain_id:
                self._wrong_chain = found
                message = f"{self.name} serves chain {found}, not chain {self._chain_id}"
                log.error("provider refused", provider=self.name, chain_id=found, expected=self._chain_id)
                raise WrongChainError(f"{message}; correct RPC_URLS or REGISTRY.")
            self._verified = True

    async def call(self, method: str, params: Sequence[Any] = (), *, result: Any = Any) -> Any:
        """One call without retries. Raises TransientError or PermanentError."""
        return await self._single(Call(method, params), result, _MOST_BYTES)

    async def batch(
        self,
        calls: Sequence[Call],
        *,
        result: Any = Any,
        keep_faults: bool = False,
        most_bytes: int = _MOST_BYTES,
    ) -> list[Any]:
        """Several calls without retries, split where the provider takes only small batches.

        Answers in order; a refused call's PermanentError stands in place of its answer. TransientError fails
        all, or with `keep_faults` stands in place of the answer too where it is of one call. An HTTP answer
        of more than `most_bytes` counts as refused (RangeTooLargeError).
        """
        size = self.max_batch
        parts = [calls[start : start + size] for start in range(0, len(calls), size)]
        how = (result, keep_faults, most_bytes)
        answers = await asyncio.gather(*(self._part(part, *how) for part in parts))
        return [answer for part in answers for answer in part]

    async def _part(
        self, calls: Sequence[Call], result: Any, keep_faults: bool, most_bytes: int
    ) -> list[Any]:
        """Calls that fit a batch as far as is known; sent again in smaller ones when they do not."""
        if len(calls) == 1:
            try:
                return [await self._single(calls[0], result, most_bytes)]
            except RpcError as error:
                if isinstance(error, TransientError) and not keep_faults:
                    raise
                return [error]
        try:
            answers = await self._several(calls, result, keep_faults, most_bytes)
        except BatchTooLargeError as error:
            self.errors[error.kind] += 1
            self._batches, self.max_batch = 0, min(self.max_batch, max(1, len(calls) // 2))
            log.info("smaller batches", provider=self.name, max_batch=self.max_batch)
            return await self.batch(calls, result=result, keep_faults=keep_faults, most_bytes=most_bytes)
        self._note_batch()
        return answers

    def _note_batch(self) -> None:
        """After many batches that were taken, try larger ones again: not every refusal is a rule."""
        self._batches += 1
        if self._batches >= _RAISE_AFTER and self.max_batch < self._largest_batch:
            self._batches, self.max_batch = 0, min(self.max_batch * 2, self._largest_batch)

    async def _single(self, call: Call, result: Any, most_bytes: int) -> Any:
        number = next(self._ids)
        body = await self._post([call], _encode(_request(number, call)), most_bytes)
        answer = parse(body, result, many=False)
        if answer.error is None and answer.id != number:
            raise TransientError(f"request {number} was answered with the id {answer.id!r:.40}", "malformed")
        return unwrap(answer)

    async def _several(
        self, calls: Sequence[Call], result: Any, keep_faults: bool, most_bytes: int
    ) -> list[Any]:
        numbers = [next(self._ids) for _ in calls]
        requests = [_request(number, call) for number, call in zip(numbers, calls, strict=True)]
        body = await self._post(calls, _encode(requests), most_bytes)
        if body.lstrip()[:1] == b"{":  # one answer for the whole batch: it was refused
            raise refusal_of_batch(parse(body, Any, many=False))
        answered = by_id(parse(body, result, many=True))
        answers: list[Any] = []
        for number, call in zip(numbers, calls, strict=True):
            if number not in answered:
                raise TransientError(
                    f"a batch of {len(calls)} calls was answered without {call.method}", "malformed"
                )
            try:
                answers.append(unwrap(answered[number]))
            except BatchTooLargeError:
                raise
            except RpcError as error:
                if isinstance(error, TransientError) and not keep_faults:
                    raise
                answers.append(error)
        return answers

    async def _post(self, calls: Sequence[Call], body: bytes, most_bytes: int) -> bytes:
        """Send one request for these calls and return the body of its answer."""
        began = time.monotonic()
        async with self._connections:
            started = time.monotonic()
            if self._paused_at > began or self._quiet_until > started:
                raise RestingError("the provider rests")
            try:
                return await self._exchange(body, len(calls), most_bytes)
            finally:
                for observe in self.observers:
                    observe(self.name, calls[0].method, time.monotonic() - started)

    async def _exchange(self, body: bytes, calls: int, most_bytes: int) -> bytes:
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session().post(
                self.url, data=body, headers=headers, timeout=self._timeout
            ) as response:
                content = await _read(response, most_bytes)
                if response.status != 200:
                    raise http_error(response, content, calls)
                return content
        except TimeoutError:
            raise TransientError(f"no answer within {self._timeout.total:g} s", "timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            raise TransientError(_shown(error), "connection") from None


def _shown(error: Exception) -> str:
    """What the HTTP client says, unless it quotes the URL, which often holds an access key."""
    quotes_url = isinstance(error, aiohttp.ClientResponseError | aiohttp.InvalidURL)
    return type(error).__name__ if quotes_url else str(error) or type(error).__name__


def _request(number: int, call: Call) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": call.method, "params": list(call.params)}


async def _read(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """The body, but no more than `most_bytes`, packed or not."""
    length = response.content_length
    if length is not None and length <= most_bytes and "Content-Encoding" not in response.headers:
        return await response.read()
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > most_bytes:
            response.close()
            raise RangeTooLargeError(f"the answer is larger than {most_bytes >> 20} MB")
    return bytes(content)
