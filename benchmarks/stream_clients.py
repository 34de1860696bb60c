"""The other ends of `benchmarks.stream`: many real WebSocket clients in one process, and a server that does nothing but
send, as the floor.

    python -m benchmarks.stream_clients clients COUNT PORT [PORT …]
    python -m benchmarks.stream_clients floor PORT

Clients write a line of JSON when all of them are connected, and one for each event when all of them have it; event
number N says "first_ticket":"N". The floor's server sends each line it reads to everybody.
"""

import asyncio
import json
import re
import sys
import time
from collections import defaultdict

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, broadcast, serve

AT_ONCE = 50
_NUMBER = re.compile(r'"first_ticket":"(\d+)"')


def say(**line: object) -> None:
    """One line to who started us."""
    print(json.dumps(line), flush=True)


async def _opened(port: int, places: asyncio.Semaphore) -> ClientConnection:
    async with places:
        socket = await connect(
            f"ws://127.0.0.1:{port}/api/v1/stream", compression=None, ping_interval=None, open_timeout=60
        )
        await socket.send('{"type":"start","topics":["raffle:1"]}')
        await socket.recv()
        return socket


async def clients(count: int, ports: list[int]) -> None:
    """Connect all, then tell when each event has reached the last of them."""
    started, places = time.perf_counter(), asyncio.Semaphore(AT_ONCE)
    sockets = await asyncio.gather(*(_opened(ports[n % len(ports)], places) for n in range(count)))
    say(connected=count, seconds=time.perf_counter() - started)
    seen: dict[str, list[float]] = defaultdict(list)

    async def listen(socket: ClientConnection) -> None:
        async for text in socket:
            now = time.time()
            found = _NUMBER.search(str(text))
            if found is None:
                continue
            times = seen[found[1]]
            times.append(now)
            if len(times) == count:
                say(event=int(found[1]), text=text, times=seen.pop(found[1]))

    await asyncio.gather(*map(listen, sockets))


async def floor(port: int) -> None:
    """Accept everybody, and send every line to all."""
    everybody: set[ServerConnection] = set()

    async def welcome(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send('{"type":"ready"}')
        everybody.add(socket)
        await socket.wait_closed()
        everybody.discard(socket)

    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with serve(welcome, "127.0.0.1", port, compression=None, ping_interval=None, backlog=4096):
        say(listening=port)
        while line := await reader.readline():
            broadcast(everybody, line.decode().rstrip("\n"))


if __name__ == "__main__":
    if sys.argv[1] == "floor":
        asyncio.run(floor(int(sys.argv[2])))
    else:
        asyncio.run(clients(int(sys.argv[2]), [int(port) for port in sys.argv[3:]]))
