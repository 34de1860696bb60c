"""Finding TCP ports on this machine."""

import contextlib
import socket

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((host, port))
            return True
    return False


def free_port() -> int:
    """A port that nobody listens on now, chosen by the system."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def next_free(preferred: int, attempts: int = 100) -> int:
    """`preferred` or the first free port after it. Raises OSError when all `attempts` are taken."""
    for port in range(preferred, preferred + attempts):
        if is_free(port):
            return port
    raise OSError(f"no free port between {preferred} and {preferred + attempts - 1}")
