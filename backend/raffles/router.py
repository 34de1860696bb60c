"""Routes of raffles."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field, StringConstraints

from backend.caching.reads import kept, tagged
from backend.chain import ChainUnavailable, ContractRefused, view
from backend.consents.service import public_names
from backend.errors import NotFound, errors
from backend.hexes import address_bytes
from backend.mirror import Mirror, MirrorNotReady, Snapshot
from backend.pages import DEFAULT_LIMIT, AddressFilter, AsOfOut, ChainId, Cursor, Limit, Page, page, single
from backend.routing import Router
from backend.services import ServicesDep
from listener.mirror.reads import raffles
from listener.mirror.reads.raffles import Entry, Raffle, RaffleSort, RaffleState, Winner

TicketCount = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,12}$")]

router = Router(prefix="/raffles", tags=["raffles"])


class RaffleNotFound(NotFound):
    """No raffle with this number was created up to this block"""


class QuoteOut(BaseModel):
    """A price of this moment, smallest unit of the payment token, decimal."""

    count: str = Field(examples=["3"])
    payment: str = Field(examples=["1200000000000000000"])


class WinnerOut(Winner):
    """A winner, with the name of who allows it to stand here."""

    name: str | None = Field(description="Of an account here whose owner allows it", examples=["Ada"])


class RaffleOut(AsOfOut, Raffle):
    """One raffle, and the block it stands for."""


@router.get("", summary="Raffles", responses=errors(MirrorNotReady))
@kept
async def list_raffles(
    mirror: Mirror,
    state: Annotated[RaffleState | None, Query(description="Only those in this state")] = None,
    organiser: AddressFilter = None,
    sort: Annotated[RaffleSort, Query(description="By which time; `-` for the latest first")] = "-created_at",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Raffle]:
    """State is what the contract would say at the time of `as_of_block`. A cursor belongs to its order."""
    found = await raffles.page(
        mirror.db, mirror.as_of, limit=limit + 1, state=state, organiser=organiser, before=cursor, sort=sort
    )
    return page(mirror, found, limit, lambda raffle: raffles.place_of(raffle, sort))


@router.get("/{raffle_id}", summary="One raffle", responses=errors(RaffleNotFound, MirrorNotReady))
@kept
async def read_raffle(raffle_id: ChainId, mirror: Mirror) -> RaffleOut:
    """Terms, prizes, sales and how far its draw is."""
    raffle = await _existing(mirror, raffle_id)
    return single(mirror, RaffleOut, raffle)


@router.get(
    "/{raffle_id}/quote",
    summary="What tickets cost now",
    responses=errors(RaffleNotFound, MirrorNotReady, ContractRefused, ChainUnavailable),
)
async def quote_tickets(
    raffle_id: ChainId, services: ServicesDep, mirror: Mirror, count: Annotated[TicketCount, Query()] = "1"
) -> QuoteOut:
    """In the payment token; of a raffle priced in US dollars by the feed's present answer."""
    await _existing(mirror, raffle_id)
    payment = await view(services.rpc, services.contracts, "Raffle", "quote", [raffle_id, int(count)])
    return QuoteOut(count=count, payment=str(payment))


@router.get("/{raffle_id}/entries", summary="Purchases", responses=errors(RaffleNotFound, MirrorNotReady))
@kept
async def list_entries(
    raffle_id: ChainId,
    mirror: Mirror,
    buyer: AddressFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Entry]:
    """In order of purchase, each with its tickets and whether it was refunded."""
    await _existing(mirror, raffle_id)
    found = await raffles.entries(mirror.db, raffle_id, limit=limit + 1, buyer=buyer, after=cursor)
    return page(mirror, found, limit, lambda entry: entry.first_ticket)


@router.get(
    "/{raffle_id}/winners", summary="Winners by rank", responses=errors(RaffleNotFound, MirrorNotReady)
)
@tagged
async def list_raffle_winners(
    raffle_id: ChainId, mirror: Mirror, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[WinnerOut]:
    """Derived from the seed by TOMBOLA-1; empty until drawn. A prize is paid when someone claims it."""
    raffle = await _existing(mirror, raffle_id)
    found = await raffles.winners(mirror.db, raffle, limit=limit + 1, after=cursor)
    names = await public_names(mirror.db, [address_bytes(winner.buyer) for winner in found])
    named = [
        WinnerOut.model_validate({**dict(winner), "name": names.get(address_bytes(winner.buyer))})
        for winner in found
    ]
    answer = page(mirror, named, limit, lambda winner: winner.rank)
    return answer.model_copy(update={"final": answer.final and mirror.as_of.is_final([raffle])})


async def _existing(mirror: Snapshot, raffle_id: int) -> Raffle:
    raffle = await raffles.find(mirror.db, mirror.as_of, raffle_id)
    if raffle is None:
        raise RaffleNotFound(
            f"No raffle {raffle_id} was created up to block {mirror.as_of.block}. "
            "A new one shows within seconds."
        )
    return raffle
