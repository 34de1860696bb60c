"""One address at a glance: what it holds, takes part in, may claim, is granted and makes others vote with."""

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.mirror.reads import holders, participations, vesting
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.fields import Mirrored
from listener.mirror.reads.holders import Balance, Delegation
from listener.mirror.reads.participations import Participation
from listener.mirror.reads.vesting import Grant


class Overview(Mirrored):
    """The newest of each kind; the lists of each kind go on where this ends."""

    raffles: list[Participation] = Field(description="Newest first")
    grants: list[Grant] = Field(description="As beneficiary")
    offered: list[Grant] = Field(description="Grants the account may take over")
    balances: list[Balance]
    delegations: list[Delegation]


async def overview(db: AsyncConnection, as_of: AsOf, account: bytes, *, limit: int) -> Overview:
    """What an address takes part in, at most `limit` of each kind."""
    raffles = await participations.of_buyer(db, as_of, account, limit=limit)
    grants = await vesting.grants(db, as_of, limit=limit, beneficiary=account)
    offered = await vesting.grants(db, as_of, limit=limit, offered_to=account)
    balances = await holders.balances(db, as_of, account, limit=limit)
    delegations = await holders.delegations(db, account, limit=limit)
    parts: list[Mirrored] = [*raffles, *grants, *offered, *balances, *delegations]
    return Overview(
        raffles=raffles,
        grants=grants,
        offered=offered,
        balances=balances,
        delegations=delegations,
        last_block=max((part.last_block for part in parts), default=0),
    )
