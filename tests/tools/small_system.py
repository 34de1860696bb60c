"""`python -m tests.tools.small_system`: the real supervisor, PostgreSQL and anvil, with tiny services.

Each service notes its end in `<STATE_DIR>/ends`; `<STATE_DIR>/stubborn` makes the keeper ignore SIGTERM.
"""

import sys
from collections.abc import Mapping

from tools.run.errors import RunError
from tools.run.options import parse
from tools.run.postgres import DatabaseUris
from tools.run.processes import Cast
from tools.run.service import Service
from tools.run.supervisor import Supervisor

WORKER = """
import os, signal, sys, time
name, state = sys.argv[1], os.environ["STATE_DIR"]
def end(number, frame):
    if os.path.exists(state + "/stubborn") and name == "keeper":
        return
    with open(state + "/ends", "a") as ends:
        ends.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print(name + "_ready", flush=True)
while True:
    time.sleep(60)
"""
API = """
import http.server, json, os, signal, sys
STATUS = {"listener": {"head_block": 7, "cursor_block": 7, "lag_blocks": 0, "finalized_block": 5},
          "sender": {"open_intents": {}, "frozen_wallets": 0}}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(STATUS).encode())
def end(number, frame):
    with open(os.environ["STATE_DIR"] + "/ends", "a") as ends:
        ends.write("api\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


class SmallCast(Cast):
    """What the supervisor starts, except that the services do nothing."""

    def beacon_constants(self) -> Service:
        return self._script("beacon", """print('{"chain_hash": "ab12"}')""", {})

    def deploy(self, drand_info: str) -> Service:
        return self._script("deploy", "print('deployed')", {})

    def migrate(self, database: DatabaseUris) -> Service:
        return self._script("migrate", "print('migrated')", {})

    def oracle(self, beacon_url: str) -> Service:
        return self._worker("oracle")

    def stripe(self) -> Service:
        return self._worker("stripe")

    def listener(self, database: DatabaseUris) -> Service:
        return self._worker("listener")

    def sender(self, database: DatabaseUris, beacon_url: str) -> Service:
        return self._worker("sender")

    def keeper(self, database: DatabaseUris, beacon_url: str) -> Service:
        return self._worker("keeper")

    def worker(self, database: DatabaseUris, beacon_url: str) -> Service:
        return self._worker("worker")

    def api(self, database: DatabaseUris, beacon_url: str) -> Service:
        real = super().api(database, beacon_url)
        return self._script("api", API, real.env, real)

    def _worker(self, name: str) -> Service:
        service = self._script(name, WORKER, self._shared_env())
        service.command = [*service.command, name]
        service.ready = lambda started: started.wrote(f"{name}_ready")
        return service

    def _script(self, name: str, text: str, env: Mapping[str, str], like: Service | None = None) -> Service:
        service = Service(name, [sys.executable, "-c", text], env, self.state.logs / f"{name}.log")
        if like is not None:
            service.ready = like.ready
        return service


if __name__ == "__main__":
    try:
        Supervisor(parse(sys.argv[1:]), SmallCast).run()
    except RunError as error:
        sys.exit(f"Tombola cannot run: {error}")
