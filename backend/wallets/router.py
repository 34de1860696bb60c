"""GET /wallet: what the custodial wallet has, and what open intents hold of it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import select

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.chain import ChainUnavailable, Token
from backend.db import Db
from backend.errors import errors
from backend.hexes import address_bytes
from backend.intents.service import open_holds
from backend.routing import Router
from backend.services import ServicesDep
from backend.wallets.balances import kept_balances
from backend.wallets.tables import Wallet
from backend.wallets.tokens import known_tokens
from listener.chain.settings import chain_settings

router = Router(tags=["wallet"])


class BalanceOut(BaseModel):
    """One currency. `available` = `amount` less what open intents that are not mined yet hold."""

    currency: str = Field(examples=["POL"])
    token: str | None = Field(description="Address; null for the chain's currency")
    decimals: int | None = Field(
        examples=[18], description="null for a token from elsewhere: its amounts are in smallest units"
    )
    amount: str = Field(examples=["5000000000000000000"])
    held: str = Field(examples=["0"])
    available: str = Field(examples=["5000000000000000000"])


class WalletOut(BaseModel):
    """The custodial wallet of the signed-in user."""

    address: str = Field(examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])
    exported_at: datetime | None = Field(description="Since when its owner has the key too; null: never")
    balances: list[BalanceOut]


@router.get("/wallet", summary="My custodial wallet", responses=errors(NotSignedIn, ChainUnavailable))
async def read_wallet(user: CurrentUser, services: ServicesDep, db: Db) -> WalletOut:
    """The chain's balances, at most two seconds old: the currency always, tokens where there is something."""
    chain = chain_settings(services.contracts.chain_id)
    tokens = await known_tokens(db, user.wallet_id)
    holds = await open_holds(db, user.wallet_id, include_mined=False)
    addresses = [token.address for token in tokens]
    amounts = await kept_balances(services, user.wallet_address, addresses, holds)
    currency = _balance(None, chain.currency_symbol, chain.currency_decimals, amounts[0], holds.get(None, 0))
    shown = [currency]
    for token, amount in zip(tokens, amounts[1:], strict=True):
        held = holds.get(address_bytes(token.address), 0)
        if amount or held:
            shown.append(_token_balance(token, amount, held))
    exported_at = await db.scalar(select(Wallet.exported_at).where(Wallet.id == user.wallet_id))
    return WalletOut(address=user.wallet_address, exported_at=exported_at, balances=shown)


def _token_balance(token: Token, amount: int, held: int) -> BalanceOut:
    return _balance(token.address, token.symbol, token.decimals, amount, held)


def _balance(token: str | None, symbol: str, decimals: int | None, amount: int, held: int) -> BalanceOut:
    return BalanceOut(
        currency=symbol,
        token=token,
        decimals=decimals,
        amount=str(amount),
        held=str(held),
        available=str(max(amount - held, 0)),
    )
