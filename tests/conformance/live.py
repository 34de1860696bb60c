"""A real API process over a mirror with raffles, tokens and grants in it, and people who use it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from backend.auth.tokens import AccessTokens
from backend.settings import LOCAL_JWT_SECRET
from tests.backend import stubs
from tests.backend.reads.contest_kit import DRAFT, LIST
from tests.backend.reads.facts import ChainOfFacts, address, registry_document, shown
from tests.backend.reads.stories import granted, plan_created, raffle_created, tickets_bought, token_created
from tests.backend.world import POL
from tests.support.anvil import Anvil
from tests.support.processes import Process
from tools.ports import free_port
from tools.run.postgres import DatabaseUris

PASSWORD = "correct horse battery staple"
TOKEN, BUYER = address(0x70), address(0xB1)
NO_LIMIT = "1000000000"
STRIPE = {"STRIPE_SECRET_KEY": "sk_test_stand_in", "STRIPE_WEBHOOK_SECRET": "whsec_stand_in"}
LIMITS = (
    "REQUESTS_PER_MINUTE_PER_NETWORK",
    "REQUESTS_PER_MINUTE_PER_USER",
    "CHANGES_PER_MINUTE_PER_USER",
    "SIGN_IN_ATTEMPTS_PER_MINUTE",
    "SIGN_IN_FAILURES_PER_ADDRESS",
    "SIGN_IN_FAILURES_PER_ACCOUNT",
    "DRAFTS_PER_USER",
)


@dataclass(frozen=True)
class Someone:
    """Who asks: `role` anonymous, or an account's with its session. `ids` are of things that this account may see."""

    role: str
    user_id: str = ""
    session_id: str = ""
    token: str = ""
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LiveApi:
    """A running API process and its database."""

    url: str
    process: Process
    database: DatabaseUris

    def anonymous(self) -> Someone:
        """Nobody; knows what the chain shows to everybody."""
        return Someone("anonymous", ids=CHAIN_IDS)

    def person(self, chain: Anvil, role: str) -> Someone:
        """An account of a role, with money, a contest and a webhook, signed in."""
        email = f"{role}@example.org"
        with httpx.Client(base_url=f"{self.url}/api/v1", timeout=30) as client:
            made = _ok(client.post("/users", json={"email": email, "password": PASSWORD}))
            token = _ok(client.post("/sessions", json={"email": email, "password": PASSWORD}))["access_token"]
            client.cookies.clear()
            client.headers["authorization"] = f"Bearer {token}"
            contest = _ok(client.post("/contests", json=DRAFT))
            files = {"file": ("l.csv", LIST, "text/csv")}
            brought = _ok(client.post(f"/contests/{contest['id']}/imports", files=files))
            hook = {"url": "https://shop.example.com/hook", "events": ["intent.confirmed"]}
            webhook = _ok(client.post("/webhooks", json=hook))
        access = AccessTokens([LOCAL_JWT_SECRET], 1).read(token)
        assert access is not None
        with psycopg.connect(self.database.superuser, autocommit=True) as db:
            wallet = db.execute("SELECT id FROM app.wallet WHERE user_id = %s", [made["id"]]).fetchone()
        assert wallet is not None
        chain.call("anvil_setBalance", made["wallet_address"], hex(1_000_000 * POL))
        ids = {
            **CHAIN_IDS,
            "contest_id": contest["id"],
            "import_id": brought["id"],
            "webhook_id": webhook["id"],
            "user_id": made["id"],
            "wallet_id": str(wallet[0]),
        }
        return Someone(role, made["id"], str(access.session_id), token, ids)


CHAIN_IDS = {"raffle_id": "1", "plan_id": "1", "grant_id": str(1 << 64), "address": shown(TOKEN)}


@contextmanager
def live_api(database: DatabaseUris, chain: Anvil, folder: Path) -> Iterator[LiveApi]:
    """`python -m backend api` on a migrated database. Limits on requests are off: what is asked here is how it answers."""
    facts = ChainOfFacts(database.listener)
    facts.block(
        raffle_created(),
        tickets_bought(0, 3, BUYER, 0),
        token_created(TOKEN),
        plan_created(1, TOKEN),
        granted(1, 0, BUYER, 1_000),
    )
    facts.close()
    stubs.install(chain)
    registry = folder / "registry.json"
    registry.write_text(json.dumps(_registry()))
    port, stripe_port = free_port(), free_port()
    env = {
        "DATABASE_URL": database.backend,
        "RPC_URLS": chain.url,
        "REGISTRY": str(registry),
        "KMS_FILE": str(folder / "kms.key"),
        "FILES_DIR": str(folder / "files"),
        "MAIL_DIR": str(folder / "mail"),
        "FRONTEND_DIST": str(folder / "dist"),
        "PORT": str(port),
        "PASSWORD_MEMORY_KIB": "64",
        "PASSWORD_ROUNDS": "1",
        "ACCESS_TOKEN_SECONDS": "86400",
        "STRIPE_SECRET_KEY": STRIPE["STRIPE_SECRET_KEY"],
        "STRIPE_WEBHOOK_SECRET": STRIPE["STRIPE_WEBHOOK_SECRET"],
        "STRIPE_API_URL": f"http://127.0.0.1:{stripe_port}",
        **dict.fromkeys(LIMITS, NO_LIMIT),
    }
    url = f"http://127.0.0.1:{port}"
    stripe = {
        **STRIPE,
        "STRIPE_PORT": str(stripe_port),
        "STATE_DIR": str(folder),
        "STRIPE_WEBHOOK_URL": f"{url}/api/v1/payments/stripe",
    }
    with (
        Process([sys.executable, "-m", "tools.stripe_stand_in"], env=stripe) as payments,
        Process([sys.executable, "-m", "backend", "api"], env=env) as process,
    ):
        payments.wait_for_http(f"http://127.0.0.1:{stripe_port}/healthz")
        process.wait_for_http(f"{url}/healthz")
        yield LiveApi(url, process, database)


def _registry() -> dict[str, Any]:
    """The real interfaces; a node can be asked about the stubs of raffle and governor, and knows nobody at the others."""
    document = registry_document()
    for number, contract in enumerate(document["contracts"].values()):
        if "address" in contract:  # made-up addresses elsewhere are those of precompiles
            contract["address"] = shown(address(0xC0DE_0000 + number))
    document["contracts"]["Raffle"]["address"] = stubs.RAFFLE
    document["contracts"]["Governor"]["address"] = stubs.GOVERNOR
    return document


def _ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()
