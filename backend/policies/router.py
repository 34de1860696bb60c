"""Routes of one's own policy: how much, and to whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from sqlalchemy import select

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.db import Db
from backend.editions import IfMatch, edition, require, tell
from backend.errors import errors
from backend.intents.wishes.fields import Address
from backend.policies import owner
from backend.policies.owner import AddressNotNamed, TooManyAddresses
from backend.policies.recipients import allow_list_only
from backend.policies.schemas import AddressIn, AddressList, AddressOut, PolicyIn, PolicyOut
from backend.policies.tables import PolicyAddress
from backend.policies.view import show_policy
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/policy", tags=["policy"])
Named = Annotated[Address, Path(description="0x-address")]


@router.get("", summary="What my wallet may do", responses=errors(NotSignedIn))
async def read_policy(user: CurrentUser, services: ServicesDep, db: Db, response: Response) -> PolicyOut:
    """The limits in force, whoever set them, and changes that wait."""
    found = await show_policy(db, user.id, user.wallet_id, services.settings.cooling_off)
    tell(response, _edition(found))
    return found


@router.put(
    "",
    summary="Change what my wallet may do",
    responses=errors(NotSignedIn, ForeignOrigin, StepUpRequired),
)
async def change_policy(
    body: PolicyIn,
    user: SteppedUp,
    services: ServicesDep,
    db: Db,
    response: Response,
    if_match: IfMatch = None,
) -> PolicyOut:
    """More safety counts at once; less waits, and asking for the old state again withdraws it."""
    wait = services.settings.cooling_off
    await owner.lock(db, user)
    if if_match is not None:
        require(if_match, _edition(await show_policy(db, user.id, user.wallet_id, wait)))
    await owner.change(db, user, body, wait)
    changed = await show_policy(db, user.id, user.wallet_id, wait)
    tell(response, _edition(changed))
    return changed


def _edition(policy: PolicyOut) -> str:
    """Of what was set, whoever set it; what is spent does not count."""
    told = policy.model_dump(
        mode="json", exclude={"waiting_seconds": True, "limits": {"__all__": {"spent", "left"}}}
    )
    return edition(**told)


@router.get("/addresses", summary="Addresses I named", responses=errors(NotSignedIn))
async def list_addresses(user: CurrentUser, db: Db) -> AddressList:
    """Those on the list, and recipients that were named once."""
    only_listed = await allow_list_only(db, user.id)
    rows = await db.scalars(
        select(PolicyAddress)
        .where(PolicyAddress.user_id == user.id)
        .order_by(PolicyAddress.first_seen_at.desc(), PolicyAddress.address)
        .limit(owner.MOST_ADDRESSES)
    )
    return AddressList(items=[AddressOut.of(row, only_listed) for row in rows])


@router.put(
    "/addresses/{address}",
    summary="Put an address on my list",
    responses=errors(NotSignedIn, ForeignOrigin, StepUpRequired, TooManyAddresses),
)
async def add_address(
    address: Named, body: AddressIn, user: SteppedUp, services: ServicesDep, db: Db
) -> AddressOut:
    """It may receive after the waiting time; the account's e-mail address is told."""
    row = await owner.list_address(db, user, address, body.label, services.settings.cooling_off)
    return AddressOut.of(row, await allow_list_only(db, user.id))


@router.delete(
    "/addresses/{address}",
    status_code=204,
    summary="Forget an address",
    responses=errors(NotSignedIn, ForeignOrigin, AddressNotNamed),
)
async def forget_address(address: Named, user: CurrentUser, db: Db) -> None:
    """It counts at once; named again, the address is new."""
    await owner.forget_address(db, user, address)
