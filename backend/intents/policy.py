"""Whether an intent may be accepted: enough money that no other open intent holds."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.chain import ChainUnavailable, balances
from backend.errors import AppError
from backend.hexes import address_bytes
from backend.intents.service import Spending, open_holds
from backend.wallets.tables import Wallet
from listener.chain.rpc import RpcPool


class BalanceTooLow(AppError):
    """The wallet has less available than this needs; fund it or wait for open intents"""

    status = 409


class WalletFrozen(AppError):
    """The wallet is frozen until an operator looked at it"""

    status = 409


async def require_funds(
    db: AsyncSession, rpc: RpcPool, wallet_id: UUID, address: str, spendings: Sequence[Spending]
) -> None:
    """Raise BalanceTooLow; a wallet's intents are judged one by one, under its row lock.

    When the chain cannot be asked the intent is accepted: the sender's check decides before a nonce is spent.
    """
    tokens = [spending.token for spending in spendings if spending.token is not None]
    try:
        found = await balances(rpc, address, tokens) if spendings else []
    except ChainUnavailable:
        found = []
    await db.execute(select(Wallet.id).where(Wallet.id == wallet_id).with_for_update(key_share=True))
    if not found:
        return
    holds = await open_holds(db, wallet_id, include_mined=False)
    have = dict(zip([None, *(address_bytes(token) for token in tokens)], found, strict=True))
    for spending in spendings:
        key = None if spending.token is None else address_bytes(spending.token)
        available = have[key] - holds.get(key, 0)
        if available < spending.amount:
            what = (
                "wei of the chain's currency"
                if spending.token is None
                else f"units of token {spending.token}"
            )
            raise BalanceTooLow(
                f"This needs {spending.amount} {what}, and the wallet has {max(available, 0)} available.",
                needed=str(spending.amount),
                available=str(max(available, 0)),
            )
