"""drand over its HTTP API: the signature of a round, in the form the contracts take."""

from __future__ import annotations

import aiohttp
import msgspec
import structlog

from listener.chain.draw.drand import PointError, decompress, randomness_of

log = structlog.get_logger(__name__)
TIMEOUT = aiohttp.ClientTimeout(total=5)


class _Round(msgspec.Struct):
    round: int
    signature: str
    randomness: str | None = None


class Beacon:
    """One drand chain at `base_url` (which includes the chain's hash)."""

    def __init__(self, base_url: str, session: aiohttp.ClientSession) -> None:
        self._base = base_url.rstrip("/")
        self._session = session

    async def signature(self, drand_round: int) -> bytes | None:
        """96 bytes x ‖ y of a round; None while it is not published or the API does not answer well.

        Only its form is checked here; the contract verifies it, and the sender's simulation before that.
        """
        url = f"{self._base}/public/{drand_round}"
        try:
            async with self._session.get(url, timeout=TIMEOUT) as response:
                if response.status != 200:
                    return None
                answer = msgspec.json.decode(await response.read(), type=_Round)
            compressed = bytes.fromhex(answer.signature)
            if answer.round != drand_round:
                raise PointError(f"asked for round {drand_round}, got {answer.round}")
            if answer.randomness and bytes.fromhex(answer.randomness) != randomness_of(compressed):
                raise PointError("the randomness is not the signature's hash")
            return decompress(compressed)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            log.warning("beacon_unreachable", round=drand_round, error=str(error))
        except (ValueError, msgspec.MsgspecError) as error:
            log.error("beacon_answer_unusable", round=drand_round, error=str(error))
        return None
