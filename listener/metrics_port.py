"""The metrics port: GET /metrics for Prometheus, and GET /health for people and whoever starts a process again.

Served by threads of their own: a slow scrape holds nothing up, and a process that hangs says so.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from socketserver import TCPServer
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, disable_created_metrics, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from listener.pulse import Pulse

_Start = Callable[[str, list[tuple[str, str]]], Any]


def serve(registry: CollectorRegistry, pulse: Pulse, told: Callable[[], Mapping[str, Any]], port: int) -> int:
    """Answer on `port` (0: any free one) until the process ends; returns the port. Raises OSError.

    /health is what `told` says, and 503 with `late`, while a loop of `pulse` does not turn.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call]
    scrape: Callable[..., Iterable[bytes]] = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start: _Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/health":
            late = pulse.late()
            start(
                "503 Service Unavailable" if late else "200 OK",
                [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            )
            return [json.dumps({**told(), **({"late": late} if late else {})}).encode()]
        if path not in ("/", "/metrics"):
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"Here are /metrics and /health.\n"]
        return scrape(environ, start)

    server = make_server("", port, answer, _Server, handler_class=_Silent)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server.server_port


class _Server(ThreadingWSGIServer):
    def server_bind(self) -> None:
        """Bind without asking DNS for a name of this host, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "metrics", self.server_address[1]
        self.setup_environ()


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Requests are not logged."""
