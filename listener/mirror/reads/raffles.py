"""Raffles: terms, state, draw, entries, winners and refunds, from the facts of contract `Raffle`."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.chain.draw.winners import winners as winning_numbers
from listener.mirror.reads import tokens
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.draws import DRAW_COLUMNS, Draw, draw_joins, draw_of
from listener.mirror.reads.fields import Address, Count, Hash, Mirrored, OptionalAddress, Read, Time, Uint
from listener.mirror.reads.sql import fetch

RAFFLE = "raffle"


class RaffleState(StrEnum):
    """IRaffle.State in words; an undersold raffle refunds from its close on."""

    OPEN = "open"
    CLOSED = "closed"
    DRAWING = "drawing"
    DRAWN = "drawn"
    REFUNDING = "refunding"


class Prize(Read):
    """One prize, for the rank with its number."""

    rank: int
    kind: Literal["native", "erc20", "erc721"]
    token: OptionalAddress = None
    symbol: str | None = Field(description="Null for a token no Tombola factory made")
    decimals: int | None
    amount: Uint
    token_id: Uint | None = Field(description="Only for ERC-721")
    claimed: bool
    returned: bool = Field(description="Went back to the organiser")


class Raffle(Mirrored):
    """A raffle. Counts of tickets are decimal strings: the contract counts them with 64 bits."""

    id: Uint
    state: RaffleState
    title: str
    organiser: Address
    payment_token: OptionalAddress
    payment_symbol: str | None
    payment_decimals: int | None
    ticket_price: Uint = Field(
        description="Smallest unit of the payment token; in US dollars with 8 decimals where there is a price feed"
    )
    price_feed: OptionalAddress = Field(
        description="Feed that turns the price in US dollars into the payment token; null for a price in the token"
    )
    max_price_age: Count = Field(
        description="Seconds after which the feed's answer is too old; 0 without a feed"
    )
    allow_list_root: Hash | None = Field(
        description="Merkle root of who may hold tickets; null for everybody"
    )
    allow_list_salt: Hash | None
    closes_at: Time
    min_tickets: Uint
    max_tickets: Uint
    max_per_buyer: Uint = Field(description="0 for no cap")
    tickets_sold: Uint
    entries: Count
    prizes: list[Prize]
    fee_bps: Count
    terms_hash: Hash
    created_at: Time
    created_block: int
    transaction_hash: Hash
    proceeds_withdrawn: bool = Field(description="Whether organiser and treasury have their shares")
    refunds_seed_missing: bool | None = Field(
        description="Why refunds were opened: true for a missing seed, false for too few tickets sold"
    )
    draw: Draw | None


class Entry(Mirrored):
    """One purchase: tickets `first_ticket` to `first_ticket + count − 1`."""

    entry_index: Count
    buyer: Address
    first_ticket: Uint
    count: Uint
    paid: Uint
    payer: Address
    refunded: bool
    refund_transaction_hash: Hash | None
    bought_at: Time
    block_number: int
    transaction_hash: Hash


class Winner(Mirrored):
    """Who holds the winning ticket of a rank. `entry_index` is the hint `claimHinted` takes."""

    rank: int
    ticket: Uint
    entry_index: Count
    buyer: Address
    prize: Prize
    claimed: bool
    paid_to: Address | None = Field(description="Where the prize went")
    transaction_hash: Hash | None = Field(description="Transaction that paid the prize")


_RAFFLES = f"""
SELECT c.raffle_id AS id, c.title, c.organiser, c.payment_token, c.ticket_price, c.closes_at, c.min_tickets,
    options.price_feed, coalesce(options.max_price_age, 0) AS max_price_age,
    nullif(options.allow_list_root, :zero32) AS allow_list_root,
    CASE WHEN options.allow_list_root <> :zero32 THEN options.allow_list_salt END AS allow_list_salt,
    c.max_tickets, c.max_per_buyer, c.prizes, c.fee_bps, c.terms_hash,
    c.block_time AS created_at, c.block_number AS created_block, c.transaction_hash,
    sold.tickets AS tickets_sold, sold.entries, refunds.seed_missing AS refunds_seed_missing,
    proceeds.block_number IS NOT NULL AS proceeds_withdrawn,
    paid.ranks AS claimed_ranks, back.ranks AS returned_ranks,
    greatest(c.block_number, sold.block_number, refunds.block_number, paid.block_number, back.block_number,
        proceeds.block_number, requested.block_number, vrf.block_number, final.block_number) AS last_block,
    CASE WHEN refunds.block_number IS NOT NULL THEN 'refunding'
         WHEN final.block_number IS NOT NULL THEN 'drawn'
         WHEN requested.block_number IS NOT NULL THEN 'drawing'
         WHEN sold.tickets = c.max_tickets THEN 'closed'
         WHEN :now < c.closes_at THEN 'open'
         WHEN sold.tickets < c.min_tickets THEN 'refunding'
         ELSE 'closed' END AS state,
    {DRAW_COLUMNS}
FROM mirror.raffle_raffle_created c
CROSS JOIN LATERAL (
    SELECT coalesce(max(last.first_ticket + last.count), 0) AS tickets,
        coalesce(max(last.entry_index) + 1, 0) AS entries, max(last.block_number) AS block_number
    FROM (SELECT t.first_ticket, t.count, t.entry_index, t.block_number FROM mirror.raffle_tickets_bought t
          WHERE t.raffle_id = c.raffle_id ORDER BY t.first_ticket DESC LIMIT 1) last
) sold
LEFT JOIN mirror.raffle_raffle_options_fixed options ON options.raffle_id = c.raffle_id
LEFT JOIN mirror.raffle_refunds_opened refunds ON refunds.raffle_id = c.raffle_id
LEFT JOIN mirror.raffle_proceeds_withdrawn proceeds ON proceeds.raffle_id = c.raffle_id
CROSS JOIN LATERAL (
    SELECT array_agg(p.rank) AS ranks, max(p.block_number) AS block_number
    FROM mirror.raffle_prize_claimed p WHERE p.raffle_id = c.raffle_id
) paid
CROSS JOIN LATERAL (
    SELECT array_agg(p.rank) AS ranks, max(p.block_number) AS block_number
    FROM mirror.raffle_prize_returned p WHERE p.raffle_id = c.raffle_id
) back
{draw_joins(RAFFLE, "c.raffle_id")}
"""  # noqa: S608

_BY_ID = f"{_RAFFLES} WHERE c.raffle_id = ANY(CAST(CAST(:ids AS text[]) AS numeric[]))"

# Raffles that nobody has moved on since they were created, with what their state depends on besides the time.
WAITING = """
SELECT c.raffle_id AS id, c.organiser, c.closes_at, c.min_tickets, c.max_tickets, c.block_number,
    coalesce(last.first_ticket + last.count, 0) AS sold, last.block_number AS sold_block
FROM mirror.raffle_raffle_created c
LEFT JOIN LATERAL (
    SELECT t.first_ticket, t.count, t.block_number FROM mirror.raffle_tickets_bought t
    WHERE t.raffle_id = c.raffle_id ORDER BY t.first_ticket DESC LIMIT 1
) last ON true
WHERE NOT EXISTS (SELECT 1 FROM mirror.raffle_draw_requested d WHERE d.draw_id = c.raffle_id)
    AND NOT EXISTS (SELECT 1 FROM mirror.raffle_refunds_opened r WHERE r.raffle_id = c.raffle_id)
"""
IS_OPEN = "(w.sold < w.max_tickets AND w.closes_at > :now)"
IS_CLOSED = "(w.sold = w.max_tickets OR (w.closes_at <= :now AND w.sold >= w.min_tickets))"
IS_UNDERSOLD = "(w.sold < w.max_tickets AND w.closes_at <= :now AND w.sold < w.min_tickets)"
_IN_STATE = {
    RaffleState.OPEN: f"SELECT w.id FROM ({WAITING}) w WHERE {IS_OPEN}",  # noqa: S608
    RaffleState.CLOSED: f"SELECT w.id FROM ({WAITING}) w WHERE {IS_CLOSED}",  # noqa: S608
    RaffleState.DRAWING: """
SELECT d.draw_id AS id FROM mirror.raffle_draw_requested d
WHERE NOT EXISTS (SELECT 1 FROM mirror.raffle_draw_finalised f WHERE f.draw_id = d.draw_id)
    AND NOT EXISTS (SELECT 1 FROM mirror.raffle_refunds_opened r WHERE r.raffle_id = d.draw_id)""",
    # Refunds and a seed exclude each other.
    RaffleState.DRAWN: "SELECT f.draw_id AS id FROM mirror.raffle_draw_finalised f",
    RaffleState.REFUNDING: f"""
SELECT r.raffle_id AS id FROM mirror.raffle_refunds_opened r
UNION ALL SELECT w.id FROM ({WAITING}) w WHERE {IS_UNDERSOLD}""",  # noqa: S608
}

_OF_ORGANISER = "EXISTS (SELECT 1 FROM mirror.raffle_raffle_created o WHERE o.raffle_id = x.id AND o.organiser = :organiser)"

_ENTRIES = """
SELECT t.entry_index, t.buyer, t.first_ticket, t.count, t.paid, t.payer, t.block_time AS bought_at,
    t.block_number, t.transaction_hash, r.block_number IS NOT NULL AS refunded,
    r.transaction_hash AS refund_transaction_hash, greatest(t.block_number, r.block_number) AS last_block
FROM mirror.raffle_tickets_bought t
LEFT JOIN mirror.raffle_entry_refunded r ON r.raffle_id = t.raffle_id AND r.entry_index = t.entry_index
WHERE t.raffle_id = :raffle_id{conditions}
ORDER BY t.first_ticket LIMIT :limit
"""

_ENTRY_CONDITIONS = {"buyer": " AND t.buyer = :buyer", "after": " AND t.first_ticket > :after"}

_WINNERS = """
SELECT drawn.rank, drawn.ticket, entry.entry_index, entry.buyer, paid.recipient AS paid_to,
    paid.transaction_hash, greatest(entry.block_number, paid.block_number) AS last_block
FROM unnest(CAST(:ranks AS bigint[]), CAST(CAST(:tickets AS text[]) AS numeric[])) AS drawn(rank, ticket)
CROSS JOIN LATERAL (
    SELECT t.entry_index, t.buyer, t.block_number FROM mirror.raffle_tickets_bought t
    WHERE t.raffle_id = :raffle_id AND t.first_ticket <= drawn.ticket ORDER BY t.first_ticket DESC LIMIT 1
) entry
LEFT JOIN LATERAL (
    SELECT p.to_ AS recipient, p.transaction_hash, p.block_number FROM mirror.raffle_prize_claimed p
    WHERE p.raffle_id = :raffle_id AND p.rank = drawn.rank
) paid ON true
ORDER BY drawn.rank
"""


RaffleSort = Literal["-created_at", "created_at", "-closes_at", "closes_at"]
_IDS = 2**128
"""More raffles than there can be: they are counted."""
_CLOSING = "JOIN mirror.raffle_raffle_created o ON o.raffle_id = x.id"
_ORDERS: dict[RaffleSort, tuple[str, str, str]] = {
    "-created_at": ("", "x.id DESC", "x.id < :id"),
    "created_at": ("", "x.id", "x.id > :id"),
    "-closes_at": (
        _CLOSING,
        "o.closes_at DESC, o.raffle_id DESC",
        "(o.closes_at, o.raffle_id) < (:closes_at, :id)",
    ),
    "closes_at": (_CLOSING, "o.closes_at, o.raffle_id", "(o.closes_at, o.raffle_id) > (:closes_at, :id)"),
}
"""What is joined, the order, and what stands behind a place in it."""


async def find(db: AsyncConnection, as_of: AsOf, raffle_id: int) -> Raffle | None:
    """One raffle, or None where the mirror has none with this id."""
    rows = await fetch(
        db,
        f"{_RAFFLES} WHERE c.raffle_id = :raffle_id",
        raffle_id=raffle_id,
        now=as_of.unix_time,
        zero32=bytes(32),
    )
    return (await _raffles(db, as_of, rows))[0] if rows else None


async def page(
    db: AsyncConnection,
    as_of: AsOf,
    *,
    limit: int,
    state: RaffleState | None = None,
    organiser: bytes | None = None,
    before: int | None = None,
    sort: RaffleSort = "-created_at",
) -> list[Raffle]:
    """Raffles in the order of `sort`, those after the one whose `place_of` is `before`."""
    raffles = _IN_STATE[state] if state else "SELECT raffle_id AS id FROM mirror.raffle_raffle_created"
    conditions: list[str] = ["true"]
    values: dict[str, Any] = {"now": as_of.unix_time} if ":now" in raffles else {}
    table, order, after = _ORDERS[sort]
    if before is not None:
        conditions.append(after)
        values |= {"id": before % _IDS, "closes_at": before // _IDS} if table else {"id": before}
    if organiser is not None:
        raffles += "" if state else " WHERE organiser = :organiser"
        if state:
            conditions.append(_OF_ORGANISER)
        values["organiser"] = organiser
    found = await fetch(
        db,
        f"SELECT x.id FROM ({raffles}) x {table} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT :limit",  # noqa: S608
        limit=limit,
        **values,
    )
    place = {row["id"]: number for number, row in enumerate(found)}
    return sorted(await by_id(db, as_of, list(place)), key=lambda raffle: place[raffle.id])


def place_of(raffle: Raffle, sort: RaffleSort) -> int:
    """Where a raffle stands in that order; no change of it moves it."""
    if sort.endswith("created_at"):
        return raffle.id
    return int(raffle.closes_at.timestamp()) * _IDS + raffle.id


async def by_id(db: AsyncConnection, as_of: AsOf, ids: Sequence[int]) -> list[Raffle]:
    """The raffles with these ids, from the newest."""
    if not ids:
        return []
    rows = await fetch(
        db,
        f"{_BY_ID} ORDER BY c.raffle_id DESC",
        ids=[str(one) for one in ids],
        now=as_of.unix_time,
        zero32=bytes(32),
    )
    return await _raffles(db, as_of, rows)


async def entries(
    db: AsyncConnection, raffle_id: int, *, limit: int, buyer: bytes | None = None, after: int | None = None
) -> list[Entry]:
    """Entries in order of purchase, those whose first ticket lies after `after`."""
    wanted = {"buyer": buyer, "after": after}
    values = {name: value for name, value in wanted.items() if value is not None}
    conditions = "".join(_ENTRY_CONDITIONS[name] for name in values)
    query = _ENTRIES.replace("{conditions}", conditions)
    found = await fetch(db, query, raffle_id=raffle_id, limit=limit, **values)
    return [Entry.model_validate(row) for row in found]


async def winners(
    db: AsyncConnection, raffle: Raffle, *, limit: int, after: int | None = None
) -> list[Winner]:
    """Winners by rank, those after rank `after`; none before the seed is known. One query for all of them."""
    draw = raffle.draw
    if draw is None or draw.seed is None:
        return []
    first = 0 if after is None else after + 1
    last = min(draw.k, first + limit)
    if first >= last:
        return []
    drawn = winning_numbers(bytes.fromhex(draw.seed[2:]), draw.n, last)
    found = await fetch(
        db,
        _WINNERS,
        raffle_id=raffle.id,
        ranks=list(range(first, last)),
        tickets=[str(ticket) for ticket in drawn[first:]],
    )
    return [
        Winner.model_validate(
            {**row, "prize": raffle.prizes[row["rank"]], "claimed": row["paid_to"] is not None}
        )
        for row in found
    ]


async def _raffles(db: AsyncConnection, as_of: AsOf, rows: Sequence[dict[str, Any]]) -> list[Raffle]:
    """Rows → raffles, with the symbols of all their tokens looked up at once."""
    wanted = {row["payment_token"] for row in rows}
    prizes = [[_prize(rank, item) for rank, item in enumerate(row["prizes"])] for row in rows]
    wanted |= {prize["token"] for many in prizes for prize in many}
    known = await tokens.currencies(db, wanted, as_of.currency)
    raffles = []
    for row, many in zip(rows, prizes, strict=True):
        payment = known.get(row["payment_token"])
        paid, back = set(row["claimed_ranks"] or ()), set(row["returned_ranks"] or ())
        for prize in many:
            currency = None if prize["kind"] == "erc721" else known.get(prize["token"])
            prize |= {
                "symbol": currency and currency.symbol,
                "decimals": currency and currency.decimals,
                "claimed": prize["rank"] in paid,
                "returned": prize["rank"] in back,
            }
        raffles.append(
            Raffle.model_validate(
                {
                    **row,
                    "payment_symbol": payment and payment.symbol,
                    "payment_decimals": payment and payment.decimals,
                    "prizes": many,
                    "draw": draw_of(row),
                }
            )
        )
    return raffles


_KINDS = ("native", "erc20", "erc721")


def _prize(rank: int, item: Any) -> dict[str, Any]:
    """One element of the event's tuple array as the mirror stores it."""
    kind = _KINDS[int(item["kind"])]
    return {
        "rank": rank,
        "kind": kind,
        "token": bytes.fromhex(item["token"].removeprefix("0x")),
        "amount": int(item["amount"]),
        "token_id": int(item["token_id"]) if kind == "erc721" else None,
    }
