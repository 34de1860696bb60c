"""A Redis server for tests, which can go away and come back."""

from __future__ import annotations

import threading

import redis
from fakeredis import TcpFakeServer
from limits.aio.storage.redis.bridge import RedisBridge

from tools.ports import free_port


class Redis:
    """A Redis server in this process, which can go away and come back at its port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._server: TcpFakeServer | None = None
        self.start()

    def start(self) -> None:
        TcpFakeServer.allow_reuse_address = True
        self._server = TcpFakeServer(("127.0.0.1", self.port), server_type="redis")
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        # This server hangs up on whoever asks for a script it does not know yet; a real one does not.
        with redis.Redis.from_url(self.url) as client:
            for name, script in vars(RedisBridge).items():
                if name.startswith("SCRIPT_"):
                    client.script_load(script)

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
