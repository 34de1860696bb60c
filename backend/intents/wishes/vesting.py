"""Wishes about vesting: of beneficiaries, and of who makes plans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from backend.contracts import Contracts
from backend.intents.service import Spending
from backend.intents.wishes.base import Means, OneCall, Part, Plan, Wish
from backend.intents.wishes.fields import (
    MOST_AT_ONCE,
    NOBODY,
    Address,
    Amount96,
    BasisPoints,
    Id,
    Seconds,
    Time,
    unix,
)


class ReleaseVesting(OneCall):
    """Have what is releasable of a grant paid to its beneficiary."""

    kind: Literal["release_vesting"]
    grant_id: Id

    def function(self) -> tuple[Any, ...]:
        """Pays the beneficiary, whoever asks."""
        return "Vesting", "release", int(self.grant_id)


class DelegateVesting(OneCall):
    """Let an address vote with what is not released of one's grants (`delegatee` null: take the votes back)."""

    kind: Literal["delegate_vesting"]
    grant_ids: list[Id] = Field(min_length=1, max_length=MOST_AT_ONCE)
    delegatee: Address | None = None

    def function(self) -> tuple[Any, ...]:
        """All grants in one call."""
        return "Vesting", "delegate", [int(grant) for grant in self.grant_ids], self.delegatee or NOBODY


class OfferGrant(OneCall):
    """Offer one's grant to an address, which may accept it (`to` null: take the offer back)."""

    kind: Literal["offer_grant"]
    grant_id: Id
    to: Address | None = None

    def function(self) -> tuple[Any, ...]:
        """An offer to nobody takes the last one back."""
        return "Vesting", "proposeTransfer", int(self.grant_id), self.to or NOBODY

    def pays(self, contracts: Contracts) -> Sequence[str | None]:
        """Whoever may take the grant."""
        return [self.to]


class AcceptGrant(OneCall):
    """Take over a grant that was offered to the custodial wallet."""

    kind: Literal["accept_grant"]
    grant_id: Id

    def function(self) -> tuple[Any, ...]:
        """By the offer alone."""
        return "Vesting", "acceptTransfer", int(self.grant_id)


class VetoRecovery(OneCall):
    """End the recovery by which the plan's creator would give one's grant to another."""

    kind: Literal["veto_recovery"]
    grant_id: Id

    def function(self) -> tuple[Any, ...]:
        """The beneficiary may."""
        return "Vesting", "vetoRecovery", int(self.grant_id)


class Curve(Part):
    """How each grant of a plan vests: nothing before the cliff, then in steps up to the end of the duration."""

    start: Time
    cliff: Seconds = Field(description="Seconds after the start before which nothing is released")
    duration: Seconds = Field(description="Seconds after the start when everything is vested")
    step: Seconds = Field(1, description="Seconds; what is vested grows that often")
    start_unlock_bps: BasisPoints = Field(0, description="Hundredths of a percent vested at the start")

    def config(self, token: str) -> tuple[Any, ...]:
        """IVesting.PlanConfig."""
        return token, unix(self.start), self.cliff, self.duration, self.step, self.start_unlock_bps


class NewGrant(Part):
    """Who gets a grant, and how much."""

    beneficiary: Address
    amount: Amount96

    def config(self) -> tuple[str, int]:
        """IVesting.GrantInput."""
        return self.beneficiary, int(self.amount)


Grants = Annotated[list[NewGrant], Field(max_length=MOST_AT_ONCE)]


def total(grants: Sequence[NewGrant]) -> int:
    """What has to be brought for them."""
    return sum(int(grant.amount) for grant in grants)


class CreatePlan(Wish):
    """Make a vesting plan of the custodial wallet's, with first grants paid from it."""

    kind: Literal["create_plan"]
    token: Address
    curve: Curve
    grants: Grants = Field(default_factory=list)

    async def plan(self, means: Means) -> Plan:
        """Approve exactly what the grants take."""
        curve = self.curve.config(self.token)
        if not self.grants:
            return [means.call("Vesting", "createPlan", curve)], []
        amount = total(self.grants)
        grants = [grant.config() for grant in self.grants]
        create = means.call("Vesting", "createPlanFor", NOBODY, curve, grants)
        return [means.approve(self.token, "Vesting", amount), create], [Spending(self.token, amount)]

    def pays(self, contracts: Contracts) -> Sequence[str | None]:
        """The beneficiaries."""
        return [grant.beneficiary for grant in self.grants]


class CreateGrants(Wish):
    """Add grants to a plan of the custodial wallet's, paid from it."""

    kind: Literal["create_grants"]
    plan_id: Id
    grants: Grants = Field(min_length=1)

    async def plan(self, means: Means) -> Plan:
        """The plan says in which token; approve exactly what the grants take."""
        (token, *_), *_ = await means.view("Vesting", "planOf", int(self.plan_id))
        amount = total(self.grants)
        grants = [grant.config() for grant in self.grants]
        calls = [
            means.approve(token, "Vesting", amount),
            means.call("Vesting", "grant", int(self.plan_id), grants),
        ]
        return calls, [Spending(token, amount)]

    def pays(self, contracts: Contracts) -> Sequence[str | None]:
        """The beneficiaries."""
        return [grant.beneficiary for grant in self.grants]


class RevokeGrant(OneCall):
    """Take back what is not vested of a grant of one's plan."""

    kind: Literal["revoke_grant"]
    grant_id: Id

    def function(self) -> tuple[Any, ...]:
        """What is vested stays the beneficiary's."""
        return "Vesting", "revoke", int(self.grant_id)


class RenounceRevocation(OneCall):
    """Give up for good that grants of one's plan can be revoked."""

    kind: Literal["renounce_revocation"]
    plan_id: Id

    def function(self) -> tuple[Any, ...]:
        """There is no way back."""
        return "Vesting", "renounceRevocation", int(self.plan_id)


_GRANT = "18446744073709551616"
_SOMEBODY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
_CURVE = {"start": "2030-01-01T00:00:00Z", "cliff": 31_536_000, "duration": 126_144_000}
_GRANTS = [{"beneficiary": _SOMEBODY, "amount": "5000000000000000000"}]
EXAMPLES: dict[str, Any] = {
    "release_vesting": {"grant_id": _GRANT},
    "delegate_vesting": {"grant_ids": [_GRANT], "delegatee": _SOMEBODY},
    "offer_grant": {"grant_id": _GRANT, "to": _SOMEBODY},
    "accept_grant": {"grant_id": _GRANT},
    "veto_recovery": {"grant_id": _GRANT},
    "create_plan": {
        "token": "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
        "curve": _CURVE,
        "grants": _GRANTS,
    },
    "create_grants": {"plan_id": "1", "grants": _GRANTS},
    "revoke_grant": {"grant_id": _GRANT},
    "renounce_revocation": {"plan_id": "1"},
}
