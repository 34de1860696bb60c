"""Whom an intent gives something of worth, beside the wallet's own owner: that is what step-up and limits are for."""

from __future__ import annotations

from collections.abc import Iterable

from backend.contracts import Contracts
from backend.intents.schemas import IntentIn


def recipients(wish: IntentIn, own: str, contracts: Contracts) -> tuple[str, ...]:
    """Addresses, other than the wallet's `own` (checksummed), that get something from the wallet, each once.

    Raises NotDeployed.
    """
    return _others(wish.pays(contracts), own)


def endowed(wish: IntentIn, own: str) -> tuple[str, ...]:
    """Addresses, other than `own`, that get what the intent makes: nothing leaves the wallet for them."""
    return _others(wish.endows(), own)


def _others(named: Iterable[str | None], own: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in named if one is not None and one != own))
