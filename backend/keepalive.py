"""A connection to the database whose other end is gone without a word: the kernel tells, after some seconds.

libpq has options for that, asyncpg has none.
"""

from __future__ import annotations

import socket

import asyncpg

from listener.mirror.store import NOTICED

_OPTIONS = {
    "keepalives_idle": "TCP_KEEPIDLE",
    "keepalives_interval": "TCP_KEEPINTVL",
    "keepalives_count": "TCP_KEEPCNT",
    "tcp_user_timeout": "TCP_USER_TIMEOUT",
}
"""Names of libpq's options, and of the kernel's where it has them."""


def keep_alive(connection: asyncpg.Connection) -> None:
    """Let a network that carries nothing any more end it, whatever is waited for."""
    used: socket.socket = connection._transport.get_extra_info("socket")
    if used.family not in (socket.AF_INET, socket.AF_INET6):
        return
    used.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for libpq, name in _OPTIONS.items():
        if (option := getattr(socket, name, None)) is not None:
            used.setsockopt(socket.IPPROTO_TCP, option, NOTICED[libpq])
