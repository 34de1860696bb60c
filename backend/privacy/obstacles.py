"""What has to be settled before an account can be erased: money above all, and what only its owner can finish."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from backend.chain import balances
from backend.contests import store as contests
from backend.contests.schemas import ContestState
from backend.hexes import checksum
from backend.intents.tables import TERMINAL
from backend.mirror import Snapshot, open_snapshot
from backend.services import Services
from listener.chain.settings import chain_settings
from listener.mirror.reads import holders, participations, vesting
from listener.mirror.reads.participations import Participation
from listener.mirror.reads.raffles import RaffleState
from listener.mirror.reads.vesting import Grant

PAGE = 100
MOST_NAMED = 5
InDatabase = Literal["role", "frozen", "credits", "intents", "export"]
UNFINISHED: tuple[ContestState, ...] = ("active", "processing")
OnChain = Literal["balance", "tokens", "prizes", "refunds", "draws", "grants", "contests"]
Code = InDatabase | OnChain


class Amount(TypedDict):
    """Smallest units, and how they are written. `token` null: the chain's currency, or credits."""

    amount: str
    token: str | None
    symbol: str | None
    decimals: int | None


@dataclass(frozen=True)
class Obstacle:
    """`detail` says what it is and what to do; the rest is what it names. Nothing personal: it is kept."""

    code: Code
    detail: str
    amounts: Sequence[Amount] = ()
    numbers: Sequence[str] = ()
    count: int = 0

    def stored(self) -> dict[str, Any]:
        """As JSON; of a long list the first few."""
        return asdict(self) | {
            "amounts": list(self.amounts[:MOST_NAMED]),
            "numbers": list(self.numbers[:MOST_NAMED]),
            "count": self.count or len(self.amounts) or len(self.numbers),
        }


_STORED = text("""
    SELECT u.role, w.frozen_at IS NOT NULL OR u.suspended_at IS NOT NULL OR EXISTS (
            SELECT FROM app.freeze f WHERE f.user_id = u.id AND f.lifted_at IS NULL) AS is_frozen,
        (SELECT jsonb_agg(jsonb_build_object(
                'amount', a.balance::text, 'token', NULL, 'symbol', a.currency, 'decimals', c.decimals)
                ORDER BY a.currency)
            FROM app.ledger_account a JOIN app.ledger_currency c ON c.code = a.currency
            WHERE a.user_id = u.id AND (a.balance <> 0 OR a.held <> 0)) AS credits,
        (SELECT count(*) FROM app.intent i WHERE i.wallet_id = w.id AND i.state <> ALL (:terminal)) AS intents,
        EXISTS (SELECT FROM app.wallet_export e WHERE e.wallet_id = w.id AND e.cancelled_at IS NULL
            AND e.retrieved_at IS NULL AND e.expires_at > clock_timestamp()) AS is_exporting
    FROM app."user" u JOIN app.wallet w ON w.user_id = u.id WHERE u.id = :id
""")


async def stored(db: AsyncSession | AsyncConnection, user_id: UUID) -> list[Obstacle]:
    """What the database alone says; read again under the locks of the erasure itself."""
    row = (await db.execute(_STORED, {"id": user_id, "terminal": list(TERMINAL)})).one()
    found: list[Obstacle] = []
    if row.role in ("support", "admin"):
        found.append(Obstacle("role", f"You have the role {row.role}: another administrator takes it first."))
    if row.is_frozen:
        found.append(Obstacle("frozen", "Your account or wallet is frozen: ask support to look at it first."))
    if row.credits:
        named = ", ".join(f"{one['amount']} {one['symbol']}" for one in row.credits)
        found.append(
            Obstacle("credits", f"You have {named}: spend it, or ask support to take it back.", row.credits)
        )
    if row.intents:
        found.append(
            Obstacle(
                "intents",
                f"{row.intents} transactions are under way: wait for them, or cancel them.",
                count=row.intents,
            )
        )
    if row.is_exporting:
        found.append(Obstacle("export", "An export of your key is under way: take the key, or cancel it."))
    return found


async def obstacles(services: Services, user_id: UUID) -> list[Obstacle]:
    """All of them; none for an account that is gone. Holds one connection at a time.

    Raises ChainUnavailable, MirrorNotReady.
    """
    async with services.engine.connect() as db:
        wallet = text(
            'SELECT w.address FROM app."user" u JOIN app.wallet w ON w.user_id = u.id WHERE u.id = :id'
        )
        address: bytes | None = await db.scalar(wallet, {"id": user_id})
        found = [] if address is None else await stored(db, user_id)
    if address is None:
        return []
    found += await _currency(services, address)
    async with open_snapshot(services.engine) as mirror:
        found += await _tokens(mirror, address)
        found += await _raffles(mirror, address)
        found += await _grants(mirror, address)
        found += await _contests(mirror, user_id)
    return found


async def _currency(services: Services, address: bytes) -> list[Obstacle]:
    """The chain's currency, but for what sending it away would cost."""
    (amount,) = await balances(services.rpc, checksum(address), [])
    if amount <= services.settings.erasure_dust_wei:
        return []
    chain = chain_settings(services.contracts.chain_id)
    symbol = chain.currency_symbol
    has = Amount(amount=str(amount), token=None, symbol=symbol, decimals=chain.currency_decimals)
    return [
        Obstacle("balance", f"Your wallet has {amount} wei of {symbol}: send it to another wallet.", [has])
    ]


async def _tokens(mirror: Snapshot, address: bytes) -> list[Obstacle]:
    held = [one for one in await holders.balances(mirror.db, mirror.as_of, address, limit=PAGE) if one.amount]
    if not held:
        return []
    named = [f"{one.amount} of {one.symbol or checksum(one.token)}" for one in held]
    has = [
        Amount(amount=str(one.amount), token=checksum(one.token), symbol=one.symbol, decimals=one.decimals)
        for one in held
    ]
    return [Obstacle("tokens", f"Your wallet has {_some(named)}: send it to another wallet.", has)]


async def _raffles(mirror: Snapshot, address: bytes) -> list[Obstacle]:
    prizes, refunds, draws = [], [], []
    async for one in _participations(mirror, address):
        if one.claimable:
            prizes.append(str(one.raffle.id))
        if int(one.refund_due):
            refunds.append(str(one.raffle.id))
        if one.raffle.state not in (RaffleState.DRAWN, RaffleState.REFUNDING):
            draws.append(str(one.raffle.id))
    found = []
    if prizes:
        found.append(
            Obstacle("prizes", f"Prizes wait for you in raffle {_some(prizes)}: claim them.", numbers=prizes)
        )
    if refunds:
        found.append(
            Obstacle(
                "refunds", f"You are due refunds of raffle {_some(refunds)}: take them.", numbers=refunds
            )
        )
    if draws:
        found.append(
            Obstacle(
                "draws",
                f"You have tickets in raffle {_some(draws)}, not drawn yet: wait for it.",
                numbers=draws,
            )
        )
    return found


async def _grants(mirror: Snapshot, address: bytes) -> list[Obstacle]:
    mine = [
        str(one.id) async for one in _granted(mirror, address) if one.amount > one.released + one.returned
    ]
    if not mine:
        return []
    return [
        Obstacle(
            "grants",
            f"Grant {_some(mine)} has tokens for you: release them, or offer it to a wallet.",
            numbers=mine,
        )
    ]


async def _contests(mirror: Snapshot, user_id: UUID) -> list[Obstacle]:
    mine = [
        str(one.id)
        for state in UNFINISHED
        for one in await contests.page(
            mirror.db, viewer=user_id, mine=True, state=state, limit=MOST_NAMED + 1
        )
    ]
    if not mine:
        return []
    return [
        Obstacle(
            "contests",
            f"Your contest {_some(mine)} is not drawn yet: wait for its draw, or cancel what is only announced.",
            numbers=mine,
        )
    ]


async def _participations(mirror: Snapshot, address: bytes) -> AsyncIterator[Participation]:
    before: int | None = None
    while page := await participations.of_buyer(mirror.db, mirror.as_of, address, limit=PAGE, before=before):
        for one in page:
            yield one
        before = page[-1].raffle.id


async def _granted(mirror: Snapshot, address: bytes) -> AsyncIterator[Grant]:
    after: int | None = None
    while page := await vesting.grants(mirror.db, mirror.as_of, limit=PAGE, beneficiary=address, after=after):
        for one in page:
            yield one
        after = page[-1].id


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
