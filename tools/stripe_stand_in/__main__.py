"""Serves until SIGTERM or SIGINT. Settings, from the environment: STRIPE_PORT, STATE_DIR, STRIPE_SECRET_KEY,
STRIPE_WEBHOOK_SECRET, STRIPE_WEBHOOK_URL. Exit code 1 when one is missing or the port is taken.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from tools.stripe_stand_in.server import StandIn
from tools.stripe_stand_in.webhooks import Webhooks

NAMES = ("STRIPE_PORT", "STATE_DIR", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_URL")


def main() -> int:
    """Serve."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    lacking = [name for name in NAMES if not os.environ.get(name)]
    if lacking:
        print(f"The stand-in for Stripe cannot run: {', '.join(lacking)} is not set.", file=sys.stderr)
        return 1
    port, folder, key, secret, url = (os.environ[name] for name in NAMES)
    if not key.startswith("sk_test_"):
        print("The stand-in for Stripe takes test keys only (sk_test_…).", file=sys.stderr)
        return 1
    server = StandIn(key, webhooks=Webhooks(url, secret), file=Path(folder) / "stripe.json", port=int(port))
    try:
        asyncio.run(_serve(server))
    except OSError as error:
        print(f"The stand-in for Stripe cannot run: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(server: StandIn) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with server:
        logging.getLogger("stripe_stand_in").info("serving at %s", server.url)
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
