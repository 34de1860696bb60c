"""Wishes about money itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from backend.contracts import ERC20, Contracts
from backend.intents.service import Call, Spending
from backend.intents.wishes.base import Means, OneCall, Plan, Wish
from backend.intents.wishes.fields import NOBODY, Address, Amount
from listener.chain.encode import encode_call


class Transfer(Wish):
    """Send POL (`token` null) or a token from the custodial wallet."""

    kind: Literal["transfer"]
    token: Address | None = None
    to: Address
    amount: Amount

    async def plan(self, means: Means) -> Plan:
        """One call, of the receiver or of the token."""
        amount = int(self.amount)
        spending = Spending(self.token, amount)
        if self.token is None:
            return [Call(self.to, b"", amount)], [spending]
        return [Call(self.token, encode_call(ERC20, "transfer", [self.to, amount]))], [spending]

    def pays(self, contracts: Contracts) -> Sequence[str | None]:
        """The receiver."""
        return [self.to]


class PayRaffleFees(OneCall):
    """Have the fees of raffles in a currency paid to the treasury they belong to (`token` null: POL). Anyone may."""

    kind: Literal["pay_raffle_fees"]
    treasury: Address
    token: Address | None = None

    def function(self) -> tuple[Any, ...]:
        """The raffle contract knows whose fees they are."""
        return "Raffle", "payFees", self.treasury, self.token or NOBODY


class WithdrawFactoryFees(OneCall):
    """Have the token factory's fees in a currency paid to its treasury (`token` null: POL). Anyone may."""

    kind: Literal["withdraw_factory_fees"]
    token: Address | None = None

    def function(self) -> tuple[Any, ...]:
        """The factory pays its treasury only."""
        return "TokenFactory", "withdrawFees", self.token or NOBODY


EXAMPLES: dict[str, Any] = {
    "transfer": {"token": None, "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "amount": str(10**18)},
    "pay_raffle_fees": {"treasury": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "token": None},
    "withdraw_factory_fees": {"token": None},
}
