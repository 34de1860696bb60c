"""Webhooks as Stripe sends them: signed by Stripe's own library, tried again until they are taken."""

import asyncio
import json
import logging

import aiohttp
import stripe

from tools.stripe_stand_in.shapes import Object

log = logging.getLogger("stripe_stand_in.webhooks")
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
MOST_ATTEMPTS = 20
TIMEOUT = aiohttp.ClientTimeout(total=10)


def sign(body: bytes, secret: str, at: float | None = None) -> str:
    """The Stripe-Signature header of a body."""
    moment = None if at is None else int(at)
    return str(
        stripe.WebhookSignature.generate_signature_header(body.decode(errors="replace"), secret, moment)
    )


class Webhooks:
    """Sends events to one address, in order, each until it is taken or Stripe would have given up."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret
        self._waiting: asyncio.Queue[Object] = asyncio.Queue()

    def tell(self, event: Object) -> None:
        self._waiting.put_nowait(event)

    async def run(self) -> None:
        """For ever."""
        async with aiohttp.ClientSession(timeout=TIMEOUT) as client:
            while True:
                event = await self._waiting.get()
                pause = FIRST_PAUSE
                for _ in range(MOST_ATTEMPTS):
                    if await self._send(client, event):
                        break
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)

    async def _send(self, client: aiohttp.ClientSession, event: Object) -> bool:
        body = json.dumps(event).encode()
        headers = {"Stripe-Signature": sign(body, self._secret), "Content-Type": "application/json"}
        try:
            async with client.post(self._url, data=body, headers=headers) as answer:
                taken = answer.status < 300
                log.info("%s %s: %s", event["type"], event["id"], answer.status)
                return taken
        except (aiohttp.ClientError, TimeoutError) as error:
            log.info("%s %s: %s, trying again", event["type"], event["id"], type(error).__name__)
            return False
