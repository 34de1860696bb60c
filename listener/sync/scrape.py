"""`--metrics-port`: GET /metrics for Prometheus and GET /health for people and supervisors.

Served by threads of their own, so that a slow scrape never holds up the mirror.
"""

import json
import time
from collections.abc import Callable, Iterable
from socketserver import TCPServer
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import disable_created_metrics, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from listener.sync.metrics import Metrics, State

_Start = Callable[[str, list[tuple[str, str]]], Any]


def serve(metrics: Metrics, port: int) -> int:
    """Answer on `port` (0: any free one) until the process ends; returns the port. Raises OSError."""
    disable_created_metrics()  # type: ignore[no-untyped-call]
    scrape: Callable[..., Iterable[bytes]] = make_wsgi_app(metrics.registry)

    def answer(environ: dict[str, Any], start: _Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/health":
            start("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(health(metrics.state)).encode()]
        if path not in ("/", "/metrics"):
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"Here are /metrics and /health.\n"]
        return scrape(environ, start)

    server = make_server("", port, answer, _Server, handler_class=_Silent)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server.server_port


def health(state: State) -> dict[str, Any]:
    """The role of this process, and for the writer where the mirror stands."""
    cursor, tip = state.cursor, state.tip
    if not state.leads:
        return {"role": "standby"}
    return {
        "role": "leader",
        "cursor_block": None if cursor is None else cursor.number,
        "head_block": None if tip is None else tip.head.number,
        "lag_blocks": state.lag_blocks,
        "last_commit_age_seconds": round(time.time() - state.committed_at, 1) if state.committed_at else None,
    }


class _Server(ThreadingWSGIServer):
    def server_bind(self) -> None:
        """Bind without asking DNS for a name of this host, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "listener", self.server_address[1]
        self.setup_environ()


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Requests are not logged."""
