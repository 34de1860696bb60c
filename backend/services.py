"""What routes and processes share, built once per process in its lifespan, never at import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.auth.passwords import Passwords
from backend.auth.tokens import AccessTokens
from backend.caching.cache import Cache
from backend.contracts import Contracts
from backend.db import Waits, make_engine
from backend.files.choice import open_files
from backend.files.links import FileLinks
from backend.files.store import FileStore
from backend.graphql.documents import read_documents
from backend.graphql.persisted import Queries
from backend.metrics import providers
from backend.settings import Settings, SettingsError
from backend.throttling.counters import Counters
from backend.throttling.failures import SignInFailures, StepUpFailures
from backend.tracing import spans
from backend.wallets.keys import ensure_platform_wallet, read_key_file
from backend.wallets.kms import Kms
from backend.wallets.kms.choice import open_kms
from listener.chain.registry import RegistryError, load_registry
from listener.chain.rpc import RpcPool

if TYPE_CHECKING:
    from backend.replica.replica import Replica

PROBE_SECONDS = 2.0


@dataclass
class Services:
    """One process's connections. `contracts` is the registry file; `rpc` the providers of its chain."""

    settings: Settings
    engine: AsyncEngine
    rpc: RpcPool
    contracts: Contracts
    kms: Kms
    governor_token: bytes | None = None
    """What the governor said its token is; asked once."""
    replica: Replica | None = None
    """Answers reads beside the primary; in the API alone, where there is one."""

    @cached_property
    def reading(self) -> AsyncEngine:
        """The same connections, each statement on its own: for requests that change nothing."""
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @cached_property
    def streaming(self) -> AsyncEngine:
        """Connections of the streams: requests that wait for the database keep no event waiting."""
        settings = self.settings
        waits = Waits(settings.database_wait_seconds, statement=settings.statement_seconds)
        return make_engine(settings.database_url, settings.database_pool_stream, "tombola stream", waits)

    @cached_property
    def probing(self) -> AsyncEngine:
        """The connection of /readyz: a process whose others are all busy is ready."""
        waits = Waits(PROBE_SECONDS, PROBE_SECONDS, PROBE_SECONDS)
        return make_engine(self.settings.database_url, 1, "tombola probe", waits)

    @cached_property
    def passwords(self) -> Passwords:
        """Hashes passwords."""
        return Passwords(self.settings.password_memory_kib, self.settings.password_rounds)

    @cached_property
    def access_tokens(self) -> AccessTokens:
        """Issues and reads access tokens."""
        return AccessTokens(self.signing_secrets, self.settings.access_token_seconds)

    @cached_property
    def files(self) -> FileStore:
        """Where files are kept."""
        return open_files(self.settings, self.file_links)

    @cached_property
    def file_links(self) -> FileLinks:
        """Makes and reads links to files of the folder."""
        return FileLinks(self.signing_secrets, self.settings.site)

    @property
    def signing_secrets(self) -> list[str]:
        """What signs, then what was signed with before a rotation."""
        newest_first = [self.settings.jwt_secret, *self.settings.jwt_previous_secrets]
        return [secret.get_secret_value() for secret in newest_first]

    @cached_property
    def counters(self) -> Counters:
        """Counts requests against the limits of `backend.throttling`."""
        return Counters(self.settings.redis_url)

    @cached_property
    def cache(self) -> Cache:
        """Keeps answers of reads; the API runs it."""
        return Cache(self.settings)

    @cached_property
    def graphql_queries(self) -> Queries:
        """Queries that are known by their hash."""
        return Queries(read_documents(self.settings.graphql_documents), self.settings.redis_url)

    @cached_property
    def import_places(self) -> asyncio.Semaphore:
        """One place for each list that this process reads at the same time: a workbook's texts are in memory."""
        return asyncio.Semaphore(2)

    @cached_property
    def sign_in_failures(self) -> SignInFailures:
        """Failed sign-ins per account and network address."""
        return SignInFailures(self.counters, self.settings)

    @cached_property
    def step_up_failures(self) -> StepUpFailures:
        """Wrong passwords at step-up per session."""
        return StepUpFailures(self.counters, self.settings)


def check_files(settings: Settings) -> tuple[Contracts, Kms]:
    """Read every file the settings name; raises SettingsError about the first that is unusable."""
    try:
        contracts = Contracts(load_registry(settings.registry))
    except RegistryError as error:
        raise SettingsError(str(error)) from None
    kms = open_kms(settings)
    open_files(settings, FileLinks([], settings.site))
    read_documents(settings.graphql_documents)
    for role, path in _key_files(settings).items():
        read_key_file(role, path)
    return contracts, kms


def request_waits(settings: Settings) -> Waits:
    """Somebody waits for the answer."""
    wait = settings.database_wait_seconds
    return Waits(connect=wait, free=wait, statement=settings.statement_seconds)


@asynccontextmanager
async def open_services(
    settings: Settings, application: str, waits: Waits | None = None
) -> AsyncIterator[Services]:
    """Connect lazily to everything; raises SettingsError when a file is missing or unusable.

    `waits` for the database are those of jobs where none is given.
    """
    contracts, kms = check_files(settings)
    waits = waits or Waits(statement=settings.job_statement_seconds)
    engine = make_engine(settings.database_url, settings.database_pool, application, waits)
    rpc = RpcPool(settings.rpc_urls, contracts.chain_id, timeout=settings.rpc_timeout_seconds, patience=5.0)
    providers.watch(rpc)
    spans.watch(engine, rpc)
    services = Services(settings, engine, rpc, contracts, kms)
    try:
        yield services
    finally:
        if "cache" in vars(services):
            await services.cache.close()
        await services.files.close()
        await services.counters.close()
        await services.graphql_queries.close()
        await kms.close()
        await rpc.close()
        for used in ("streaming", "probing"):
            if used in vars(services):
                await getattr(services, used).dispose()
        await engine.dispose()


async def import_platform_wallets(services: Services) -> None:
    """Make the platform's accounts known to the sender, from their key files."""
    for role, path in _key_files(services.settings).items():
        async with AsyncSession(services.engine) as db, db.begin():
            await ensure_platform_wallet(db, services.kms, role, path)


def _key_files(settings: Settings) -> dict[str, Path]:
    """Platform accounts this deployment has, and where their keys are."""
    files = {"keeper": settings.keeper_key_file, "treasury": settings.treasury_key_file}
    return {role: path for role, path in files.items() if path is not None}


async def get_services(request: Request) -> Services:
    """The app's services. `async` although it waits for nothing: FastAPI gives a plain function a thread."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]
