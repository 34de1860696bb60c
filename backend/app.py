"""The HTTP application: every noun's routes below /api/v1, health at the root, the web app elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm.exc import StaleDataError
from starlette.routing import BaseRoute

from backend import docs_page, errors, frontend, health, methods, openapi, outage, route_names
from backend.accounts.router import router as accounts_router
from backend.analytics.router import router as analytics_router
from backend.api_keys.router import router as api_keys_router
from backend.audit.router import router as audit_router
from backend.auth.router import router as step_up_router
from backend.backing.router import router as backing_router
from backend.body_limits import BodyLimits
from backend.certificates.router import router as certificates_router
from backend.config.router import router as config_router
from backend.connectors.router import router as connectors_router
from backend.consents.router import router as consents_router
from backend.contests.router import router as contests_router
from backend.data_export.router import router as data_export_router
from backend.draining import Draining
from backend.exports.router import router as exports_router
from backend.factors.router import router as factors_router
from backend.factors.sign_in import router as sign_in_router
from backend.files.router import router as files_router
from backend.filters.router import router as filters_router
from backend.governance.router import router as governance_router
from backend.graphql.router import router as graphql_router
from backend.graphql.socket import router as graphql_socket_router
from backend.incidents.router import router as incidents_router
from backend.inclusions.router import router as inclusions_router
from backend.intents.router import router as intents_router
from backend.jobs.router import router as jobs_router
from backend.ledger.admin import router as ledger_admin_router
from backend.ledger.router import router as credits_router
from backend.links.router import router as links_router
from backend.mailed_links.router import router as mailed_links_router
from backend.metrics import PULSE
from backend.metrics import mirror as mirror_metrics
from backend.metrics.requests import Measured
from backend.notices.router import router as notices_router
from backend.operations.router import router as operations_router
from backend.overload import Shedding
from backend.participants.router import router as participants_router
from backend.payments.admin import router as payments_admin_router
from backend.payments.router import router as payments_router
from backend.payments.webhook import router as payments_webhook_router
from backend.policies.admin import router as policies_admin_router
from backend.policies.router import router as policies_router
from backend.prices.router import router as prices_router
from backend.privacy.retention import router as retention_router
from backend.privacy.router import router as privacy_router
from backend.process import import_wallets_when_ready
from backend.profile.router import router as profile_router
from backend.raffles.router import router as raffles_router
from backend.replica import replica
from backend.services import Services, open_services, request_waits
from backend.sessions.router import router as sessions_router
from backend.settings import Settings, SettingsError
from backend.start import say_chain_fault
from backend.status.router import router as status_router
from backend.stream.hub import Hub
from backend.stream.router import router as stream_router
from backend.throttling.middleware import Throttling
from backend.tokens.router import router as tokens_router
from backend.tracing.requests import HEADER as REQUEST_ID
from backend.tracing.requests import Requests
from backend.user_admin.router import router as user_admin_router
from backend.users import account
from backend.users.router import router as users_router
from backend.vesting.router import router as vesting_router
from backend.wallets.kms import KmsError, refusal
from backend.wallets.router import router as wallets_router
from backend.webhooks.router import router as webhooks_router

PREFIX = "/api/v1"
log = structlog.get_logger(__name__)

# One line per noun; the order is that of the API's documentation.
ROUTERS: tuple[APIRouter, ...] = (
    users_router,
    sign_in_router,
    profile_router,
    privacy_router,
    retention_router,
    data_export_router,
    consents_router,
    audit_router,
    sessions_router,
    mailed_links_router,
    step_up_router,
    factors_router,
    links_router,
    api_keys_router,
    wallets_router,
    exports_router,
    policies_router,
    policies_admin_router,
    intents_router,
    credits_router,
    backing_router,
    ledger_admin_router,
    prices_router,
    payments_router,
    payments_admin_router,
    payments_webhook_router,
    raffles_router,
    contests_router,
    filters_router,
    inclusions_router,
    certificates_router,
    participants_router,
    connectors_router,
    tokens_router,
    vesting_router,
    governance_router,
    accounts_router,
    analytics_router,
    files_router,
    notices_router,
    graphql_router,
    graphql_socket_router,
    config_router,
    status_router,
    incidents_router,
    user_admin_router,
    operations_router,
    webhooks_router,
    jobs_router,
    stream_router,
)


@cache
def _routes() -> Sequence[BaseRoute]:
    """All routes of the API, the same for every app of a process: making them costs a quarter of a second."""
    bearer = FastAPI(openapi_url=None, generate_unique_id_function=openapi.operation_name)
    bearer.include_router(health.router)
    for router in ROUTERS:
        bearer.include_router(router, prefix=PREFIX)
    return tuple(bearer.router.routes)


def create_app(settings: Settings) -> FastAPI:
    """Build the app; connections open in its lifespan, so describing it needs none.

    It starts without a database or a node too: /readyz then says what is missing.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        waits = request_waits(settings)
        async with (
            PULSE.event_loop(),
            open_services(settings, "tombola api", waits) as services,
            replica.opened(services),
        ):
            app.state.services = services
            app.state.stream = hub = Hub(services)
            tasks = [asyncio.create_task(one(services)) for one in (_import_wallets, say_chain_fault)]
            running = (hub.run(), services.cache.run(), mirror_metrics.run(services.engine))
            tasks += [asyncio.create_task(one) for one in running]
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = FastAPI(
        title="Tombola",
        version="1.0.0",
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        **openapi.DESCRIPTION,
    )
    app.state.is_draining = False
    errors.install(app)
    outage.install(app)
    app.add_exception_handler(KmsError, refusal.answer)
    for kind in (IntegrityError, NoResultFound, StaleDataError):
        app.add_exception_handler(kind, account.answer)
    app.router.routes.extend(_routes())
    docs_page.install(app, PREFIX)
    frontend.install(app, settings)
    methods.install(app)
    route_names.install(app)
    # The last one added is the first to see a request.
    app.add_middleware(methods.Heads)
    app.add_middleware(BodyLimits)
    app.add_middleware(Throttling)
    app.add_middleware(Shedding, working=settings.requests_at_once, inside=settings.requests_inside)
    app.add_middleware(Requests, trust=settings.trust_request_ids)
    if settings.cors_origins:
        # Without cookies: another site's pages show a bearer token of their own, or nothing.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"],
            expose_headers=[
                *("Retry-After", "RateLimit", "RateLimit-Policy", "Idempotency-Replayed"),
                *("ETag", "Location", "Deprecation", "Sunset", "Link", REQUEST_ID),
            ],
            max_age=600,
        )
    app.add_middleware(frontend.SecurityHeaders, settings=settings)
    app.add_middleware(Draining)
    app.add_middleware(Measured)
    openapi.install(app)
    return app


async def _import_wallets(services: Services) -> None:
    """Import the platform's wallets when the database is there; a wrong key file is said in the log."""
    try:
        await import_wallets_when_ready(services, asyncio.Event())
    except SettingsError as error:
        log.error("platform_wallets_unusable", error=str(error))
