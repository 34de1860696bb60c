"""What all wishes have: a plan of calls, and the addresses it pays."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.chain import view
from backend.contracts import ERC20, Contracts
from backend.errors import NotFound
from backend.intents.service import Call, Spending
from listener.chain.encode import encode_call
from listener.chain.rpc import RpcPool


class NotDeployed(NotFound):
    """This deployment lacks the contract that the wish is about"""


def address_of(contracts: Contracts, name: str) -> str:
    """Of a registered contract; raises NotDeployed."""
    try:
        return contracts.address(name)
    except LookupError:
        raise NotDeployed(f"This deployment has no {name}.") from None


@dataclass(frozen=True)
class Means:
    """What a plan is made with: whose `wallet` it is, and where to ask. Names are those of the registry."""

    wallet: str
    rpc: RpcPool
    contracts: Contracts
    engine: AsyncEngine

    def address(self, name: str) -> str:
        """Of a contract; raises NotDeployed."""
        return address_of(self.contracts, name)

    async def view(self, name: str, function: str, *arguments: Any) -> Any:
        """What a contract says. Raises NotDeployed, ContractRefused, ChainUnavailable."""
        self.address(name)
        return await view(self.rpc, self.contracts, name, function, arguments)

    def call(self, name: str, function: str, *arguments: Any, value: int = 0) -> Call:
        """A function of a contract, with wei sent along. Raises NotDeployed."""
        return Call(self.address(name), self.contracts.encode(name, function, arguments), value)

    def approve(self, token: str, name: str, amount: int) -> Call:
        """Let a contract take exactly so much of a token, or one NFT by its number: the function is the same."""
        return Call(token, encode_call(ERC20, "approve", [self.address(name), amount]))


Plan = tuple[list[Call], list[Spending]]
"""Calls in the order they must be mined, and what they spend."""


class Part(BaseModel):
    """Something within a wish."""

    model_config = ConfigDict(extra="forbid")


class Wish(Part):
    """The body of an intent; `kind` says which."""

    @abstractmethod
    async def plan(self, means: Means) -> Plan:
        """Raises NotDeployed, ContractRefused, ChainUnavailable."""

    def pays(self, contracts: Contracts) -> Sequence[str | None]:
        """Addresses that get something of worth from the wallet: new ones wait, and step-up is asked for.

        Prizes and refunds that go to who won or paid by the contract's own rules have none; nor have votes.
        Raises NotDeployed.
        """
        return ()

    def endows(self) -> Sequence[str | None]:
        """Addresses that get what did not exist before: step-up is asked for, but nothing leaves the wallet."""
        return ()


class OneCall(Wish):
    """A wish that is one call of one of our contracts and spends nothing."""

    @abstractmethod
    def function(self) -> tuple[Any, ...]:
        """Contract, function and arguments."""

    async def plan(self, means: Means) -> Plan:
        """The call."""
        return [means.call(*self.function())], []
