"""JSON-RPC providers of one chain, honest but for the faults and habits a seed gives them."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from random import Random
from typing import Any

import msgspec
from aiohttp import web

from tests.listener.differential.chain import Block, Chain, Entry
from tests.listener.differential.habits import (
    ANSWER_FAULTS,
    BATCH_WORDS,
    LOG_FAULTS,
    RANGE_WORDS,
    RATE_WORDS,
    REQUEST_FAULTS,
    Habits,
)
from tests.listener.fake_chain import Refusal, Reply

_encode = msgspec.json.encode
_decode = msgspec.json.Decoder().decode
Call = dict[str, Any]


@dataclass(eq=False)
class Provider:
    """One URL. `faults` are used up by requests, one each; `view` is what it takes for the chain."""

    chain: Chain
    habits: Habits
    rng: Random
    tick: Callable[[], None] = lambda: None
    faults: deque[str] = field(default_factory=deque)
    stale: list[Block] | None = None
    behind: int = 0
    patience: int = 0  # calls until it is neither stale nor behind any more
    sockets: set[web.WebSocketResponse] = field(default_factory=set)

    def calm(self) -> None:
        """From now on it has no faults but its habits."""
        self.faults.clear()
        self.stale, self.behind = None, 0

    @property
    def view(self) -> list[Block]:
        if self.stale is not None:
            return self.stale
        return self.chain.blocks[: max(1, len(self.chain.blocks) - self.behind)]

    async def announce(self) -> None:
        """Tell who subscribed of the newest block."""
        result = self.view[-1].header
        notice = {
            "jsonrpc": "2.0",
            "method": "eth_subscription",
            "params": {"subscription": "0x1", "result": result},
        }
        for socket in list(self.sockets):
            with suppress(ConnectionError):
                await socket.send_str(_encode(notice).decode())

    async def follow(self, request: web.BaseRequest) -> web.WebSocketResponse:
        """Serve a WebSocket until the other side leaves."""
        socket = web.WebSocketResponse()
        try:
            await socket.prepare(request)
            async for message in socket:
                call = _decode(message.data)
                answer = (
                    "0x1"
                    if call["method"] == "eth_subscribe"
                    else self.answer(call["method"], call["params"])
                )
                await socket.send_str(
                    _encode({"jsonrpc": "2.0", "id": call["id"], "result": answer}).decode()
                )
                if call["method"] == "eth_subscribe":
                    self.sockets.add(socket)
        except ConnectionError:  # it was killed
            pass
        finally:
            self.sockets.discard(socket)
        return socket

    async def handle(self, body: bytes) -> Reply | None:
        """Answer a request; None closes the connection."""
        asked = _decode(body)
        calls: list[Call] = asked if isinstance(asked, list) else [asked]
        fault = self._fault(calls)
        if self.habits.delay:
            await asyncio.sleep(self.rng.random() * self.habits.delay)
        if fault in REQUEST_FAULTS:
            self.tick()
            reply = await self._fail(fault, calls)
            if not isinstance(reply, bytes):
                return reply
            return Reply(body=reply)
        most = self.habits.most_calls
        if most is not None and len(calls) > most:
            message, code = BATCH_WORDS[self.habits.words % len(BATCH_WORDS)]
            return Reply(body=_encode(_error(None, message, code)))
        answers = [self._answer(call, fault) for call in calls]
        if self.habits.delay:
            await asyncio.sleep(self.rng.random() * self.habits.delay)
        if self.habits.shuffles:
            self.rng.shuffle(answers)
        return Reply(body=_encode(answers if isinstance(asked, list) else answers[0]))

    def _fault(self, calls: list[Call]) -> str:
        """The next fault, if it can happen to these calls."""
        if not self.faults:
            return ""
        fault, methods = self.faults[0], {call["method"] for call in calls}
        if fault in LOG_FAULTS and "eth_getLogs" not in methods:
            return ""
        if fault in ANSWER_FAULTS and fault not in LOG_FAULTS and "eth_getBlockByNumber" not in methods:
            return ""
        if fault in ("lone", "gap", "batch", "413") and len(calls) < 2:
            return ""
        return self.faults.popleft()

    async def _fail(self, fault: str, calls: list[Call]) -> Reply | bytes | None:
        if fault == "hang":
            await asyncio.sleep(2)
        if fault in ("hang", "reset"):
            return None
        if fault.startswith(("4", "5")):
            soon = {
                "429 soon": "0.01",
                "503 soon": "0.01",
                "429 date": format_datetime(datetime.now(UTC), usegmt=True),
            }
            headers = {"Retry-After": soon[fault]} if fault in soon else {}
            return Reply(int(fault[:3]), "<html>try later</html>", headers)
        if fault in ("rate", "batch"):
            message, code = (RATE_WORDS if fault == "rate" else BATCH_WORDS)[self.habits.words % 2]
            return _encode(_error(None, message, code))
        if fault in ("html", "nothing"):
            return b"<html>hello</html>" if fault == "html" else b""
        answers = [self._answer(call, "") for call in calls]
        if fault == "lone":
            return _encode(answers[0])
        if fault == "gap":
            return _encode(answers[1:])
        text = _encode(answers if len(answers) > 1 else answers[0])
        return text[: self.rng.randrange(len(text))]

    def _answer(self, call: Call, fault: str) -> dict[str, Any]:
        self.tick()
        if self.patience:
            self.patience -= 1
            if not self.patience or (
                self.stale and self.stale[self.chain.final :][:1] != self.chain.blocks[self.chain.final :][:1]
            ):
                self.stale, self.behind = (
                    None,
                    0,
                )  # finality ends it: no node stays on a branch that contradicts it
        try:
            answer = self._spoil(fault, call) if fault else None
            if answer is None:
                answer = self.answer(call["method"], call["params"])
            return {"jsonrpc": "2.0", "id": call["id"], "result": None if answer is _NULL else answer}
        except Refusal as refusal:
            return _error(call["id"], str(refusal), refusal.code)

    def answer(self, method: str, params: list[Any]) -> Any:
        """The honest answer, as far as this provider knows."""
        if method == "eth_chainId":
            return hex(self.habits.chain_id)
        if method == "eth_blockNumber":
            return hex(len(self.view) - 1)
        if method == "eth_getBlockByNumber":
            block = self._block(params[0])
            return _NULL if block is None else block.header
        if method == "eth_getLogs":
            return [self._shown(entry) for entry in self._logs(params[0])]
        if method == "eth_getBlockReceipts" and self.habits.knows_receipts:
            return [
                {"logs": [entry.json]}
                for block in self.view
                if block.hash == params[0]
                for entry in block.entries
            ]
        raise Refusal(f"the method {method} does not exist", -32601)

    @property
    def _final(self) -> int:
        """The last block this provider can know to be final: what is on a branch that lost never is."""
        head = len(self.view) - 1
        return min(
            self.chain.final, head if not (self.behind or self.stale) else max(0, head - self.chain.depth)
        )

    def _shown(self, entry: Entry) -> Any:
        if not self.habits.checksums:
            return entry.json
        return {**_decode(entry.json), "address": "0x" + entry.log.address[2:].upper()}

    def _block(self, tag: str) -> Block | None:
        view = self.view
        if tag == "finalized":
            if not self.chain.has_final_tag:
                raise Refusal("finalized block not supported", -32602)
            return view[self._final]
        number = len(view) - 1 if tag == "latest" else int(tag, 16)
        return view[number] if number < len(view) else None

    def _logs(self, wanted: dict[str, Any]) -> list[Entry]:
        view = self.view
        if "blockHash" in wanted:
            if not self.habits.knows_hashes:
                raise Refusal("invalid argument 0: blockHash is not supported", -32602)
            blocks = [block for block in view if block.hash == wanted["blockHash"]]
            if not blocks and self.habits.keeps_orphans:
                blocks = [block for block in self.chain.orphans if block.hash == wanted["blockHash"]]
            if not blocks:
                raise Refusal("unknown block")
        else:
            first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
            blocks = view[first : last + 1]
        found = [entry for block in blocks for entry in block.entries]
        if "address" in wanted:
            addresses, topics = set(wanted["address"]), set(wanted["topics"][0])
            found = [e for e in found if e.log.address in addresses and e.log.topics[0] in topics]
        if "blockHash" not in wanted and last > first:
            most, count = self.habits.most_blocks, self.habits.most_logs
            if (most is not None and last - first >= most) or (count is not None and len(found) > count):
                raise Refusal(*RANGE_WORDS[self.habits.words % len(RANGE_WORDS)])
        return found

    def _spoil(self, fault: str, call: Call) -> Any:
        """The answer with a fault in it; None where the fault does not fit the call."""
        if call["method"] == "eth_getLogs" and fault in LOG_FAULTS:
            if fault in ("null logs", "no logs"):
                return _NULL if fault == "null logs" else []
            logs = [_decode(entry.json) for entry in self._logs(call["params"][0])]
            if fault == "stray log":
                others = [entry for block in self.chain.blocks for entry in block.entries]
                return [*logs, _decode(self.rng.choice(others).json)] if others else None
            if not logs:
                return None
            return [*logs, logs[0]] if fault == "repeated log" else [{**logs[0], "removed": True}, *logs[1:]]
        if call["method"] != "eth_getBlockByNumber" or fault in LOG_FAULTS:
            return None
        if fault == "unknown block":
            raise Refusal("header not found")
        if fault == "internal":
            raise Refusal("Internal error", -32603)
        if fault == "null block":
            return _NULL
        if fault == "no type":
            return "0x"
        if fault == "final ahead":
            # Above every head there is: the view may change between the calls of a batch.
            ahead = hex(len(self.chain.blocks) + len(self.stale or ()) + 5)
            return None if call["params"][0] != "finalized" else {**self.view[-1].fields, "number": ahead}
        block = self._block(call["params"][0])
        if block is None:
            return None
        if fault == "other parent":
            if block.number <= FIRST_LINKED:
                return None
            return {**block.fields, "parentHash": "0x" + self.rng.randbytes(32).hex()}
        return None if call["params"][0] == "finalized" else self.rng.choice(self.view).header


_NULL = object()
FIRST_LINKED = 12  # nobody can tell a wrong parent of the first block mirrored, which is not above this one


def _error(number: Any, message: str, code: int) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}


class Server:
    """One HTTP server for all providers of this process, told apart by path."""

    def __init__(self) -> None:
        self.providers: dict[str, Provider] = {}
        self.requests = 0

    async def start(self) -> None:
        self._runner = web.ServerRunner(
            web.Server(self._handle, handler_cancellation=True, access_log=None), shutdown_timeout=0.2
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._runner.cleanup()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}{path}"

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests += 1
        provider = self.providers.get(request.path)
        if provider is not None and "Upgrade" in request.headers:
            return await provider.follow(request)
        reply = None if provider is None else await provider.handle(await request.read())
        if reply is not None:
            body = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
            return web.Response(body=body, status=reply.status, headers=reply.headers)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
