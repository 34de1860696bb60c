"""What every step needs: the database, the chain, the keys, the limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.contracts import Contracts
from backend.sender.rpc import ChainView
from backend.services import Services
from backend.settings import Settings
from backend.wallets.kms import Kms

MOST_REMEMBERED = 10_000


@dataclass
class Memory:
    """What this process noticed about newest attempts, by hash. Losing it only delays a bump or a no-op."""

    stuck_at: dict[bytes, int] = field(default_factory=dict)  # block at which it was first found waiting
    invalid: dict[bytes, int] = field(default_factory=dict)  # rounds in which every provider refused it
    poor: dict[bytes, bool] = field(default_factory=dict)  # whether the wallet could not pay it

    looked: dict[UUID, tuple[bytes, float, int | None]] = field(default_factory=dict)
    """When a wallet's receipts were last looked for: (head's hash, time.monotonic, finalized block)."""

    def trim(self) -> None:
        """Forget the oldest beyond what is worth keeping."""
        for notes in (self.stuck_at, self.invalid, self.poor, self.looked):
            _forget_oldest(notes)


def _forget_oldest(notes: dict[Any, Any]) -> None:
    while len(notes) > MOST_REMEMBERED:
        del notes[next(iter(notes))]


@dataclass
class Context:
    """The process's services, seen by the sender."""

    services: Services
    memory: Memory = field(default_factory=Memory)

    @cached_property
    def chain(self) -> ChainView:
        """The chain."""
        settings = self.services.settings
        return ChainView(
            self.services.rpc, settings.max_fee_per_gas_wei, settings.finality_depth, settings.final_witnesses
        )

    @property
    def engine(self) -> AsyncEngine:
        """The database."""
        return self.services.engine

    @property
    def settings(self) -> Settings:
        """Limits and delays."""
        return self.services.settings

    @property
    def contracts(self) -> Contracts:
        """Registered contracts, for errors in words."""
        return self.services.contracts

    @property
    def kms(self) -> Kms:
        """Opens keys."""
        return self.services.kms
