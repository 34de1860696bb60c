"""The wish to launch a token, with vesting or without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from backend.hexes import address_bytes, from_hex
from backend.intents.service import Spending
from backend.intents.wishes.base import Means, Part, Plan, Wish
from backend.intents.wishes.fields import NOBODY, Address, AmountOrNone, Id, Line, Node
from backend.intents.wishes.vesting import Curve, NewGrant

MOST_PLANS = 10
MOST_LAUNCH_GRANTS = 200
"""Of all plans of a launch: up to 5.4 million gas."""
FEATURES = {"mint": 1, "burn": 2, "pause": 4, "bridge": 8}


class LaunchPlan(Part):
    """A vesting plan in the new token; it belongs to whoever launches."""

    curve: Curve
    grants: list[NewGrant] = Field(min_length=1, max_length=MOST_LAUNCH_GRANTS)


class CreateToken(Wish):
    """Launch a token by the factory, its vesting plans with it; the fee is paid from the custodial wallet."""

    kind: Literal["create_token"]
    name: Annotated[str, Line] = Field(min_length=1, max_length=64)
    symbol: Annotated[str, Line] = Field(min_length=1, max_length=32)
    template_id: Id
    features: list[Literal["mint", "burn", "pause", "bridge"]] = Field(default_factory=list, max_length=4)
    admin: Address | None = Field(None, description="Null for nobody")
    recipient: Address | None = Field(
        None, description="Gets the supply that no plan takes; the wallet by default"
    )
    initial_supply: AmountOrNone
    cap: AmountOrNone = Field("0", description="0 for none")
    plans: list[LaunchPlan] = Field(default_factory=list, max_length=MOST_PLANS)
    salt: Node = Field(description="The same token cannot be launched twice with one salt")
    max_fee: AmountOrNone = Field(
        "0", description="The most to pay, in the factory's currency; what is over comes back or is not taken"
    )

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if sum(len(plan.grants) for plan in self.plans) > MOST_LAUNCH_GRANTS:
            raise ValueError(f"at most {MOST_LAUNCH_GRANTS} grants at once")
        return self

    async def plan(self, means: Means) -> Plan:
        """Where plans name the token, the factory says where it will be."""
        fee = int(self.max_fee)
        currency = str(await means.view("TokenFactory", "feeCurrency"))
        native = not any(address_bytes(currency))
        config = (
            self.name,
            self.symbol,
            self.admin or NOBODY,
            self.recipient or means.wallet,
            int(self.cap),
            int(self.initial_supply),
            int(self.template_id),
            sum(FEATURES[feature] for feature in set(self.features)),
        )
        salt, value = from_hex(self.salt), fee if native else 0
        if self.plans:
            token = str(await means.view("TokenFactory", "predictToken", means.wallet, config, salt))
            plans = [
                (one.curve.config(token), [grant.config() for grant in one.grants]) for one in self.plans
            ]
            launch = means.call("TokenFactory", "launch", config, plans, salt, fee, value=value)
        else:
            launch = means.call("TokenFactory", "createToken", config, salt, fee, value=value)
        if fee == 0:
            return [launch], []
        if native:
            return [launch], [Spending(None, fee)]
        return [means.approve(currency, "TokenFactory", fee), launch], [Spending(currency, fee)]

    def endows(self) -> Sequence[str | None]:
        """All of it is new: the wallet loses the fee only."""
        return [
            self.admin,
            self.recipient,
            *(grant.beneficiary for plan in self.plans for grant in plan.grants),
        ]


EXAMPLES: dict[str, Any] = {
    "create_token": {
        "name": "Clover",
        "symbol": "CLOV",
        "template_id": "1",
        "features": ["burn"],
        "initial_supply": "1000000000000000000000000",
        "salt": "0x" + "07" * 32,
    }
}
