"""The chain of the listener's benchmark: a JSON-RPC server over a generated workload, in its own process.

Answers are joined from prepared bytes, so that the server costs little beside what it measures. It has the
limits of a vendor: so many logs in an answer, blocks in a range, calls in a batch. `latency` seconds are added to each
request, and a share of them is answered 429. `POST /mine` appends a block with events and returns its number.
"""

import argparse
import asyncio
import json
import random
import time
from dataclasses import dataclass, fields
from typing import Any

import msgspec
from aiohttp import web
from eth_abi.abi import encode
from eth_hash.auto import keccak

CHAIN_ID = 31337
FACTORY = "0x" + "fa" * 20
RAFFLE = "0x" + "a1" * 20
CHILDREN = [f"0x{n:040x}" for n in range(0xC0FFEE, 0xC0FFEE + 20)]
GENESIS_TIME = 1_700_000_000


def _event(name: str, *arguments: tuple[str, str, bool]) -> dict[str, Any]:
    inputs = [{"type": kind, "name": label, "indexed": indexed} for kind, label, indexed in arguments]
    return {"type": "event", "name": name, "anonymous": False, "inputs": inputs}


CREATED = _event("TokenCreated", ("address", "token", True), ("string", "name", False))
TRANSFER = _event("Transfer", ("address", "from", True), ("address", "to", True), ("uint256", "value", False))
BOUGHT = _event(
    "TicketsBought",
    ("uint256", "raffleId", True),
    ("address", "buyer", True),
    ("uint64", "firstTicket", False),
    ("uint40", "count", False),
    ("uint128", "paid", False),
)
NAMED = _event("Renamed", ("uint256", "raffleId", True), ("string", "name", False), ("string", "uri", False))
PICKED = _event("Picked", ("uint256", "raffleId", True), ("uint256[]", "tickets", False))
REGISTRY = {
    "chain_id": CHAIN_ID,
    "contracts": {
        "Raffle": {"address": RAFFLE, "first_block": 1, "abi": [BOUGHT, NAMED, PICKED]},
        "TokenFactory": {"address": FACTORY, "first_block": 1, "abi": [CREATED]},
        "Token": {
            "abi": [TRANSFER],
            "created_by": {"contract": "TokenFactory", "event": "TokenCreated", "argument": "token"},
        },
    },
}


def _topic(entry: dict[str, Any]) -> str:
    return "0x" + keccak(f"{entry['name']}({','.join(a['type'] for a in entry['inputs'])})".encode()).hex()


TOPICS = {entry["name"]: _topic(entry) for entry in (CREATED, TRANSFER, BOUGHT, NAMED, PICKED)}


@dataclass(frozen=True)
class Limits:
    """What the provider allows. `latency` in seconds, `refused` the share of requests answered 429."""

    latency: float = 0.0
    refused: float = 0.0
    most_logs: int = 10_000
    most_blocks: int = 2_000
    most_calls: int = 100
    final_depth: int = 64


@dataclass(frozen=True)
class Log:
    address: str
    topic: str
    body: bytes


class Chain:
    """Generated blocks; the same seed gives the same chain. `rounds`: how often their traffic comes again."""

    def __init__(self, blocks: int, events_per_block: int, rounds: int = 1) -> None:
        self.random = random.Random(7)
        self.headers: list[bytes] = []
        self.hashes: list[str] = []
        self.logs: list[list[Log]] = []
        self.copy_of: dict[int, int] = {}  # a later round's block → the one whose bytes it sends, renamed
        self.by_hash: dict[str, int] = {}
        self.events = 0
        self._bits: dict[str, int] = {}
        self.mine([])
        for number in range(1, blocks + 1):
            created = (
                [CHILDREN[number // 10 - 1]] if number % 10 == 0 and number <= 10 * len(CHILDREN) else []
            )
            self.mine(self._traffic(number, created, events_per_block))
        for _ in range(rounds - 1):
            for number in range(1, blocks + 1):
                self._repeat(number)

    def _repeat(self, original: int) -> None:
        """Append a block with the traffic of an earlier one, without the memory it would take."""
        number, block_hash = len(self.headers), _block_hash(len(self.headers))
        header = msgspec.json.decode(self.headers[original])
        header |= {
            "number": hex(number),
            "hash": block_hash,
            "parentHash": self.hashes[-1],
            "timestamp": hex(GENESIS_TIME + 2 * number),
            "transactions": [],
        }
        self._append(msgspec.json.encode(header), block_hash, self.logs[original])
        self.copy_of[number] = original

    def _traffic(self, number: int, created: list[str], count: int) -> list[tuple[str, list[str], bytes]]:
        rng, known = self.random, CHILDREN[: number // 10]
        logs: list[tuple[str, list[str], bytes]] = [
            (FACTORY, [TOPICS["TokenCreated"], _word(child)], encode(["string"], ["Token"]))
            for child in created
        ]
        for _ in range(count - len(created)):
            kind = rng.random()
            raffle, who = f"0x{rng.randrange(500):064x}", f"0x{rng.getrandbits(160):064x}"
            if kind < 0.5 and number >= 10:
                other = f"0x{rng.getrandbits(160):064x}"
                value = rng.randrange(10**24).to_bytes(32, "big")
                logs.append((rng.choice(known), [TOPICS["Transfer"], who, other], value))
            elif kind < 0.75:
                first, tickets = rng.getrandbits(40), rng.randrange(1, 500)
                words = (first, tickets, tickets * 10**18)
                logs.append(
                    (
                        RAFFLE,
                        [TOPICS["TicketsBought"], raffle, who],
                        b"".join(w.to_bytes(32, "big") for w in words),
                    )
                )
            elif kind < 0.9:
                texts = [f"Raffle of {rng.getrandbits(64):x} 🎟", f"ipfs://{rng.getrandbits(256):064x}"]
                logs.append((RAFFLE, [TOPICS["Renamed"], raffle], encode(["string", "string"], texts)))
            else:
                picked = [rng.getrandbits(200) for _ in range(rng.randrange(2, 12))]
                logs.append((RAFFLE, [TOPICS["Picked"], raffle], encode(["uint256[]"], [picked])))
        return logs

    def mine(self, logs: list[tuple[str, list[str], bytes]]) -> int:
        """Append a block."""
        number, bits = len(self.headers), 0
        block_hash = _block_hash(number)
        parent = self.hashes[-1] if self.hashes else "0x" + "00" * 32
        entries = []
        for index, (address, topics, data) in enumerate(logs):
            transaction = "0x" + keccak(f"{number} {index // 2}".encode()).hex()
            entry = {
                "address": address,
                "topics": topics,
                "data": "0x" + data.hex(),
                "blockNumber": hex(number),
                "transactionHash": transaction,
                "transactionIndex": hex(index // 2),
                "blockHash": block_hash,
                "logIndex": hex(index),
                "removed": False,
            }
            entries.append(Log(address, topics[0], msgspec.json.encode(entry)))
            for item in (address, *topics):
                bits |= self._mask(item)
        header = {
            "number": hex(number),
            "hash": block_hash,
            "parentHash": parent,
            "timestamp": hex(GENESIS_TIME + 2 * number),
            "logsBloom": f"0x{bits:0512x}",
            "miner": "0x" + "00" * 20,
            "stateRoot": block_hash,
            "receiptsRoot": block_hash,
            "gasUsed": "0x1c9c380",
            "transactions": [
                "0x" + keccak(f"{number} {n}".encode()).hex() for n in range((len(logs) + 1) // 2)
            ],
        }
        self._append(msgspec.json.encode(header), block_hash, entries)
        return number

    def _append(self, header: bytes, block_hash: str, entries: list[Log]) -> None:
        self.by_hash[block_hash] = len(self.headers)
        self.headers.append(header)
        self.hashes.append(block_hash)
        self.logs.append(entries)
        self.events += len(entries)

    def _mask(self, item: str) -> int:
        if item not in self._bits:
            digest, bits = keccak(bytes.fromhex(item[2:])), 0
            for n in (0, 2, 4):
                bits |= 1 << (int.from_bytes(digest[n : n + 2], "big") % 2048)
            if len(self._bits) > 100_000:
                self._bits.clear()
            self._bits[item] = bits
        return self._bits[item]

    def select(self, wanted: dict[str, Any], limits: Limits) -> bytes:
        """The answer to eth_getLogs; ValueError above a limit."""
        if "blockHash" in wanted:
            first = last = self.by_hash[wanted["blockHash"]]
        else:
            first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
            if last - first >= limits.most_blocks:
                raise ValueError(f"exceed maximum block range: {limits.most_blocks}")
        addresses, topics = set(wanted["address"]), set(wanted["topics"][0])
        parts, count = [], 0
        for number in range(first, min(last + 1, len(self.logs))):
            found = [
                log.body for log in self.logs[number] if log.address in addresses and log.topic in topics
            ]
            if found:
                parts.append(self._renamed(number, b",".join(found)))
                count += len(found)
        if count > limits.most_logs:
            raise ValueError(f"query returned more than {limits.most_logs} results")
        return b"[" + b",".join(parts) + b"]"

    def _renamed(self, number: int, bodies: bytes) -> bytes:
        """Logs of a block; those of a repeated one get its own number and hash."""
        original = self.copy_of.get(number)
        if original is None:
            return bodies
        for old, new in (
            (f'"blockNumber":"{original:#x}"', f'"blockNumber":"{number:#x}"'),
            (self.hashes[original], self.hashes[number]),
        ):
            bodies = bodies.replace(old.encode(), new.encode())
        return bodies


def _block_hash(number: int) -> str:
    return "0x" + keccak(f"block {number}".encode()).hex()


def _word(address: str) -> str:
    return "0x" + address[2:].rjust(64, "0")


class Server:
    """JSON-RPC over a chain."""

    def __init__(self, chain: Chain, limits: Limits) -> None:
        self.chain, self.limits = chain, limits
        self.random = random.Random(8)
        self.requests = 0
        self.subscribers: list[web.WebSocketResponse] = []

    async def handle(self, request: web.Request) -> web.Response:
        """One HTTP request: a call or a batch."""
        self.requests += 1
        asked = msgspec.json.decode(await request.read())
        if self.limits.latency:
            await asyncio.sleep(self.limits.latency)
        if self.limits.refused and self.random.random() < self.limits.refused:
            return web.Response(status=429, headers={"Retry-After": "0.05"})
        if isinstance(asked, dict):
            return web.Response(body=self._one(asked), content_type="application/json")
        if len(asked) > self.limits.most_calls:
            fault = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch too large"}}'
            return web.Response(body=fault, content_type="application/json")
        return web.Response(
            body=b"[" + b",".join(map(self._one, asked)) + b"]", content_type="application/json"
        )

    def _one(self, call: dict[str, Any]) -> bytes:
        shell = b'{"jsonrpc":"2.0","id":%d,' % call["id"]
        try:
            return shell + b'"result":' + self._answer(call["method"], call["params"]) + b"}"
        except ValueError as error:
            return shell + b'"error":{"code":-32005,"message":%s}}' % msgspec.json.encode(str(error))

    def _answer(self, method: str, parameters: list[Any]) -> bytes:
        head = len(self.chain.headers) - 1
        if method == "eth_getLogs":
            return self.chain.select(parameters[0], self.limits)
        if method == "eth_getBlockByNumber":
            tags = {"latest": head, "finalized": max(0, head - self.limits.final_depth)}
            number = tags.get(parameters[0]) if parameters[0] in tags else int(parameters[0], 16)
            return self.chain.headers[number] if number is not None and number <= head else b"null"
        if method == "eth_blockNumber":
            return b'"%s"' % hex(head).encode()
        if method == "eth_chainId":
            return b'"%s"' % hex(CHAIN_ID).encode()
        raise ValueError(f"the method {method} does not exist")

    async def mine(self, request: web.Request) -> web.Response:
        """Append a block with traffic; `at` is when, on the machine's monotonic clock."""
        number = len(self.chain.headers)
        self.chain.mine(self.chain._traffic(number, [], 20))
        at = time.monotonic()
        asyncio.get_running_loop().call_later(
            self.limits.latency, lambda: asyncio.ensure_future(self._announce(self.chain.headers[number]))
        )
        return web.json_response({"number": number, "at": at})

    async def asked(self, request: web.Request) -> web.Response:
        """How many requests were answered."""
        return web.json_response({"requests": self.requests})

    async def push(self, request: web.Request) -> web.WebSocketResponse:
        """eth_subscribe to new heads."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            call = json.loads(message.data)
            if call["method"] == "eth_subscribe":
                self.subscribers.append(socket)
                await socket.send_json({"jsonrpc": "2.0", "id": call["id"], "result": "0x1"})
            else:
                await socket.send_str(self._one(call).decode())
        self.subscribers = [other for other in self.subscribers if other is not socket]
        return socket

    async def _announce(self, header: bytes) -> None:
        notice = b'{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x1","result":%s}}'
        for socket in self.subscribers:
            await socket.send_str((notice % header).decode())


async def _serve(server: Server) -> None:
    application = web.Application(client_max_size=2**26)
    application.router.add_post("/", server.handle)
    application.router.add_get("/", server.push)
    application.router.add_post("/mine", server.mine)
    application.router.add_post("/asked", server.asked)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    facts = {
        "port": runner.addresses[0][1],
        "events": server.chain.events,
        "head": len(server.chain.headers) - 1,
    }
    print(json.dumps(facts), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Generate and serve until the process is ended."""
    parser = argparse.ArgumentParser(description="Serve the benchmark's chain.")
    parser.add_argument("--blocks", type=int, default=2400)
    parser.add_argument("--events-per-block", type=int, default=85)
    parser.add_argument("--rounds", type=int, default=1)
    for field in fields(Limits):
        parser.add_argument(
            f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default
        )
    given = parser.parse_args()
    chain = Chain(given.blocks, given.events_per_block, given.rounds)
    limits = Limits(**{field.name: getattr(given, field.name) for field in fields(Limits)})
    asyncio.run(_serve(Server(chain, limits)))


if __name__ == "__main__":
    main()
