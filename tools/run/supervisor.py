"""Starts the local system in order, keeps it running, stops it in the opposite order."""

import json
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from tools.ports import is_free, next_free
from tools.rpc import Rpc
from tools.run import leftovers
from tools.run.chain import (
    CHAIN_ID,
    POL,
    check_state_file,
    contracts_missing,
    fund,
    genesis_hash,
)
from tools.run.errors import RunError, StopRequested
from tools.run.options import BEACON_PORT, RPC_PORT, STRIPE_PORT, Options
from tools.run.postgres import DatabaseUris, Postgres
from tools.run.processes import Addresses, Cast
from tools.run.report import complain, say, step
from tools.run.secret_files import SecretFiles, address_of
from tools.run.service import Service, end_all
from tools.run.state import StateFolder, SupervisorLock
from tools.run.watch import Watch

DATABASE = "tombola"
FUNDS_WEI = 1_000 * POL
ANVIL_SECONDS = 30.0
READY_SECONDS = 60.0
ONE_SHOT_SECONDS = 300.0


class Supervisor:
    """One run of the local system on one state folder."""

    def __init__(self, options: Options, cast: type[Cast] = Cast) -> None:
        self.options = options
        self.cast = cast
        self.state = StateFolder(options.state)
        self.lock = SupervisorLock(self.state)
        self.postgres = Postgres(self.state.postgres)
        self.stopping = threading.Event()
        self.services: dict[str, Service] = {}
        self.one_shot: Service | None = None

    def run(self) -> None:
        """Start everything, watch until a signal, stop everything. Raises RunError when it cannot start."""
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        started = time.monotonic()
        self.lock.acquire(f"http://127.0.0.1:{self.options.port}")
        try:
            cast, watch = self._start()
            say(f"Tombola is up after {time.monotonic() - started:.0f} s: {cast.addresses.web}")
            if self.options.story and not self.state.story_told.exists():
                self._tell_story(cast, watch)
            watch.summary()
            watch.until_stopped()
        except StopRequested:
            pass
        finally:
            self._stop()
            self.lock.release()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def _check_port(self) -> None:
        port = self.options.port
        if not is_free(port):
            raise RunError(f"Port {port} is taken; choose another one: make run PORT={port + 1}.")

    # Starting

    def _start(self) -> tuple[Cast, Watch]:
        left = leftovers.end_recorded(self.state.processes)
        if left:
            say(f"Ended what an earlier run left behind: {', '.join(left)}.")
        self._check_port()
        if self.options.fresh:
            self.postgres.stop_leftover()
            self.state.clear()
        self.state.create()
        secrets = SecretFiles(self.state.secrets)
        secrets.create()
        cast = self.cast(self.state, secrets, self._choose_addresses())
        rpc = Rpc(cast.addresses.rpc)
        check_state_file(self.state.chain)
        anvil = self._launch(cast.anvil(self._genesis_time()))
        with step("PostgreSQL 18"):
            database = self._start_postgres()
        with step("chain (anvil)"):
            self._await_ready([anvil], ANVIL_SECONDS)
            self._check_same_chain(rpc)
        chain_hash = self._deploy(cast, rpc)
        for key_file in secrets.accounts:
            fund(rpc, address_of(key_file), FUNDS_WEI)
        self._start_services(cast, database, cast.addresses.beacon(chain_hash))
        return cast, Watch(
            self.state, cast.addresses, self.services, self.postgres, self.stopping, chain_hash
        )

    def _choose_addresses(self) -> Addresses:
        remembered = self.state.remembered()

        def choose(key: str, asked: int | None, default: int, *chosen: int) -> int:
            wanted = asked or int(remembered.get(key, default))
            found = next_free(wanted)
            if found != wanted:
                say(f"Port {wanted} ({key}) is taken; using {found}.")
            while found in chosen:
                found = next_free(found + 1)
            return found

        rpc_port = choose("rpc_port", self.options.rpc_port, RPC_PORT)
        beacon_port = choose("beacon_port", self.options.beacon_port, BEACON_PORT, rpc_port)
        stripe_port = choose("stripe_port", self.options.stripe_port, STRIPE_PORT, rpc_port, beacon_port)
        self.state.remember(rpc_port=rpc_port, beacon_port=beacon_port, stripe_port=stripe_port)
        return Addresses(self.options.port, rpc_port, beacon_port, stripe_port)

    def _start_postgres(self) -> DatabaseUris:
        try:
            self.postgres.start()
        except RuntimeError as error:
            raise RunError(str(error)) from error
        return self.postgres.create_database(DATABASE)

    def _genesis_time(self) -> int:
        """The local chain begins when its state folder does."""
        if "genesis_time" not in self.state.remembered():
            self.state.remember(genesis_time=int(time.time()))
        return int(self.state.remembered()["genesis_time"])

    def _check_same_chain(self, rpc: Rpc) -> None:
        """The database mirrors one chain: refuse another one instead of mixing them."""
        found, known = genesis_hash(rpc), self.state.remembered().get("genesis_hash")
        if known not in (None, found):
            raise RunError(
                f"The chain in {self.state.chain} is not the one the database mirrors; start over with "
                "`make run FRESH=1`."
            )
        self.state.remember(genesis_hash=found)

    def _deploy(self, cast: Cast, rpc: Rpc) -> str:
        """Deploy what the chain lacks; returns the chain hash of the local beacon."""
        drand_info = self.state.root / "drand.json"
        if not drand_info.exists() or contracts_missing(rpc, self.state.deployments / f"{CHAIN_ID}.json"):
            with step("contracts (ape run deploy)"):
                output = self._run_once(cast.beacon_constants())
                drand_info.write_text(output[output.index("{") :])
                self._run_once(cast.deploy(str(drand_info)))
        return str(json.loads(drand_info.read_text())["chain_hash"])

    def _start_services(self, cast: Cast, database: DatabaseUris, beacon_url: str) -> None:
        readers = [self._launch(cast.oracle(beacon_url)), self._launch(cast.listener(database))]
        with step("database schema"):
            self._run_once(cast.migrate(database))
        users = [
            self._launch(cast.sender(database, beacon_url)),
            self._launch(cast.keeper(database, beacon_url)),
            self._launch(cast.worker(database, beacon_url)),
            self._launch(cast.api(database, beacon_url)),
            self._launch(cast.stripe()),
        ]
        with step("oracle, listener, sender, keeper, worker, api, stripe"):
            self._await_ready([*readers, *users], READY_SECONDS)

    def _tell_story(self, cast: Cast, watch: Watch) -> None:
        say("Telling the story: a token, vesting, raffles and a contest, through the public faces …")
        story = cast.story()
        story.start()
        self.one_shot = story
        code = watch.follow(story)
        self.one_shot = None
        if code == 0:
            self.state.story_told.touch()
        else:
            complain(f"The story stopped: {story.last_line()} The next `make run` goes on with it.")

    # Waiting

    def _launch(self, service: Service) -> Service:
        service.start()
        self.services[service.name] = service
        leftovers.record(self.state.processes, self.services.values())
        return service

    def _await_ready(self, services: list[Service], seconds: float) -> None:
        def ready_or_ended() -> bool:
            ended = next((service for service in services if service.exit_code is not None), None)
            if ended is not None:
                raise RunError(self._ended(ended))
            return all(service.is_ready for service in services)

        if not self._wait(ready_or_ended, seconds):
            late = ", ".join(service.name for service in services if not service.is_ready)
            raise RunError(f"Not ready after {seconds:g} s: {late}; the reason is in {self.state.logs}.")

    def _run_once(self, service: Service) -> str:
        """Run a command to its end and return its output."""
        service.start()
        self.one_shot = service
        if not self._wait(lambda: service.exit_code is not None, ONE_SHOT_SECONDS):
            raise RunError(f"{service.name} takes longer than {ONE_SHOT_SECONDS:g} s; see {service.log}.")
        self.one_shot = None
        if service.exit_code != 0:
            raise RunError(self._ended(service))
        return service.output()

    def _wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """False after `seconds`; raises StopRequested at a signal."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= deadline:
                return False
            if self.stopping.wait(0.05):
                raise StopRequested
        return True

    @staticmethod
    def _ended(service: Service) -> str:
        reason = service.last_line()
        return f"{service.name} ended with exit code {service.exit_code}: {reason} (see {service.log})"

    # Stopping

    def _stop(self) -> None:
        """Writers first, then who serves them; anvil writes its chain, Postgres its checkpoint."""
        running = [*self.services.values(), *([self.one_shot] if self.one_shot else [])]
        if not any(service.is_running for service in running) and not self.postgres.is_running:
            return
        say("\nStopping …")
        started = time.monotonic()
        if self.one_shot is not None:
            end_all([self.one_shot])
        for names in (("api", "worker", "keeper", "sender"), ("listener", "oracle", "stripe"), ("anvil",)):
            killed = end_all([self.services[name] for name in names if name in self.services])
            if killed:
                complain(f"Had to kill {', '.join(killed)}.")
        self.postgres.stop()
        self.state.processes.unlink(missing_ok=True)
        say(f"Stopped after {time.monotonic() - started:.1f} s; `make run` goes on from here.")
