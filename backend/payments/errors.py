"""Why money cannot be moved, each with what to do."""

from __future__ import annotations

from backend.errors import AppError, NotFound, ServiceUnavailable


class PaymentsNotSetUp(ServiceUnavailable):
    """Nothing can be bought on this site: its operator has not set payments up"""


class StripeUnavailable(ServiceUnavailable):
    """Stripe cannot be reached or does not answer; try again with the same Idempotency-Key"""


class CheckoutNotFound(NotFound):
    """You have no checkout with this id"""


class CheckoutOver(AppError):
    """Stripe knows this checkout otherwise; choose a new Idempotency-Key to buy again"""

    status = 409


class SubscriptionActive(AppError):
    """You have a subscription already: change that one"""

    status = 409


class SubscriptionNotFound(NotFound):
    """You have no subscription that is under way"""


class SubscriptionUnchangeable(AppError):
    """Stripe refuses this change of the subscription; the detail says why"""

    status = 409


class NoInvoices(NotFound):
    """You never bought anything here, so there is nothing to show at Stripe"""


class PaymentNotFound(NotFound):
    """There is no payment with this id that bought credits"""


class RefundTooLarge(AppError):
    """More than is left of the payment cannot be given back"""

    status = 409


class RefundRefused(AppError):
    """Stripe refuses this refund; the detail says why"""

    status = 409
