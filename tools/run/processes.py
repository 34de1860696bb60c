"""Which processes the local system consists of, with the environment that each one gets."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.rpc import Rpc
from tools.run.chain import CHAIN_ID, anvil_command, start_clock
from tools.run.postgres import DatabaseUris
from tools.run.secret_files import SecretFiles, address_of
from tools.run.service import Service
from tools.run.state import StateFolder
from tools.run.web import answers_ok

WELCOME_GRANT_WEI = 5 * 10**18


@dataclass(frozen=True)
class Addresses:
    """Where things listen, all on 127.0.0.1."""

    port: int
    rpc_port: int
    beacon_port: int
    stripe_port: int

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def rpc(self) -> str:
        return f"http://127.0.0.1:{self.rpc_port}"

    @property
    def stripe(self) -> str:
        return f"http://127.0.0.1:{self.stripe_port}"

    def beacon(self, chain_hash: str) -> str:
        return f"http://127.0.0.1:{self.beacon_port}/{chain_hash}"


@dataclass(frozen=True)
class Cast:
    """Makes each process's Service from what all of them share."""

    state: StateFolder
    secrets: SecretFiles
    addresses: Addresses

    def anvil(self, genesis_time: int) -> Service:
        rpc = Rpc(self.addresses.rpc, timeout=2.0)
        command = anvil_command(self.addresses.rpc_port, self.state.chain, genesis_time)
        # It writes the whole chain when it ends: losing that would lose the system's state.
        return self._service("anvil", command, {}, ready=lambda _: start_clock(rpc), grace=20.0)

    def beacon_constants(self) -> Service:
        """One-shot: prints the local beacon's constants, which the deployment writes into DrandBeacon."""
        return self._python("beacon", ["tools.oracle", "init"], {"STATE_DIR": str(self.state.root)})

    def deploy(self, drand_info: str) -> Service:
        """One-shot: `ape run deploy` on the local chain, as anvil's first account."""
        arguments = [
            *("run", "deploy", "--network", f"ethereum:local:{self.addresses.rpc}"),
            *("--account", "TEST::0", "--drand-info", drand_info, "--yes"),
            *("--publisher", address_of(self.secrets.keeper)),
        ]
        env = {"DEPLOYMENTS_DIR": str(self.state.deployments), "PYTHONWARNINGS": "ignore"}
        return self._service("deploy", [str(Path(sys.executable).with_name("ape")), *arguments], env)

    def migrate(self, database: DatabaseUris) -> Service:
        """One-shot: brings schema app to the newest version."""
        return self._python("migrate", ["backend", "migrate"], self._backend_env(database, ""))

    def oracle(self, beacon_url: str) -> Service:
        env = {
            **self._shared_env(),
            "BEACON_PORT": str(self.addresses.beacon_port),
            "ORACLE_KEY_FILE": str(self.secrets.oracle),
        }
        return self._python(
            "oracle", ["tools.oracle"], env, ready=lambda _: answers_ok(f"{beacon_url}/info"), grace=1.0
        )

    def stripe(self) -> Service:
        """The stand-in for Stripe: people buy credits without a card."""
        env = {
            **self._stripe_env(),
            "STATE_DIR": str(self.state.root),
            "STRIPE_PORT": str(self.addresses.stripe_port),
            "STRIPE_WEBHOOK_URL": f"{self.addresses.web}/api/v1/payments/stripe",
        }
        ready = f"{self.addresses.stripe}/healthz"
        return self._python(
            "stripe", ["tools.stripe_stand_in"], env, ready=lambda _: answers_ok(ready), grace=1.0
        )

    def listener(self, database: DatabaseUris) -> Service:
        announced = self.addresses.rpc.replace("http", "ws", 1)  # anvil has both on one port
        urls = {"RPC_URLS": f"{self.addresses.rpc},{announced}"}
        env = {**self._shared_env(), **urls, "DATABASE_URL": database.listener}
        return self._python(
            "listener",
            ["listener", "run"],
            env,
            ready=lambda service: service.wrote("mirror opened"),
            grace=1.5,
        )

    def sender(self, database: DatabaseUris, beacon_url: str) -> Service:
        return self._backend("sender", database, beacon_url)

    def keeper(self, database: DatabaseUris, beacon_url: str) -> Service:
        return self._backend("keeper", database, beacon_url)

    def worker(self, database: DatabaseUris, beacon_url: str) -> Service:
        return self._backend("worker", database, beacon_url)

    def api(self, database: DatabaseUris, beacon_url: str) -> Service:
        ready = f"{self.addresses.web}/readyz"
        return self._python(
            "api",
            ["backend", "api"],
            self._backend_env(database, beacon_url),
            ready=lambda _: answers_ok(ready),
        )

    def story(self) -> Service:
        """Fills a new system through its public faces; ends by itself."""
        env = {**self._shared_env(), "STATE_DIR": str(self.state.root), "API_URL": self.addresses.web}
        return self._python("story", ["tools.story"], env, grace=0.5)

    def _backend(self, process: str, database: DatabaseUris, beacon_url: str) -> Service:
        return self._python(
            process,
            ["backend", process],
            self._backend_env(database, beacon_url),
            ready=lambda service: service.wrote(f"{process}_ready"),
        )

    def _shared_env(self) -> dict[str, str]:
        return {
            "ENVIRONMENT": "local",
            "RPC_URLS": self.addresses.rpc,
            "REGISTRY": str(self.state.deployments / f"{CHAIN_ID}.json"),
            "STATE_DIR": str(self.state.root),
        }

    def _stripe_env(self) -> dict[str, str]:
        """Both secrets from one file; the stand-in takes test keys only."""
        secret = self.secrets.stripe.read_text().strip()
        return {
            "STRIPE_SECRET_KEY": f"sk_test_{secret[:32]}",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{secret[32:]}",
        }

    def _backend_env(self, database: DatabaseUris, beacon_url: str) -> dict[str, str]:
        return {
            **self._shared_env(),
            **self._stripe_env(),
            "STRIPE_API_URL": self.addresses.stripe,
            "DATABASE_URL": database.backend,
            "PUBLIC_RPC_URL": self.addresses.rpc,
            "BEACON_URL": beacon_url,
            "PORT": str(self.addresses.port),
            "LOCAL_WALLET": "true",
            "JWT_SECRET": self.secrets.jwt.read_text().strip(),
            "KMS_FILE": str(self.secrets.kms),
            "KEEPER_KEY_FILE": str(self.secrets.keeper),
            "TREASURY_KEY_FILE": str(self.secrets.treasury),
            "WELCOME_GRANT_WEI": str(WELCOME_GRANT_WEI),
            "MAIL_DIR": str(self.state.mail),
            "WEBHOOK_PRIVATE_TARGETS": "true",
            "FILES_DIR": str(self.state.files),
        }

    def _python(self, name: str, module: list[str], env: Mapping[str, str], **how: object) -> Service:
        return self._service(name, [sys.executable, "-m", *module], {"PYTHONUNBUFFERED": "1", **env}, **how)

    def _service(self, name: str, command: list[str], env: Mapping[str, str], **how: object) -> Service:
        return Service(name, command, env, self.state.logs / f"{name}.log", **how)  # type: ignore[arg-type]
