"""What every step needs: the database, the chain, the keys, the limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.contracts import Contracts
from backend.sender.rpc import ChainView
from backend.services import Services
from backend.settings import Settings
from backend.wallets.kms import Kms


@dataclass
class Context:
    """The process's services, seen by the sender."""

    services: Services

    @cached_property
    def chain(self) -> ChainView:
        """The chain."""
        settings = self.services.settings
        return ChainView(self.services.rpc, settings.max_fee_per_gas_wei, settings.finality_depth)

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
