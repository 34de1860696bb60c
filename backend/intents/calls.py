"""From a wish to transactions: which calls to sign, and what money they take."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.contracts import Contracts
from backend.intents.schemas import IntentIn
from backend.intents.wishes.base import Means, Plan
from listener.chain.rpc import RpcPool


async def plan(
    wish: IntentIn, wallet_address: str, rpc: RpcPool, contracts: Contracts, engine: AsyncEngine
) -> Plan:
    """Calls in the order they must be mined, and what they spend.

    Raises NotDeployed, ProposalNotFound, MirrorNotReady, ContractRefused, ChainUnavailable.
    """
    return await wish.plan(Means(wallet_address, rpc, contracts, engine))
