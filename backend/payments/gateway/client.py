"""A client of Stripe for one conversation, with Stripe's failures in our words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import stripe
import structlog
from prometheus_client import Counter

from backend.payments.errors import PaymentsNotSetUp, StripeUnavailable
from backend.settings import Settings

log = structlog.get_logger(__name__)
TIMEOUT = 10.0
_RETRIES = 2
_FAILURES = Counter("tombola_stripe_failures", "Conversations with Stripe that failed, by why", ["why"])


def require_set_up(settings: Settings) -> None:
    """Raises PaymentsNotSetUp where Stripe cannot be asked."""
    if not settings.payments_are_set_up:
        raise PaymentsNotSetUp("Nothing can be bought here: STRIPE_SECRET_KEY is missing.")


@asynccontextmanager
async def stripe_client(settings: Settings) -> AsyncIterator[stripe.StripeClient]:
    """A client that tries again what may be tried again, always with the same idempotency key.

    Raises PaymentsNotSetUp; StripeUnavailable where Stripe fails or cannot be reached. What Stripe refuses for a
    reason (InvalidRequestError, IdempotencyError, CardError) is the caller's to judge.
    """
    require_set_up(settings)
    http = stripe.AIOHTTPClient(timeout=TIMEOUT)
    try:
        yield stripe.StripeClient(
            settings.stripe_secret_key.get_secret_value(),
            base_addresses={"api": settings.stripe_api_url},
            http_client=http,
            max_network_retries=_RETRIES,
        )
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        _FAILURES.labels("key_refused").inc()
        log.error("stripe_key_refused", code=error.code, next="people cannot buy; look at STRIPE_SECRET_KEY")
        raise StripeUnavailable("Payments do not work right now: their operator has to look.") from None
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        _FAILURES.labels(type(error).__name__).inc()
        log.warning("stripe_unavailable", why=type(error).__name__, status=error.http_status)
        raise StripeUnavailable("Stripe does not answer right now: try again in a moment.") from None
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]


def name_of(value: object) -> str | None:
    """The id of something Stripe names or spells out."""
    found = getattr(value, "id", value)
    return found if isinstance(found, str) else None


def reason(error: stripe.StripeError) -> str:
    """Stripe's own sentence, which holds no secret."""
    return error.user_message or error.code or "no reason given"
