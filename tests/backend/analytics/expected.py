"""What the figures should be, by plain Python over the events, one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.backend.reads.facts import Event
from tests.backend.reads.naive import ZERO

Key = tuple[str, str, str, datetime, str]
"""Scope, metric, span, beginning, dimension."""


class Expected:
    """Figures of everything that happened so far."""

    def __init__(self) -> None:
        self.values: dict[Key, int] = defaultdict(int)
        self.raffles: dict[int, dict[str, Any]] = {}
        self.plans: dict[int, dict[str, Any]] = {}
        self.grants: dict[int, int] = {}
        self.players: dict[tuple[str, str, datetime], set[bytes]] = defaultdict(set)
        self.balances: dict[bytes, dict[bytes, int]] = defaultdict(lambda: defaultdict(int))
        self.seen: set[bytes] = set()
        self.hour = self.day = datetime.min

    def figures(self) -> dict[Key, int]:
        """All that are not zero, and levels."""
        distinct = {
            (scope, "players", span, at, ""): len(who) for (scope, span, at), who in self.players.items()
        }
        return {key: value for key, value in self.values.items() if value or key[1] == "top_10"} | distinct

    def block(self, events: Iterable[Event], time: int) -> None:
        """Let a block's events happen."""
        self.hour = datetime.fromtimestamp(time, UTC).replace(minute=0, second=0)
        self.day = self.hour.replace(hour=0)
        for one in events:
            known = getattr(self, f"_{one.contract}_{one.name}", None)
            if known is not None:
                known(dict(one.arguments))

    def _add(self, metric: str, scopes: Iterable[str], value: int = 1, dimension: str = "") -> None:
        for scope in ["", *scopes]:
            self.values[scope, metric, "hour", self.hour, dimension] += value

    def _raffle(self, number: int) -> tuple[list[str], str]:
        terms = self.raffles[number]
        return ["o" + terms["organiser"].hex(), f"r{number}"], terms["paymentToken"].hex()

    def _Raffle_RaffleCreated(self, a: dict[str, Any]) -> None:
        self.raffles[a["raffleId"]] = a
        self._add("raffles", ["o" + a["organiser"].hex()], dimension=a["paymentToken"].hex())

    def _Raffle_TicketsBought(self, a: dict[str, Any]) -> None:
        scopes, token = self._raffle(a["raffleId"])
        self._add("entries", scopes, 1, token)
        self._add("tickets", scopes, a["count"], token)
        self._add("volume", scopes, a["paid"], token)
        if a["buyer"] not in self.seen:
            self.seen.add(a["buyer"])
            self._add("new_players", [])
        for scope in ["", *scopes]:
            self.players[scope, "hour", self.hour].add(a["buyer"])
            self.players[scope, "day", self.day].add(a["buyer"])

    def _Raffle_EntryRefunded(self, a: dict[str, Any]) -> None:
        scopes, token = self._raffle(a["raffleId"])
        self._add("refunds", scopes, a["amount"], token)

    def _Raffle_RefundsOpened(self, a: dict[str, Any]) -> None:
        self._add("refunds_opened", self._raffle(a["raffleId"])[0][:1])

    def _Raffle_DrawFinalised(self, a: dict[str, Any]) -> None:
        self._add("draws", self._raffle(a["drawId"])[0][:1])

    def _Raffle_PrizeClaimed(self, a: dict[str, Any]) -> None:
        self._add("prizes_claimed", self._raffle(a["raffleId"])[0])

    def _Raffle_ProceedsWithdrawn(self, a: dict[str, Any]) -> None:
        scopes, token = self._raffle(a["raffleId"])
        self._add("proceeds", scopes, a["amount"], token)
        self._add("fees", scopes, a["fee"], token)

    def _TokenFactory_TokenCreated(self, a: dict[str, Any]) -> None:
        self._add("tokens", ["o" + a["creator"].hex()])

    def _TokenFactory_FeePaid(self, a: dict[str, Any]) -> None:
        self._add("launch_fees", [], a["amount"], a["currency"].hex())

    def _Token_Transfer(self, a: dict[str, Any]) -> None:
        token, giver, receiver, value = a["_at"], a["from"], a["to"], a["value"]
        scopes, name = ["t" + token.hex()], token.hex()
        self._add("transfers", scopes, 1, name)
        if ZERO not in (giver, receiver):
            self._add("transferred", scopes, value, name)
        self._add("supply", scopes, value * ((giver == ZERO) - (receiver == ZERO)), name)
        holding = self.balances[token]
        before = _holders(holding)
        holding[receiver] += value
        holding[giver] -= value
        self._add("holders", scopes, _holders(holding) - before, name)
        largest = sorted((has for who, has in holding.items() if who != ZERO), reverse=True)[:10]
        for scope in ["", *scopes]:
            self.values[scope, "top_10", "day", self.day, name] = sum(largest)

    def _Vesting_PlanCreated(self, a: dict[str, Any]) -> None:
        self.plans[a["planId"]] = a

    def _vested(self, metric: str, plan_id: int, amount: int) -> None:
        plan = self.plans[plan_id]
        self._add(metric, ["o" + plan["creator"].hex(), f"v{plan_id}"], amount, plan["token"].hex())

    def _Vesting_Granted(self, a: dict[str, Any]) -> None:
        self.grants[a["grantId"]] = a["planId"]
        self._vested("granted", a["planId"], a["amount"])

    def _Vesting_Released(self, a: dict[str, Any]) -> None:
        self._vested("released", self.grants[a["grantId"]], a["amount"])

    def _Vesting_Revoked(self, a: dict[str, Any]) -> None:
        self._vested("returned", self.grants[a["grantId"]], a["returned"])

    def _Governor_ProposalCreated(self, _a: dict[str, Any]) -> None:
        self._add("proposals", [])

    def _Governor_VoteCast(self, a: dict[str, Any]) -> None:
        self._add("votes", [], 1, str(a["support"]))
        self._add("vote_weight", [], a["weight"], str(a["support"]))

    _Governor_VoteCastWithParams = _Governor_VoteCast


def _holders(holding: dict[bytes, int]) -> int:
    return sum(amount > 0 for who, amount in holding.items() if who != ZERO)


def days_ago(count: float) -> int:
    """Unix seconds of a midnight so many days ago, UTC."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - timedelta(days=count)).timestamp())
