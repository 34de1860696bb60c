"""Whether an intent may be accepted: enough money that no other open intent holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.chain import ChainUnavailable, balances
from backend.errors import AppError
from backend.hexes import address_bytes
from backend.intents.service import Spending, open_holds
from backend.wallets.tokens import unit_of
from listener.chain.rpc import RpcPool


class BalanceTooLow(AppError):
    """The wallet has less available than this needs; fund it or wait for open intents"""

    status = 409


class WalletFrozen(AppError):
    """The wallet is frozen until an operator looked at it"""

    status = 409


Funds = Mapping[bytes | None, int]
"""Balance of each currency, smallest unit; None is the chain's."""


async def funds(rpc: RpcPool, address: str, spendings: Sequence[Spending]) -> Funds:
    """What a wallet has of what these spend; nothing when the chain cannot be asked."""
    tokens = [spending.token for spending in spendings if spending.token is not None]
    try:
        found = await balances(rpc, address, tokens) if spendings else []
    except ChainUnavailable:
        found = []
    currencies = [None, *(address_bytes(token) for token in tokens)]
    return dict(zip(currencies, found, strict=True)) if found else {}


async def require_funds(
    db: AsyncSession, wallet_id: UUID, have: Funds, spendings: Sequence[Spending]
) -> None:
    """Raise BalanceTooLow. Call it under the wallet's row lock, which makes its intents come one by one.

    When the chain could not be asked the intent is accepted: the sender's check decides before a nonce is spent.
    """
    if not have:
        return
    holds = await open_holds(db, wallet_id, include_mined=False)
    for spending in spendings:
        key = None if spending.token is None else address_bytes(spending.token)
        available = have[key] - holds.get(key, 0)
        if available < spending.amount:
            needs, has = (_amount(spending.token, amount) for amount in (spending.amount, max(available, 0)))
            raise BalanceTooLow(
                f"This needs {needs}, and the wallet has {has} available.",
                needed=str(spending.amount),
                available=str(max(available, 0)),
                **await unit_of(db, key),
            )


def _amount(token: str | None, amount: int) -> str:
    """`3.2 POL`, or units of a token, whose decimals only its contract knows."""
    if token is None:
        return f"{Decimal(amount).scaleb(-18).normalize():f} POL"
    return f"{amount} units of token {token}"
