"""The platform's own accounts, and the subscriptions that pay for random numbers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import checksum
from backend.operations.questions import Question, ask, native_balances
from backend.operations.schemas import PlatformOut, PlatformWalletOut, SubscriptionOfVrf
from backend.services import Services
from backend.wallets.tables import Wallet

DRAWS = ("Raffle", "Contest")
"""Contracts that ask for random numbers."""
_NOBODY = "0x" + "00" * 20
_COORDINATOR: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": "getSubscription",
        "inputs": [{"name": "subId", "type": "uint256"}],
        "outputs": [
            {"name": name, "type": kind}
            for name, kind in (
                ("balance", "uint96"),
                ("nativeBalance", "uint96"),
                ("reqCount", "uint64"),
                ("subOwner", "address"),
                ("consumers", "address[]"),
            )
        ],
    }
]


async def platform(db: AsyncSession, services: Services) -> PlatformOut:
    """As the chain says in its latest block; raises ChainUnavailable."""
    return PlatformOut(wallets=await platform_wallets(db, services), vrf=await subscriptions(services))


async def platform_wallets(db: AsyncSession, services: Services) -> list[PlatformWalletOut]:
    """Raises ChainUnavailable."""
    found = await db.execute(
        select(Wallet.id, Wallet.role, Wallet.address).where(Wallet.role != "user").order_by(Wallet.role)
    )
    wallets = found.all()
    addresses = [checksum(wallet.address) for wallet in wallets]
    amounts = await native_balances(services, addresses)
    return [
        PlatformWalletOut(id=wallet.id, role=wallet.role, address=address, balance=str(amount))
        for wallet, address, amount in zip(wallets, addresses, amounts, strict=True)
    ]


async def subscriptions(services: Services) -> list[SubscriptionOfVrf]:
    """Of each contract that asks a coordinator; draws of the others are decided by drand alone."""
    known = [
        (name, contract)
        for name, contract in services.contracts.registry.contracts.items()
        if name in DRAWS and len(contract.addresses) == 1
    ]
    configs = await ask(services, [Question(one.address, one.abi, "vrfConfig") for _, one in known])
    asking = [
        (name, *config[0])
        for (name, _), config in zip(known, configs, strict=True)
        if config is not None and config[0][0] != _NOBODY
    ]
    questions = [
        Question(coordinator, _COORDINATOR, "getSubscription", (number,))
        for _, coordinator, number, *_ in asking
    ]
    return [
        SubscriptionOfVrf(
            contract=name,
            coordinator=checksum(bytes.fromhex(coordinator[2:])),
            subscription_id=str(number),
            pays_native=pays_native,
            balance=None if told is None else str(told[1] if pays_native else told[0]),
        )
        for (name, coordinator, number, _, _, _, pays_native), told in zip(
            asking, await ask(services, questions), strict=True
        )
    ]
