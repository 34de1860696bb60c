"""drand's HTTP API over a local key: info, latest and past rounds. A round is signed when first asked for."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

from listener.chain.draw import drand
from tools.oracle.key import PERIOD, BeaconKey

CACHED_ROUNDS = 10_000
MAX_ROUND = 2**64 - 1


class Beacon:
    """Rounds of one key. `clock` gives Unix seconds. Signing is done in one thread, one round at a time."""

    def __init__(self, key: BeaconKey, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock
        self._signer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beacon")
        self._signatures: OrderedDict[int, asyncio.Future[bytes]] = OrderedDict()

    @property
    def latest(self) -> int:
        """The round published last."""
        return (int(self._clock()) - self._key.genesis_time) // PERIOD + 1

    async def signature(self, drand_round: int) -> bytes:
        """The compressed signature of a published round. Asked twice at once, it is signed once."""
        found = self._signatures.get(drand_round)
        if found is None:
            loop = asyncio.get_running_loop()
            found = loop.run_in_executor(self._signer, self._key.sign, drand_round)
            self._signatures[drand_round] = found
            if len(self._signatures) > CACHED_ROUNDS:
                self._signatures.popitem(last=False)
        return await asyncio.shield(found)

    def close(self) -> None:
        """Stop signing; what waits is given up."""
        self._signer.shutdown(wait=False, cancel_futures=True)


@web.middleware
async def _open_to_browsers(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Anyone may read a beacon, from any page, as with drand's own servers."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.headers["Access-Control-Allow-Origin"] = "*"
        raise
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def make_app(key: BeaconKey, beacon: Beacon) -> web.Application:
    """The HTTP application; `/healthz` answers 200 once it serves."""
    chain = key.chain_hash.hex()

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "latest_round": beacon.latest})

    async def chains(_: web.Request) -> web.Response:
        return web.json_response([chain])

    async def info(_: web.Request) -> web.Response:
        return web.json_response(key.api_info())

    async def latest(_: web.Request) -> web.Response:
        return await answer(beacon.latest, "no-store")

    async def one(request: web.Request) -> web.Response:
        drand_round = int(request.match_info["round"])
        if not 1 <= drand_round <= MAX_ROUND:
            raise web.HTTPNotFound(text=f"There is no round {drand_round}: rounds start at 1.\n")
        early = drand_round - beacon.latest
        if early > 0:
            text = f"Round {drand_round} is published in {early * PERIOD} s.\n"
            return web.Response(status=425, text=text, headers={"Retry-After": str(early * PERIOD)})
        return await answer(drand_round, "public, max-age=31536000, immutable")

    async def answer(drand_round: int, caching: str) -> web.Response:
        signature = await beacon.signature(drand_round)
        body = {
            "round": drand_round,
            "randomness": drand.randomness_of(signature).hex(),
            "signature": signature.hex(),
        }
        return web.json_response(body, headers={"Cache-Control": caching})

    app = web.Application(middlewares=[_open_to_browsers])
    app.router.add_get("/healthz", health)
    app.router.add_get("/chains", chains)
    app.router.add_get(f"/{chain}/info", info)
    app.router.add_get(f"/{chain}/public/latest", latest)
    app.router.add_get(f"/{chain}/public/{{round:[0-9]{{1,20}}}}", one)
    return app
