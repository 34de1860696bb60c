"""One WebSocket that announces new heads (`eth_subscribe`), kept subscribed. Times are in seconds."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
import structlog

from listener.chain.cancellation import end_if_cancelled
from listener.chain.faults import PermanentError, RpcError, TransientError, WrongChainError, error_of
from listener.chain.provider import name_of
from listener.chain.rpc import RpcPool

log = structlog.get_logger("heads")

_PATIENCE = 5.0  # for connecting and subscribing together
_HEARTBEAT = 10.0  # between pings; a socket that does not answer within half of it is closed
_FIRST_REST, _LONGEST_REST = 0.5, 60.0  # before connecting again
_LASTED = 10.0  # a connection of this length makes up for those that were lost before
_REST_AFTER_REFUSAL = 300.0  # where a provider knows no subscription, or serves another chain
_CLOSING = aiohttp.ClientWSTimeout(ws_close=0.3)  # to wait for the goodbye of a server that went silent
_LARGEST_MESSAGE = 2**20  # bytes
_MESSAGES_PER_SECOND = 100  # read no faster: a flood waits in the sender's buffers
_MISSED, _SILENT = 3, 10.0  # so many blocks not announced, in so long: the subscription is dead
REMEMBERED = 64  # hashes of heads, found and announced


@dataclass(frozen=True, slots=True)
class Notice:
    """A block that is said to be the newest. `at` is when we were told, on the monotonic clock."""

    number: int
    hash: str
    at: float


class _Head(msgspec.Struct):
    number: str
    hash: str


class _Params(msgspec.Struct):
    result: _Head


class _Message(msgspec.Struct):
    """An answer (`id`) or a notice (`params`)."""

    id: Any = None
    result: Any = None
    error: Any = None
    params: _Params | None = None


_decode = msgspec.json.Decoder(_Message).decode


class Feed:
    """One WebSocket URL, kept subscribed for as long as `run` runs. `seen`: hashes of heads found by polling;
    `told` is set at each notice of another one, and when a subscription begins or ends.
    """

    def __init__(self, url: str, pool: RpcPool, seen: Collection[str], told: asyncio.Event) -> None:
        self.name = name_of(url)
        self.newest: Notice | None = None
        self.is_new = False  # a notice or the subscription itself came after the last look at the chain
        self.is_subscribed = False
        self.notices = self.losses = 0
        self._url, self._pool, self._seen, self._told = url, pool, seen, told
        self._announced: deque[str] = deque(maxlen=REMEMBERED)
        self._missed = 1  # new heads in a row that were not announced; trust begins with the first that was
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._heard_at = 0.0
        self._is_outage_said = False

    @property
    def is_trusted(self) -> bool:
        """Whether it announced the last head found."""
        return self.is_subscribed and self._missed == 0

    async def run(self) -> None:
        """Stay subscribed; after a loss connect again, ever more rarely."""
        rest = _FIRST_REST
        while True:
            end_if_cancelled()
            began = time.monotonic()
            try:
                await self._follow()
                reason = "the connection was closed"
            except Exception as error:  # a feed only helps: nothing may end it for good
                reason = self._shown(error)
                if isinstance(error, PermanentError):
                    rest = _REST_AFTER_REFUSAL
            finally:
                self.losses += self.is_subscribed
                self.is_subscribed, self._socket = False, None
                self._told.set()
            if time.monotonic() - began > _LASTED:
                rest = _FIRST_REST
            if not self._is_outage_said:
                log.warning("new heads are not announced, polling", provider=self.name, reason=reason)
                self._is_outage_said = True
            await asyncio.sleep(rest * random.uniform(0.5, 1.0))
            rest = min(rest * 2, max(_LONGEST_REST, rest))

    async def _follow(self) -> None:
        """One connection, from its handshake to its end."""
        async with asyncio.timeout(_PATIENCE) as limit:
            socket = await self._pool.session().ws_connect(
                self._url, heartbeat=_HEARTBEAT, max_msg_size=_LARGEST_MESSAGE, timeout=_CLOSING
            )
            async with socket:
                self._socket = socket
                await self._subscribe(socket)
                limit.reschedule(None)
                self.is_subscribed, self._missed, self._heard_at = True, 1, time.monotonic()
                self._wake(None)  # what was mined before is not announced
                await self._listen(socket)

    async def _subscribe(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        found, wanted = await self._ask(socket, 1, "eth_chainId"), self._pool.chain_id
        if wanted is not None and _number(found) != wanted:
            raise WrongChainError(f"it serves chain {found!r:.20}, not {hex(wanted)}")
        await self._ask(socket, 2, "eth_subscribe", "newHeads")

    async def _ask(
        self, socket: aiohttp.ClientWebSocketResponse, number: int, method: str, *params: str
    ) -> Any:
        await socket.send_json({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        async for message in socket:
            answer = _parsed(message)
            if answer is not None and answer.id == number:
                if answer.error is not None:
                    raise error_of(answer.error)
                return answer.result
        raise TransientError(f"the connection was closed before {method} was answered")

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        second, read = time.monotonic(), 0
        async for message in socket:
            read += 1
            if read > _MESSAGES_PER_SECOND:
                await asyncio.sleep(second + 1.0 - time.monotonic())
            if time.monotonic() - second >= 1.0:
                second, read = time.monotonic(), 0
            answer = _parsed(message)
            if answer is not None and answer.params is not None:
                self._note(answer.params.result)

    def _note(self, head: _Head) -> None:
        """Remember a notice, if it can be one of a block."""
        number = _number(head.number)
        if number is None or len(head.hash) != 66:
            return
        self.notices += 1
        self._heard_at = time.monotonic()
        self._announced.append(head.hash)
        if self._is_outage_said or self.notices == 1:
            log.info("new heads are announced", provider=self.name)
            self._is_outage_said = False
        if head.hash in self._seen:
            self._missed = 0
        else:
            self._wake(Notice(number, head.hash, self._heard_at))

    def _wake(self, notice: Notice | None) -> None:
        self.newest, self.is_new = notice, True
        self._told.set()

    async def compare(self, head_hash: str) -> None:
        """Learn that polling found a new head: was it announced?"""
        self._missed = 0 if head_hash in self._announced else self._missed + 1
        is_silent = self._missed > _MISSED and time.monotonic() - self._heard_at > _SILENT
        if is_silent and self._socket is not None:
            await self._socket.close()

    def _shown(self, error: Exception) -> str:
        """What went wrong, without the URL, which often holds an access key."""
        if isinstance(error, aiohttp.WSServerHandshakeError):
            return f"HTTP {error.status} instead of a WebSocket"
        if isinstance(error, TimeoutError):
            return f"no answer within {_PATIENCE:g} s"
        if isinstance(error, RpcError | aiohttp.ClientConnectorError):
            return str(error)
        return type(error).__name__


def _number(text: Any) -> int | None:
    """A quantity of up to 8 bytes; None where it is none."""
    try:
        return int(text, 16) if len(text) <= 18 else None
    except (TypeError, ValueError):
        return None


def _parsed(message: aiohttp.WSMessage) -> _Message | None:
    """The JSON-RPC in a frame; None where there is none."""
    if not isinstance(message.data, str | bytes):
        return None
    try:
        return _decode(message.data)
    except (msgspec.DecodeError, UnicodeError):
        return None
