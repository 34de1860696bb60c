"""What is owed to custodial people at one final block, read in one snapshot of the database and at that block's state.

A wallet is one person's alone, so what is in it is owed to that person. Of tokens this is what the mirror, our own
book of the chain's events, says; of the currency, which tells no events, what the chain says. Credits are owed by
the ledger. docs/decisions/0027-proof-of-backing.md says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from backend.backing import topics
from backend.contracts import ERC20
from backend.hexes import checksum, to_hex
from backend.jobs.errors import LaterError
from backend.mirror import Snapshot, open_snapshot
from backend.services import Services
from listener.chain.encode import encode_call
from listener.chain.faults import PermanentError
from listener.chain.rpc import Call
from listener.mirror.reads import sums, tokens
from listener.mirror.reads.rollups import BY_NAME, HOLDING_COLUMNS
from listener.mirror.reads.sql import fetch

MOST_TOKENS = 10
"""Tokens covered: those that most wallets have. Anybody can make tokens and send them to our wallets."""
PAGE = 200
PATIENCE = 15.0
SOON = 30.0
_BALANCES = "balances"

_HELD = f"""
SELECT held.token, w.address, sum(held.amount) AS amount FROM (
    SELECT h.token, h.holder, h.amount FROM mirror.holding h
    WHERE h.name = :name AND h.holder IN (SELECT address FROM app.wallet WHERE role = 'user')
    UNION ALL
    SELECT f.token, f.holder, f.delta FROM ({{facts}}) AS f({HOLDING_COLUMNS})
) held JOIN app.wallet w ON w.address = held.holder AND w.role = 'user'
GROUP BY held.token, w.address HAVING sum(held.amount) > 0
"""  # noqa: S608
_CREDITED = text("""
    SELECT a.currency, c.decimals, w.address, a.balance
    FROM app.ledger_account a JOIN app.wallet w ON w.user_id = a.user_id AND w.role = 'user'
    JOIN app.ledger_currency c ON c.code = a.currency
    WHERE a.kind = 'user' AND a.balance > 0
""")
_WALLETS = text("SELECT address FROM app.wallet WHERE role = 'user' ORDER BY address")
_HEAD = text("SELECT position, hash FROM app.audit_link ORDER BY position DESC LIMIT 1")


@dataclass
class Owed:
    """One asset: what each account is owed, and what the chain says of those accounts together (None: it cannot)."""

    topic: bytes
    symbol: str
    decimals: int | None
    amounts: dict[bytes, int] = field(default_factory=dict)
    reserve: int | None = None


@dataclass(frozen=True)
class Taken:
    """Everything at one block. `head` is the audit's: (position, hash)."""

    block: int
    time: datetime
    assets: list[Owed]
    head: tuple[int, bytes] | None


async def take(services: Services, above: int) -> Taken | None:
    """What is owed at the newest final block; None while that is not above `above`.

    Raises LaterError, RpcError, MirrorNotReady.
    """
    async with open_snapshot(services.engine) as mirror:
        final = mirror.as_of.finalized
        block = mirror.as_of.block if final is None else min(mirror.as_of.block, final)
        if final is None or block <= above:
            return None
        wallets = [bytes(row.address) for row in await mirror.db.execute(_WALLETS)]
        assets = [*await _tokens(mirror, block), *await _credits(mirror)]
        head = (await mirror.db.execute(_HEAD)).one_or_none()
        currency = mirror.as_of.currency
    native = Owed(topics.backing(topics.NATIVE), currency.symbol, currency.decimals)
    found = await _numbers(services, [Call("eth_getBalance", [checksum(one), hex(block)]) for one in wallets])
    native.amounts = {one: amount for one, amount in zip(wallets, found, strict=True) if amount}
    native.reserve = sum(native.amounts.values())
    for asset in assets:
        token = topics.token_of(asset.topic)
        if token is not None:
            asset.reserve = await _reserve(services, token, list(asset.amounts), block)
    time = await _time(services, block)
    return Taken(block, time, [native, *assets], None if head is None else (head.position, bytes(head.hash)))


async def _tokens(mirror: Snapshot, block: int) -> list[Owed]:
    """By what was folded up to some final block, and the facts from there to this one."""
    folded = (await sums.through(mirror.db)).get(_BALANCES)
    if folded is None:
        return []
    if folded > block:
        raise LaterError(f"the mirror's sums are of block {folded}, above the final block {block}", SOON)
    facts = BY_NAME[_BALANCES].facts(f"f.block_number > {int(folded)} AND f.block_number <= {int(block)}")
    rows = await fetch(mirror.db, _HELD.replace("{facts}", facts), name=_BALANCES)
    held: dict[bytes, dict[bytes, int]] = {}
    for row in rows:
        held.setdefault(bytes(row["token"]), {})[bytes(row["address"])] = int(row["amount"])
    chosen = sorted(held, key=lambda token: (-len(held[token]), token))[:MOST_TOKENS]
    known = await tokens.currencies(mirror.db, chosen, mirror.as_of.currency)
    return [
        Owed(
            topics.backing(token),
            known[token].symbol if token in known else checksum(token)[:8],
            known[token].decimals if token in known else None,
            held[token],
        )
        for token in chosen
    ]


async def _credits(mirror: Snapshot) -> list[Owed]:
    found: dict[str, Owed] = {}
    for row in await mirror.db.execute(_CREDITED):
        topic = topics.credits_of(row.currency)
        asset = found.setdefault(row.currency, Owed(topic, row.currency, row.decimals))
        asset.amounts[bytes(row.address)] = int(row.balance)
    return [found[currency] for currency in sorted(found)]


async def _reserve(services: Services, token: bytes, holders: Sequence[bytes], block: int) -> int:
    calls = [
        Call(
            "eth_call",
            [
                {"to": checksum(token), "data": to_hex(encode_call(ERC20, "balanceOf", [checksum(one)]))},
                hex(block),
            ],
        )
        for one in holders
    ]
    return sum(await _numbers(services, calls))


async def _numbers(services: Services, calls: Sequence[Call]) -> list[int]:
    found: list[int] = []
    for at in range(0, len(calls), PAGE):
        for answer in await services.rpc.batch(calls[at : at + PAGE], patience=PATIENCE):
            if isinstance(answer, PermanentError):
                raise answer
            found.append(int(answer, 16))
    return found


async def _time(services: Services, block: int) -> datetime:
    found: Any = await services.rpc.call("eth_getBlockByNumber", [hex(block), False], patience=PATIENCE)
    return datetime.fromtimestamp(int(found["timestamp"], 16), UTC)
