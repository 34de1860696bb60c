"""The call itself. Where it connects is decided by the address the socket is made for, after every resolution:
a name that answers differently the second time (DNS rebinding) gains nothing."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohappyeyeballs import AddrInfoType

from backend.webhooks.addresses import is_public

TIME_LIMIT = aiohttp.ClientTimeout(total=15, sock_connect=5)
MOST_BYTES = 65_536
AGENT = "Tombola-Webhooks/1"


class AddressRefusedError(OSError):
    """The host leads to an address that webhooks may not reach."""


@dataclass(frozen=True)
class Answer:
    """What came of a call: a status, or why there is none. The body is nobody's business, ours included."""

    status: int | None
    error: str | None

    @property
    def is_success(self) -> bool:
        """Any 2xx."""
        return self.status is not None and 200 <= self.status < 300


async def call(url: str, headers: Mapping[str, str], body: bytes, allow_private: bool) -> Answer:
    """POST and say what was answered; redirects are not followed, and nothing of ours but this is sent."""
    connector = aiohttp.TCPConnector(
        socket_factory=partial(_checked_socket, allow_private), use_dns_cache=False, force_close=True
    )
    try:
        async with (
            aiohttp.ClientSession(
                connector=connector,
                timeout=TIME_LIMIT,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            ) as session,
            session.post(
                url, data=body, headers={**headers, "User-Agent": AGENT}, allow_redirects=False
            ) as answer,
        ):
            await _discard(answer)
            return Answer(answer.status, None if answer.ok else f"answered {answer.status}")
    except TimeoutError:
        return Answer(None, f"no answer in {TIME_LIMIT.total:g} s")
    except aiohttp.ClientConnectorCertificateError:
        return Answer(None, "the certificate is not valid for this host")
    except aiohttp.ClientConnectorError as error:
        return Answer(None, _why_not_connected(error.os_error))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Answer(None, f"the connection failed ({type(error).__name__})")


def _why_not_connected(error: OSError) -> str:
    """In few words. Refused, unreachable and forbidden look alike, so that nobody can map our network."""
    if isinstance(error, socket.gaierror):
        return "the host name is not known"
    return "the host cannot be reached"


async def _discard(answer: aiohttp.ClientResponse) -> None:
    """Let the receiver finish; one that goes on and on is cut off, and its status still counts."""
    left = MOST_BYTES
    async for chunk in answer.content.iter_chunked(4096):
        left -= len(chunk)
        if left < 0:
            answer.close()
            return


def _checked_socket(allow_private: bool, address: AddrInfoType) -> socket.socket:
    """A socket for one resolved address, unless it is one that webhooks may not reach."""
    family, kind, protocol, _, where = address
    if not allow_private and not is_public(str(where[0])):
        raise AddressRefusedError("this address is not public")
    return socket.socket(family=family, type=kind, proto=protocol)
