"""Who holds a token: supply, holders, an account's balances, transfers; votes and delegations."""

from collections.abc import Collection
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.mirror.reads import sums, tokens
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.fields import ZERO_ADDRESS, Address, Hash, Mirrored, OptionalAddress, Time, Uint
from listener.mirror.reads.indexes import MINTED_OR_BURNED
from listener.mirror.reads.sql import BLOCK_LOGS, earlier_than, fetch

BALANCES, VOTES = "balances", "voting_power"


class TokenFigures(Mirrored):
    """How much of a token there is, and how many hold it."""

    supply: Uint = Field(description="Minted and not burned, smallest unit")
    holders: int


class Holder(Mirrored):
    """What an account has of a token: an amount in its smallest unit, or votes."""

    holder: Address
    amount: Uint


class Balance(Mirrored):
    """What one account has of one token."""

    token: Address
    symbol: str | None = Field(description="Null for a token no Tombola factory made")
    decimals: int | None
    amount: Uint


class Transfer(Mirrored):
    """An amount that moved; without `sender` it was minted, without `receiver` burned."""

    token: Address
    sender: OptionalAddress
    receiver: OptionalAddress
    amount: Uint
    at: Time
    block_number: int
    transaction_hash: Hash
    position: int = Field(exclude=True, description="Orders transfers as they happened")


class Delegation(Mirrored):
    """Who votes with an account's balance of a token."""

    token: Address
    delegatee: OptionalAddress = Field(description="Null is nobody")
    at: Time


_TRANSFERS = f"""
SELECT t.address AS token, t.from_ AS sender, t.to_ AS receiver, t.value AS amount, t.block_time AS at,
    t.block_number, t.transaction_hash, t.block_number AS last_block,
    t.block_number * {BLOCK_LOGS} + t.log_index AS position
FROM mirror.token_transfer t WHERE {{condition}} AND (t.block_number, t.log_index) < (:block, :log_index)
ORDER BY t.block_number DESC, t.log_index DESC LIMIT :limit
"""  # noqa: S608

_DELEGATIONS = """
WITH RECURSIVE mine AS (
    (SELECT d.address FROM mirror.token_delegate_changed d WHERE d.delegator = :account ORDER BY d.address LIMIT 1)
    UNION ALL
    SELECT (SELECT d.address FROM mirror.token_delegate_changed d
            WHERE d.delegator = :account AND d.address > m.address ORDER BY d.address LIMIT 1)
    FROM mine m WHERE m.address IS NOT NULL
)
SELECT mine.address AS token, latest.to_delegate AS delegatee, latest.block_time AS at,
    latest.block_number AS last_block
FROM mine CROSS JOIN LATERAL (
    SELECT d.to_delegate, d.block_time, d.block_number FROM mirror.token_delegate_changed d
    WHERE d.delegator = :account AND d.address = mine.address
    ORDER BY d.block_number DESC, d.log_index DESC LIMIT 1
) latest
WHERE mine.address IS NOT NULL LIMIT :limit
"""

_VOTES_AT = """
SELECT coalesce((
    SELECT v.new_votes FROM mirror.token_delegate_votes_changed v
    WHERE v.delegate = :account AND v.address = :token AND v.block_time <= to_timestamp(:time)
    ORDER BY v.block_number DESC, v.log_index DESC LIMIT 1
), 0) + coalesce((
    SELECT v.new_votes FROM mirror.vesting_delegate_votes_changed v
    WHERE v.delegatee = :account AND v.token = :token AND v.block_time <= to_timestamp(:time)
    ORDER BY v.block_number DESC, v.log_index DESC LIMIT 1
), 0) AS votes
"""

_CHANGED_AFTER = f"""
SELECT asked.time, coalesce(sum(CASE WHEN t.from_ = '\\x{"00" * 20}' THEN t.value ELSE -t.value END), 0) AS change
FROM unnest(CAST(:times AS bigint[])) AS asked(time)
LEFT JOIN mirror.token_transfer t
    ON t.address = :token AND {MINTED_OR_BURNED} AND t.block_time > to_timestamp(asked.time)
GROUP BY asked.time
"""  # noqa: S608


async def figures(db: AsyncConnection, token: bytes) -> TokenFigures:
    """Supply and number of holders of a token."""
    count = await sums.holder_count(db, BALANCES, token)
    return TokenFigures(
        supply=await supply(db, token), holders=count["holders"], last_block=count["last_block"] or 0
    )


async def supply(db: AsyncConnection, token: bytes) -> int:
    """What was minted and not burned, smallest unit."""
    amounts = await sums.of_holders(db, BALANCES, token, [ZERO_ADDRESS])
    return -amounts[ZERO_ADDRESS]


async def supplies_at(db: AsyncConnection, token: bytes, times: Collection[int]) -> dict[int, int]:
    """The supply at the end of each of these seconds, Unix: the present one less what was minted or burned since."""
    if not times:
        return {}
    now = await supply(db, token)
    rows = await fetch(db, _CHANGED_AFTER, token=token, times=sorted(set(times)))
    return {row["time"]: now - int(row["change"]) for row in rows}


async def holders(
    db: AsyncConnection, token: bytes, *, limit: int, after: bytes | None = None
) -> list[Holder]:
    """Holders of a token from the largest, those after holder `after` by what it has now."""
    return await _largest(db, BALANCES, token, limit, after)


async def delegates(
    db: AsyncConnection, token: bytes, *, limit: int, after: bytes | None = None
) -> list[Holder]:
    """Accounts by their votes in a token, held and locked ones together, from the strongest."""
    return await _largest(db, VOTES, token, limit, after)


async def _largest(
    db: AsyncConnection, name: str, token: bytes, limit: int, after: bytes | None
) -> list[Holder]:
    last = None
    if after is not None:
        last = ((await sums.of_holders(db, name, token, [after]))[after], after)
    rows = await sums.largest(db, name, token, limit=limit, after=last)
    return [Holder.model_validate(row) for row in rows]


async def votes_at(db: AsyncConnection, token: bytes, account: bytes, time: int) -> int:
    """What an account's vote weighs for a proposal whose voting starts at `time`, Unix seconds."""
    (row,) = await fetch(db, _VOTES_AT, token=token, account=account, time=time)
    return int(row["votes"])


async def balances(db: AsyncConnection, as_of: AsOf, account: bytes, *, limit: int) -> list[Balance]:
    """What an account has of the factory's tokens, in order of their addresses."""
    rows = await sums.of_holder(db, BALANCES, account, limit=limit)
    known = await tokens.currencies(db, {row["token"] for row in rows}, as_of.currency)
    for row in rows:
        currency = known.get(row["token"])
        row |= {"symbol": currency and currency.symbol, "decimals": currency and currency.decimals}
    return [Balance.model_validate(row) for row in rows]


async def delegations(db: AsyncConnection, account: bytes, *, limit: int) -> list[Delegation]:
    """Whom an account made vote with its balances, by token."""
    rows = await fetch(db, _DELEGATIONS, account=account, limit=limit)
    return [Delegation.model_validate(row) for row in rows]


async def transfers(
    db: AsyncConnection,
    *,
    limit: int,
    token: bytes | None = None,
    account: bytes | None = None,
    before: int | None = None,
) -> list[Transfer]:
    """Transfers of a token, to and from an account, or both, newest first, with a `position` below `before`."""
    values: dict[str, Any] = {"limit": limit, **earlier_than(before)}
    parts = ["true"]
    if account is not None:
        values["account"] = account
        parts = ["t.from_ = :account", "t.to_ = :account AND t.from_ <> :account"]
    if token is not None:
        values["token"] = token
        parts = [f"t.address = :token AND {part}" for part in parts]
    selects = [f"({_TRANSFERS.replace('{condition}', condition)})" for condition in parts]
    query = f"SELECT * FROM ({' UNION ALL '.join(selects)}) moves ORDER BY position DESC LIMIT :limit"  # noqa: S608
    rows = await fetch(db, query, **values)
    return [Transfer.model_validate(row) for row in rows]
