"""A chain served over JSON-RPC whose blocks, forks and faults a test decides.

with FakeChain() as chain:
    chain.mine([log(...)])
    chain.fork(2, [[log(...)], []])         # replace the last two blocks
    chain.on_call = lambda call: ...        # answer a call otherwise, or raise Refusal
    chain.on_request = lambda calls: ...    # answer a whole HTTP request otherwise: Reply(...)
    chain.on_answers = lambda answers: ...  # change the list of JSON-RPC answers of a request
    chain.hold = lambda calls: ...          # keep a request waiting while this is true
"""

import asyncio
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from eth_hash.auto import keccak

GENESIS_TIME = 1_700_000_000
NULL = object()  # what on_call returns for the answer null; None means the honest answer


class Refusal(Exception):  # noqa: N818 - a JSON-RPC error, wanted
    """A JSON-RPC error instead of an answer."""

    def __init__(self, message: str, code: int = -32000) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Reply:
    """An HTTP answer of a test's choice.

    `manner`: "whole"; "never" answers nothing; "drip" sends a byte every 50 ms; "reset" cuts the connection
    in the middle of the body.
    """

    status: int = 200
    body: str | bytes = ""
    headers: dict[str, str] = field(default_factory=dict)
    manner: str = "whole"

    async def send(self, request: web.Request) -> web.StreamResponse:
        body = self.body if isinstance(self.body, bytes) else self.body.encode()
        if self.manner == "whole":
            return web.Response(body=body, status=self.status, headers=self.headers)
        if self.manner == "never":
            await asyncio.sleep(60)
        response = web.StreamResponse(status=self.status, headers=self.headers)
        response.content_length = len(body)
        await response.prepare(request)
        if self.manner == "drip":
            for start in range(len(body)):
                await response.write(body[start : start + 1])
                await asyncio.sleep(0.05)
        else:
            await response.write(body[: len(body) // 2])
            if request.transport is not None:
                request.transport.abort()
        return response


@dataclass(frozen=True)
class Call:
    method: str
    params: list[Any]


@dataclass
class Block:
    number: int
    hash: str
    parent: str
    logs: list[dict[str, Any]]

    @property
    def header(self) -> dict[str, Any]:
        return {
            "number": hex(self.number),
            "hash": self.hash,
            "parentHash": self.parent,
            "timestamp": hex(GENESIS_TIME + self.number),
            "logsBloom": bloom(self.logs),
            "transactions": [],
        }


def bloom(logs: list[dict[str, Any]]) -> str:
    bits = 0
    for entry in logs:
        for item in (entry["address"], *entry["topics"]):
            digest = keccak(bytes.fromhex(item[2:]))
            for n in (0, 2, 4):
                bits |= 1 << (int.from_bytes(digest[n : n + 2], "big") % 2048)
    return f"0x{bits:0512x}"


class FakeChain:
    """The chain and its server, in a thread of its own. `final_depth` None: no finalized tag."""

    def __init__(self, chain_id: int = 31337, final_depth: int | None = 10, port: int = 0) -> None:
        self.chain_id = chain_id
        self.final_depth = final_depth
        self.blocks: list[Block] = []
        self.on_call: Callable[[Call], Any] | None = None
        self.on_request: Callable[[list[Call]], Reply | None] | None = None
        self.hold: Callable[[list[Call]], bool] | None = None
        self.on_answers: Callable[[list[dict[str, Any]]], Any] | None = None
        self.calls: Counter[str] = Counter()
        self.asked: list[float] = []  # time.monotonic of each HTTP request
        self._salt = itertools.count()
        self._name = id(self)  # two chains never share a hash
        self._lock = threading.RLock()
        self._port = port
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.mine([])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def requests(self) -> int:
        return len(self.asked)

    @property
    def head(self) -> int:
        return len(self.blocks) - 1

    @property
    def final(self) -> int:
        return max(0, self.head - (self.final_depth or 0))

    def mine(self, *logs_of_blocks: list[dict[str, Any]]) -> None:
        """Append one block for each list of logs."""
        with self._lock:
            for logs in logs_of_blocks:
                number = len(self.blocks)
                parent = self.blocks[-1].hash if self.blocks else "0x" + "00" * 32
                digest = keccak(f"{parent}{number}{self._name}{next(self._salt)}".encode()).hex()
                block = Block(number, "0x" + digest, parent, [])
                for index, entry in enumerate(logs):
                    block.logs.append(
                        {
                            **entry,
                            "blockNumber": hex(number),
                            "blockHash": block.hash,
                            "transactionHash": "0x" + keccak(f"{digest}{index // 3}".encode()).hex(),
                            "transactionIndex": "0x0",
                            "logIndex": hex(index),
                            "removed": False,
                        }
                    )
                self.blocks.append(block)

    def fork(self, depth: int, logs_of_blocks: list[list[dict[str, Any]]]) -> None:
        """Replace the last `depth` blocks by others."""
        with self._lock:
            del self.blocks[len(self.blocks) - depth :]
            self.mine(*logs_of_blocks)

    def replace(self, depth: int, blocks: list[Block]) -> None:
        """Put these blocks in the place of the last `depth`."""
        with self._lock:
            self.blocks[len(self.blocks) - depth :] = blocks

    def answer(self, call: Call) -> Any:
        """The honest answer."""
        with self._lock:
            if call.method == "eth_chainId":
                return hex(self.chain_id)
            if call.method == "eth_blockNumber":
                return hex(self.head)
            if call.method == "eth_getBlockByNumber":
                block = self._block(call.params[0])
                return block and block.header
            if call.method == "eth_getLogs":
                return self.logs(call.params[0])
            if call.method == "eth_getBlockReceipts":
                return [{"logs": block.logs} for block in self.blocks if block.hash == call.params[0]]
        raise Refusal(f"the method {call.method} does not exist", -32601)

    def _block(self, tag: str) -> Block | None:
        if tag == "finalized":
            if self.final_depth is None:
                raise Refusal("finalized block not supported", -32602)
            return self.blocks[self.final]
        number = self.head if tag == "latest" else int(tag, 16)
        return self.blocks[number] if 0 <= number <= self.head else None

    def logs(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """eth_getLogs; beyond the head there is silence, as with geth."""
        if "blockHash" in wanted:
            blocks = [block for block in self.blocks if block.hash == wanted["blockHash"]]
            if not blocks:
                raise Refusal("unknown block")
        else:
            blocks = self.blocks[int(wanted["fromBlock"], 16) : int(wanted["toBlock"], 16) + 1]
        return [
            entry
            for block in blocks
            for entry in block.logs
            if entry["address"] in wanted.get("address", [entry["address"]])
            and entry["topics"][0] in wanted.get("topics", [entry["topics"]])[0]
        ]

    def _one(self, request: dict[str, Any]) -> dict[str, Any]:
        call = Call(request["method"], request["params"])
        self.calls[call.method] += 1
        shell = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            changed = self.on_call(call) if self.on_call else None
            if changed is NULL:
                return {**shell, "result": None}
            return {**shell, "result": self.answer(call) if changed is None else changed}
        except Refusal as refusal:
            return {**shell, "error": {"code": refusal.code, "message": str(refusal)}}

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(time.monotonic())
        asked = json.loads(await request.read())
        listed = asked if isinstance(asked, list) else [asked]
        calls = [Call(one["method"], one["params"]) for one in listed]
        while self.hold is not None and self.hold(calls):  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.005)
        if self.on_request:
            reply = self.on_request(calls)
            if reply is not None:
                return await reply.send(request)
        answers: Any = [self._one(one) for one in listed]
        if self.on_answers:
            answers = self.on_answers(answers)
        return web.json_response(answers if isinstance(asked, list) else answers[0])

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._started.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        application = web.Application(client_max_size=2**26)
        application.router.add_post("/", self._handle)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    def start(self) -> Self:
        self._thread.start()
        self._started.wait(60)
        return self

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
