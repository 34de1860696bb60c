"""While the system runs: restart what ends, tell what changes, follow the story."""

import threading
import time
from collections.abc import Mapping

from tools.run import leftovers
from tools.run.postgres import Postgres
from tools.run.processes import Addresses
from tools.run.report import complain, say, summary
from tools.run.service import Service
from tools.run.state import StateFolder
from tools.run.web import get_json

LOOK_SECONDS = 0.25
STATUS_SECONDS = 5.0
LAG_BLOCKS = 20


class Watch:
    """Looks after started services until `stopping` is set."""

    def __init__(
        self,
        state: StateFolder,
        addresses: Addresses,
        services: Mapping[str, Service],
        postgres: Postgres,
        stopping: threading.Event,
        chain_hash: str,
    ) -> None:
        self._state = state
        self._addresses = addresses
        self._services = services
        self._postgres = postgres
        self._stopping = stopping
        self._beacon = addresses.beacon(chain_hash)
        self._next_status = 0.0
        self._trouble: str | None = None

    def until_stopped(self) -> None:
        """Look, again and again."""
        while not self._stopping.wait(LOOK_SECONDS):
            self._look()

    def follow(self, service: Service) -> int | None:
        """Show a one-shot's lines until it ends; its exit code, or None when a stop came first."""
        shown = 0
        while True:
            ended = service.exit_code is not None
            lines = service.output().splitlines()
            for line in lines[shown:]:
                say(f"  {line}")
            shown = len(lines)
            if ended or self._stopping.wait(LOOK_SECONDS):
                return service.exit_code
            self._look()

    def summary(self) -> None:
        """Addresses, log-ins, and what each process is doing now."""
        web = self._addresses.web
        urls = [
            ("Web app", f"{web}/"),
            ("API", f"{web}/api/v1 (description: {web}/api/v1/openapi.json)"),
            ("Chain (RPC)", f"{self._addresses.rpc} (id 31337)"),
            ("Random beacon", self._beacon),
        ]
        summary(urls, self._state.demo, self._doing(), self._state.logs, self._state.root)

    def _doing(self) -> dict[str, str]:
        status = get_json(f"{self._addresses.web}/api/v1/status") or {}
        mirror = status.get("listener", {})
        waiting = sum(status.get("sender", {}).get("open_intents", {}).values())
        words = {
            "anvil": f"block {mirror.get('head_block', '?')}, a block a second",
            "oracle": "signs a beacon round a second, answers the VRF coordinator",
            "listener": f"mirrored block {mirror.get('cursor_block', '?')}",
            "sender": f"{waiting} intents on their way",
            "keeper": "pushes draws and refunds that are due",
            "worker": f"{status.get('jobs', {}).get('waiting', '?')} jobs waiting",
            "api": f"serves {self._addresses.web}",
            "stripe": "stands in for Stripe: its pages take no card and no money",
        }
        postgres = {"postgres": f"PostgreSQL 18 in {self._state.postgres}"}
        return postgres | {name: words[name] for name in words if name in self._services}

    def _look(self) -> None:
        for service in self._services.values():
            self._look_after(service)
        now = time.monotonic()
        if now >= self._next_status:
            self._next_status = now + STATUS_SECONDS
            self._revive_postgres()
            self._tell_trouble()

    def _look_after(self, service: Service) -> None:
        if service.is_running:
            if not service.is_back and service.is_ready:
                service.is_back = True
                say(f"✓ {service.name} works again.")
            return
        if service.restart_at is None:
            reason = f"{service.name} ended with exit code {service.exit_code}: {service.last_line()}"
            pause = service.plan_restart()
            complain(f"! {reason} Starting it again in {pause:g} s (log: {service.log}).")
        elif time.monotonic() >= service.restart_at:
            service.start()
            service.is_back = False
            leftovers.record(self._state.processes, self._services.values())

    def _revive_postgres(self) -> None:
        if not self._postgres.is_running:
            complain("! PostgreSQL ended; starting it again.")
            try:
                self._postgres.start()
            except RuntimeError as error:
                complain(f"! {error}")

    def _tell_trouble(self) -> None:
        """One line when the system's own status turns bad, one when it is good again."""
        trouble = self._find_trouble()
        if trouble != self._trouble:
            say(f"! {trouble}." if trouble else "✓ All is well again.")
        self._trouble = trouble

    def _find_trouble(self) -> str | None:
        status = get_json(f"{self._addresses.web}/api/v1/status")
        if status is None:
            return "The API does not answer its status"
        if (status["listener"]["lag_blocks"] or 0) > LAG_BLOCKS:
            return f"The listener is more than {LAG_BLOCKS} blocks behind"
        if status["sender"]["frozen_wallets"]:
            return "A custodial wallet is frozen: the sender's log says why"
        return None
