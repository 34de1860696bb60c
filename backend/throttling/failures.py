"""A brake on guessing: wrong passwords, counted where requests are counted, so over all API processes."""

from __future__ import annotations

import hashlib

from backend.auth.throttle import TooManyAttempts
from backend.settings import Settings
from backend.throttling.counters import Counters
from backend.throttling.rules import Count, Rule

FAILURE_WINDOW = 300  # seconds


class StepUpFailures:
    """Wrong passwords of a session: whoever stole one can neither guess on nor stop the owner's others."""

    def __init__(self, counters: Counters, settings: Settings) -> None:
        self._counters = counters
        self._of_session = _rule("step-up failures", "session", settings.sign_in_failures_per_address)

    async def check(self, session: str) -> None:
        """Raise TooManyAttempts when this session has failed too often."""
        _refuse_beyond(await self._counters.look(self._of_session, _key(session)))

    async def record(self, session: str) -> None:
        """Count one wrong password."""
        await self._counters.hit(self._of_session, _key(session))


class SignInFailures:
    """Wrong passwords of an account, counted so that guessing is slow and nobody can keep the owner out.

    A network address may fail so often for an account. When all of them together have failed too often for it,
    each may fail once. An address that has not failed is never refused: the owner's right password always counts.
    """

    def __init__(self, counters: Counters, settings: Settings) -> None:
        self._counters = counters
        self._of_account = _rule("sign-in failures", "account", settings.sign_in_failures_per_account)
        per_address = settings.sign_in_failures_per_address
        self._of_address = _rule("sign-in failures", "account and network", per_address)
        self._once = _rule("sign-in failure", "account and network", 1)

    async def check(self, account: str, network: str) -> None:
        """Raise TooManyAttempts when this address has failed too often for this account."""
        of_account = await self._counters.look(self._of_account, _key(account))
        rule = self._of_address if of_account.is_allowed else self._once
        _refuse_beyond(await self._counters.look(rule, _key(account, network)))

    async def record(self, account: str, network: str) -> None:
        """Count one wrong password."""
        await self._counters.hit(self._of_account, _key(account))
        for rule in (self._of_address, self._once):
            await self._counters.hit(rule, _key(account, network))


def _rule(name: str, per: str, limit: int) -> Rule:
    return Rule(f"{name} per {per}", None, limit, FAILURE_WINDOW)


def _key(*parts: str) -> str:
    """Addresses of mail and people's networks do not leave this process."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _refuse_beyond(count: Count) -> None:
    if not count.is_allowed:
        raise TooManyAttempts(
            f"Too many attempts; try again in {count.reset_seconds} seconds.",
            headers={"Retry-After": str(count.reset_seconds)},
        )
