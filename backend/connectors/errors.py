"""Refusals about connections, for people."""

from __future__ import annotations

from backend.connectors.faults import (
    AccessEnded,
    Away,
    CursorLost,
    Fault,
    LinkUnknown,
    PostGone,
    Wait,
)
from backend.errors import AppError, NotFound


class ConnectorNotConfigured(AppError):
    """The operator has not registered this site at the platform; the sentence says which settings are missing"""

    status = 409


class ConnectionNotFound(NotFound):
    """You have no connection with this id"""


class TooManyConnections(AppError):
    """The account has as many connections as it may; remove one first"""

    status = 409


class ConnectionEnded(AppError):
    """The platform does not accept the access any more; connect the account again"""

    status = 409


class PlatformRefused(AppError):
    """The platform does not allow this; the sentence says why"""

    status = 409


class PostNotFound(NotFound):
    """The post was deleted, is private, or is not the connected account's"""


class PostLinkUnknown(AppError):
    """What was given is no link to a post of this platform"""

    status = 422


class PlatformBusy(AppError):
    """The platform asks to wait, or does not answer; try again after `Retry-After`"""

    status = 503


PLATFORM_REFUSALS: tuple[type[AppError], ...] = (
    ConnectionNotFound,
    ConnectorNotConfigured,
    ConnectionEnded,
    PlatformRefused,
    PlatformBusy,
    PostNotFound,
    PostLinkUnknown,
)
"""What looking at a post of a connection may answer."""


def refusal(fault: Fault) -> AppError:
    """A platform's fault as the answer to a request."""
    match fault:
        case Wait():
            return PlatformBusy(fault.detail, headers={"Retry-After": str(round(fault.seconds))})
        case Away() | CursorLost():
            return PlatformBusy(fault.detail, headers={"Retry-After": "10"})
        case AccessEnded():
            return ConnectionEnded(fault.detail)
        case PostGone():
            return PostNotFound(fault.detail)
        case LinkUnknown():
            return PostLinkUnknown(fault.detail)
        case _:
            return PlatformRefused(fault.detail)
