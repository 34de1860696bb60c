"""Fees of the factory and of raffles: what they are, and what waits to be paid to a treasury."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from backend.contracts import ERC20
from backend.hexes import checksum
from backend.mirror import Snapshot
from backend.operations.questions import Abi, Question, ask, native_balances
from backend.operations.schemas import FactoryFeesOut, FeeOut, FeesOut, RaffleFeesOut
from backend.services import Services
from listener.mirror.reads import tokens
from listener.mirror.reads.tokens import Currency

MOST = 100
"""Currencies, or treasuries with theirs, that are asked about."""
NATIVE = bytes(20)
_FACTORY_TABLE, _RAFFLE_TABLE = "mirror.token_factory_fee_paid", "mirror.raffle_proceeds_withdrawn"
_FACTORY_CURRENCIES = text(f"SELECT DISTINCT currency FROM {_FACTORY_TABLE} LIMIT {MOST}")  # noqa: S608
_RAFFLE_CURRENCIES = text(
    f"SELECT DISTINCT treasury, token FROM {_RAFFLE_TABLE} WHERE fee > 0 LIMIT {MOST}"  # noqa: S608
)
_EXISTS = text("SELECT to_regclass(:name)")


async def fees(mirror: Snapshot, services: Services) -> FeesOut:
    """Which currencies there are says the mirror, how much of them the chain. Raises ChainUnavailable."""
    return FeesOut(factory=await _factory(mirror, services), raffle=await _raffle(mirror, services))


async def _factory(mirror: Snapshot, services: Services) -> FactoryFeesOut | None:
    contract = _contract(services, "TokenFactory")
    if contract is None:
        return None
    address, abi = contract
    views = ("fee", "feeCurrency", "treasury", "owner")
    fee, currency, treasury, owner = await ask(services, [Question(address, abi, view) for view in views])
    if fee is None or currency is None or treasury is None:
        return None
    paid_in = _bytes(currency[0])
    known = {NATIVE, paid_in}
    known |= {row.currency for row in await _rows(mirror, _FACTORY_TABLE, _FACTORY_CURRENCIES)}
    ordered = sorted(known)
    foreign = [one for one in ordered if one != NATIVE]
    questions = [Question(checksum(one), ERC20, "balanceOf", (address,)) for one in foreign]
    amounts: dict[bytes, int] = {NATIVE: (await native_balances(services, [address]))[0]}
    for one, answer in zip(foreign, await ask(services, questions), strict=True):
        amounts[one] = 0 if answer is None else answer[0]
    names = await tokens.currencies(mirror.db, known, mirror.as_of.currency)
    payee = checksum(_bytes(treasury[0]))
    name = names.get(paid_in)
    return FactoryFeesOut(
        address=address,
        owner=None if owner is None else checksum(_bytes(owner[0])),
        treasury=payee,
        fee=str(fee[0]),
        token=None if paid_in == NATIVE else checksum(paid_in),
        symbol=name and name.symbol,
        decimals=None if name is None else name.decimals,
        waiting=[_fee(payee, one, names.get(one), amounts[one]) for one in ordered if amounts[one]],
    )


async def _raffle(mirror: Snapshot, services: Services) -> RaffleFeesOut | None:
    contract = _contract(services, "Raffle")
    if contract is None:
        return None
    address, abi = contract
    config, owner = await ask(services, [Question(address, abi, view) for view in ("feeConfig", "owner")])
    if config is None:
        return None
    share, treasury = config
    pairs = {
        (bytes(row.treasury), bytes(row.token))
        for row in await _rows(mirror, _RAFFLE_TABLE, _RAFFLE_CURRENCIES)
    }
    ordered = sorted(pairs)
    questions = [
        Question(address, abi, "feesOf", (checksum(payee), checksum(token))) for payee, token in ordered
    ]
    names = await tokens.currencies(mirror.db, {token for _, token in ordered}, mirror.as_of.currency)
    waiting = [
        _fee(checksum(payee), token, names.get(token), amount[0])
        for (payee, token), amount in zip(ordered, await ask(services, questions), strict=True)
        if amount is not None and amount[0]
    ]
    return RaffleFeesOut(
        address=address,
        owner=None if owner is None else checksum(_bytes(owner[0])),
        treasury=None if _bytes(treasury) == NATIVE else checksum(_bytes(treasury)),
        fee_bps=share,
        waiting=waiting,
    )


def _fee(treasury: str, token: bytes, name: Currency | None, amount: int) -> FeeOut:
    return FeeOut(
        treasury=treasury,
        token=None if token == NATIVE else checksum(token),
        symbol=name and name.symbol,
        decimals=None if name is None else name.decimals,
        amount=str(amount),
    )


def _contract(services: Services, name: str) -> tuple[str, Abi] | None:
    found = services.contracts.registry.contracts.get(name)
    return None if found is None or len(found.addresses) != 1 else (found.address, found.abi)


async def _rows(mirror: Snapshot, table: str, query: Any) -> Sequence[Any]:
    """Of a table that a mirror of fewer contracts has not."""
    if await mirror.db.scalar(_EXISTS, {"name": table}) is None:
        return []
    return (await mirror.db.execute(query)).all()


def _bytes(address: str) -> bytes:
    return bytes.fromhex(address[2:])
