"""What must be true before a process works: the database answers, and the providers serve the registry's chain.

A process that signs must not wait quietly for what a wrong setting can never bring, so both checks are bounded
and end in one sentence that names the setting. Later outages are retried by whoever meets them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg
import structlog

from backend.process import DATABASE_TROUBLE, RETRY, first_line, trying_again
from backend.services import Services
from backend.settings import Settings, SettingsError
from listener.chain.faults import RpcError
from listener.chain.rpc import Provider
from listener.redaction import clean

log = structlog.get_logger(__name__)
T = TypeVar("T")


class NotYetError(Exception):
    """It may still come right: the message says what is missing now."""


@dataclass(frozen=True)
class ChainReport:
    """What each provider said when it was asked for its chain id; names are URLs without path or secret."""

    expected: int
    registry: Path
    serving: dict[str, int]
    silent: dict[str, str]

    @property
    def is_served(self) -> bool:
        """Whether some provider serves the expected chain."""
        return self.expected in self.serving.values()

    @property
    def strangers(self) -> dict[str, int]:
        """Providers of other chains."""
        return {name: found for name, found in self.serving.items() if found != self.expected}

    @property
    def is_wrong(self) -> bool:
        """Whether every provider serves another chain, which waiting does not change."""
        return not self.is_served and not self.silent

    @property
    def fault(self) -> str:
        """The sentence to show where the chain is not served."""
        said = [f"{name} serves chain {found}" for name, found in self.serving.items()]
        said += [f"{name} does not answer ({why})" for name, why in self.silent.items()]
        correct = (
            "Correct RPC_URLS or REGISTRY." if self.strangers else "Start the node, or correct RPC_URLS."
        )
        return (
            f"Chain {self.expected}, which the registry {self.registry} is of, is served by no provider: "
            f"{', '.join(said)}. {correct}"
        )


async def require_database(settings: Settings, stop: asyncio.Event) -> None:
    """Return when the database takes a connection (or `stop` is set).

    Raises SettingsError when the URL is no URL, or when nothing answers within the start's patience.
    """
    database_url, patience = settings.database_url, settings.start_patience_seconds
    where = _where(database_url)

    async def connect() -> None:
        try:
            connection = await asyncpg.connect(database_url, timeout=patience)
        except ValueError as error:
            raise SettingsError(
                f"DATABASE_URL is not a PostgreSQL URL: {clean(first_line(error))}. Correct it."
            ) from None
        except DATABASE_TROUBLE as error:
            log.warning("database_unreachable", error=first_line(error), next=trying_again(RETRY))
            raise NotYetError(first_line(error)) from None
        await connection.close()

    try:
        await _within(patience, connect, stop)
    except NotYetError as error:
        raise SettingsError(
            f"PostgreSQL at {where} cannot be reached: {error}. Start it, or correct DATABASE_URL."
        ) from None


async def require_chain(services: Services, stop: asyncio.Event) -> None:
    """Return when a provider serves the registry's chain (or `stop` is set).

    Raises SettingsError when all who answer serve another chain, or nobody answers in time.
    """

    async def ask() -> None:
        report = await ask_chain(services)
        if report.is_served:
            for name, found in report.strangers.items():
                log.error("provider_of_another_chain", provider=name, serves=found, expected=report.expected)
        elif report.is_wrong:
            raise SettingsError(report.fault)
        else:
            log.warning("chain_unreachable", error=report.fault, next=trying_again(RETRY))
            raise NotYetError(report.fault)

    try:
        await _within(services.settings.start_patience_seconds, ask, stop)
    except NotYetError as error:
        raise SettingsError(str(error)) from None


async def say_chain_fault(services: Services) -> None:
    """Write to the log what is wrong with the providers, where something is."""
    report = await ask_chain(services)
    if not report.is_served:
        log.error("chain_unusable", error=report.fault)


async def ask_chain(services: Services, patience: float = 3.0) -> ChainReport:
    """Ask every provider for its chain id, all at once, each for at most `patience` seconds."""
    providers = services.rpc.providers
    told = await asyncio.gather(*(_chain_id(provider, patience) for provider in providers))
    pairs = [(provider.name, answer) for provider, answer in zip(providers, told, strict=True)]
    return ChainReport(
        services.contracts.chain_id,
        services.settings.registry,
        {name: answer for name, answer in pairs if isinstance(answer, int)},
        {name: answer for name, answer in pairs if isinstance(answer, str)},
    )


async def _chain_id(provider: Provider, patience: float) -> int | str:
    """The id, or why there is none."""
    try:
        async with asyncio.timeout(patience):
            return int(await provider.call("eth_chainId", result=str), 16)
    except TimeoutError:
        return f"no answer within {patience:g} s"
    except (RpcError, ValueError) as error:
        return clean(first_line(error))


async def _within(patience: float, attempt: Callable[[], Awaitable[T]], stop: asyncio.Event) -> T | None:
    """Attempt until it does not raise NotYetError; raises the last one when patience ends. None when stopped."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    last = NotYetError(f"no answer within {patience:g} s")
    while not stop.is_set():
        try:
            async with asyncio.timeout_at(deadline):
                return await attempt()
        except TimeoutError:
            raise last from None
        except NotYetError as error:
            last = error
        if loop.time() + RETRY > deadline:
            raise last
        await _pause(RETRY, stop)
    return None


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    """Sleep, or wake up when `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _where(database_url: str) -> str:
    """The URL without its password, for a sentence."""
    parts = urlsplit(database_url)
    if parts.password is None:
        return database_url
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")).geturl()
