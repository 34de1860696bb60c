"""Wishes about raffles: buying, claiming, moving one on, and creating one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from backend.chain import ContractRefused
from backend.contracts import Contracts
from backend.hexes import address_bytes, from_hex
from backend.intents.service import Call, Spending
from backend.intents.wishes.base import Means, OneCall, Part, Plan, Wish, address_of
from backend.intents.wishes.fields import (
    MOST_AT_ONCE,
    NOBODY,
    UINT256_MAX,
    Address,
    Amount,
    Amount96,
    Count,
    CountOrNone,
    EntryIndex,
    Id,
    Line,
    Node,
    Rank,
    Time,
    unix,
)

# Fields of IRaffle.Info in the order of the interface.
PAYMENT_TOKEN, TICKET_PRICE, PRICE_FEED, ALLOW_LIST_ROOT = 1, 2, 15, 17
# A price in US dollars may rise by this much until the purchase is mined, where no other limit is given.
SLACK_PERCENT = 2
MOST_PRIZES = 500
"""Of a raffle: up to 13 million gas."""
MOST_APPROVALS = 20
"""Tokens and NFTs that a raffle's prizes are taken from: each is a transaction of its own."""
PRIZE_KINDS = ("native", "erc20", "erc721")
_NO_PERMIT = (0, b"")
_NO_BYTES = bytes(32)


def _is_zero(address: str) -> bool:
    return not any(address_bytes(address))


class BuyTickets(Wish):
    """Buy tickets of an open raffle, paid from the custodial wallet."""

    kind: Literal["buy_tickets"]
    raffle_id: Id
    count: Count
    buyer: Address | None = Field(None, description="Who gets the tickets, as a gift; the wallet by default")
    max_payment: Amount | None = Field(
        None,
        description="Price in US dollars: the most to pay, smallest unit; the present price and 2 % by default",
    )
    allowance: CountOrNone | None = Field(
        None, description="Allow-list: the tickets the buyer's leaf grants, 0 for any number"
    )
    proof: list[Node] | None = Field(
        None, max_length=64, description="Allow-list: the Merkle proof of the buyer's leaf"
    )

    async def plan(self, means: Means) -> Plan:
        """POL raffles: one call with the price. Token raffles: approve exactly the price, then buy.

        With a price in US dollars, the most that may be taken is sent or approved; what is left of POL comes back.
        """
        raffle_id, count, buyer = int(self.raffle_id), int(self.count), self.buyer or means.wallet
        info: Any = await means.view("Raffle", "infoOf", raffle_id)
        token, cost = str(info[PAYMENT_TOKEN]), int(info[TICKET_PRICE]) * count
        is_native = _is_zero(token)
        function: tuple[Any, ...]
        if _is_zero(str(info[PRICE_FEED])) and not any(info[ALLOW_LIST_ROOT]):
            function = ("buyTickets", raffle_id, count, buyer)
        else:
            if not _is_zero(str(info[PRICE_FEED])):
                now = int(await means.view("Raffle", "quote", raffle_id, count))
                cost = int(self.max_payment) if self.max_payment else now * (100 + SLACK_PERCENT) // 100
            proof = [from_hex(node) for node in self.proof or []]
            purchase = (raffle_id, count, buyer, cost, int(self.allowance or 0), proof)
            function = ("buyTicketsWith", purchase, _NO_PERMIT)
        buy = means.call("Raffle", *function, value=cost if is_native else 0)
        if is_native:
            return [buy], [Spending(None, cost)]
        return [means.approve(token, "Raffle", cost), buy], [Spending(token, cost)]

    def pays(self, contracts: Contracts) -> Sequence[str | None]:
        """Whoever gets the tickets."""
        return [self.buyer]


class ClaimPrize(OneCall):
    """Have the prize of a rank paid to its winner, or, by the winner, to another address."""

    kind: Literal["claim_prize"]
    raffle_id: Id
    rank: Rank
    to: Address | None = None

    def function(self) -> tuple[Any, ...]:
        """The contract knows the winner."""
        raffle_id = int(self.raffle_id)
        if self.to:
            return "Raffle", "claimTo", raffle_id, self.rank, self.to
        return "Raffle", "claim", raffle_id, self.rank

    def pays(self, contracts: Contracts) -> Sequence[str | None]:
        """The other address."""
        return [self.to]


class WonPrize(Part):
    """A rank, and the entry that holds its winning ticket, as the reads give them."""

    rank: Rank
    entry_index: EntryIndex


class ClaimPrizes(OneCall):
    """Have the prizes of several ranks paid to their winners in one transaction."""

    kind: Literal["claim_prizes"]
    raffle_id: Id
    prizes: list[WonPrize] = Field(min_length=1, max_length=MOST_AT_ONCE)

    def function(self) -> tuple[Any, ...]:
        """The entries spare the contract a search."""
        ranks = [prize.rank for prize in self.prizes]
        return (
            "Raffle",
            "claimMany",
            int(self.raffle_id),
            ranks,
            [prize.entry_index for prize in self.prizes],
        )


class RefundEntry(OneCall):
    """Have an entry of a refunding raffle paid back to its buyer, or, by the buyer, to another address."""

    kind: Literal["refund_entry"]
    raffle_id: Id
    entry_index: EntryIndex
    to: Address | None = None

    def function(self) -> tuple[Any, ...]:
        """The contract knows the buyer."""
        raffle_id = int(self.raffle_id)
        if self.to:
            return "Raffle", "refundTo", raffle_id, self.entry_index, self.to
        return "Raffle", "refund", raffle_id, self.entry_index

    def pays(self, contracts: Contracts) -> Sequence[str | None]:
        """The other address."""
        return [self.to]


class RefundEntries(OneCall):
    """Have several entries paid back to their buyers in one transaction."""

    kind: Literal["refund_entries"]
    raffle_id: Id
    entry_indexes: list[EntryIndex] = Field(min_length=1, max_length=MOST_AT_ONCE)

    def function(self) -> tuple[Any, ...]:
        """All entries in one call."""
        return "Raffle", "refundMany", int(self.raffle_id), self.entry_indexes


class MoveRaffle(OneCall):
    """Have a raffle go on: ask for its draw, open its refunds, or pay its proceeds to the organiser. Anyone may."""

    kind: Literal["request_draw", "open_refunds", "withdraw_proceeds"]
    raffle_id: Id

    def function(self) -> tuple[Any, ...]:
        """The contract says whether it is time."""
        steps = {
            "request_draw": "requestDraw",
            "open_refunds": "openRefunds",
            "withdraw_proceeds": "withdrawProceeds",
        }
        return "Raffle", steps[self.kind], int(self.raffle_id)


class ReturnPrizes(OneCall):
    """Have prizes that nobody can win any more returned to the organiser. Anyone may."""

    kind: Literal["return_prizes"]
    raffle_id: Id
    ranks: list[Rank] = Field(min_length=1, max_length=MOST_AT_ONCE)

    def function(self) -> tuple[Any, ...]:
        """All ranks in one call."""
        return "Raffle", "returnPrizes", int(self.raffle_id), self.ranks


class FinishDraw(OneCall):
    """Hand drand's signature of the deciding round to a raffle or contest, which checks it and draws. Anyone may."""

    kind: Literal["finish_draw"]
    of: Literal["raffle", "contest"]
    id: Id
    signature: Annotated[str, StringConstraints(pattern=r"^0x([0-9a-fA-F]{2}){48,96}$")]

    def function(self) -> tuple[Any, ...]:
        """Both contracts take it alike."""
        name = {"raffle": "Raffle", "contest": "Contest"}[self.of]
        return name, "finalise", int(self.id), from_hex(self.signature)


class NewPrize(Part):
    """A prize that is brought: POL, an amount of a token, or one NFT."""

    kind: Literal["native", "erc20", "erc721"]
    token: Address | None = Field(None, description="Null for POL")
    amount: Amount | None = Field(None, description="Smallest unit; null for an NFT")
    token_id: Id | None = Field(None, description="Of an NFT")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        has = (self.token is not None, self.amount is not None, self.token_id is not None)
        wanted = {
            "native": (False, True, False),
            "erc20": (True, True, False),
            "erc721": (True, False, True),
        }
        if has != wanted[self.kind]:
            raise ValueError("native has an amount only, erc20 token and amount, erc721 token and token_id")
        return self

    def config(self) -> tuple[int, str, int, int]:
        """IRaffleTypes.Prize."""
        kind = PRIZE_KINDS.index(self.kind)
        return kind, self.token or NOBODY, int(self.amount or 0), int(self.token_id or 0)


class CreateRaffle(Wish):
    """Create a raffle of the custodial wallet's, whose prizes are taken from it now."""

    kind: Literal["create_raffle"]
    title: Annotated[str, Line] = Field(min_length=1, max_length=128)
    payment_token: Address | None = Field(None, description="Null for POL")
    ticket_price: Amount96
    in_dollars: bool = Field(
        False,
        description="The price is in US dollars with 8 decimals, by the feed that is configured for the token",
    )
    closes_at: Time
    min_tickets: Count
    max_tickets: Count
    max_per_buyer: CountOrNone = "0"
    prizes: list[NewPrize] = Field(min_length=1, max_length=MOST_PRIZES, description="By rank")
    allow_list_root: Node | None = Field(None, description="Who may buy; everybody by default")
    allow_list_salt: Node | None = Field(None, description="Chosen for this list, with its root")

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if (self.allow_list_root is None) != (self.allow_list_salt is None):
            raise ValueError("allow_list_root and allow_list_salt belong together")
        tokens = self._tokens()
        if any(amount > UINT256_MAX for amount in [self._native(), *tokens.values()]):
            raise ValueError("the prizes' amounts together are too large")
        if len(tokens) + len(self._nfts()) > MOST_APPROVALS:
            raise ValueError(f"at most {MOST_APPROVALS} different tokens and NFTs at once")
        return self

    def _native(self) -> int:
        return sum(int(prize.amount or 0) for prize in self.prizes if prize.kind == "native")

    def _tokens(self) -> dict[str, int]:
        """How much of each token."""
        needed: dict[str, int] = {}
        for prize in self.prizes:
            if prize.kind == "erc20" and prize.token:
                needed[prize.token] = needed.get(prize.token, 0) + int(prize.amount or 0)
        return needed

    def _nfts(self) -> list[tuple[str, int]]:
        return [
            (prize.token, int(prize.token_id or 0))
            for prize in self.prizes
            if prize.kind == "erc721" and prize.token
        ]

    async def plan(self, means: Means) -> Plan:
        """POL is sent along; of each token exactly what is needed is approved, and each NFT by its number."""
        native, tokens = self._native(), self._tokens()
        terms = (
            self.payment_token or NOBODY,
            int(self.ticket_price),
            unix(self.closes_at),
            int(self.min_tickets),
            int(self.max_tickets),
            int(self.max_per_buyer),
            self.title,
            [prize.config() for prize in self.prizes],
        )
        approvals = [
            means.approve(token, "Raffle", number) for token, number in [*tokens.items(), *self._nfts()]
        ]
        create = await self._create(means, terms, native)
        spendings = [Spending(token, amount) for token, amount in tokens.items()]
        return [*approvals, create], [*([Spending(None, native)] if native else []), *spendings]

    async def _create(self, means: Means, terms: tuple[Any, ...], native: int) -> Call:
        if not self.in_dollars and self.allow_list_root is None:
            return means.call("Raffle", "createRaffle", terms, value=native)
        feed, max_age = NOBODY, 0
        if self.in_dollars:
            feed, max_age = await means.view("Raffle", "priceFeedOf", self.payment_token or NOBODY)
            if _is_zero(feed):
                raise ContractRefused(
                    "No price feed is configured for this token: its raffles cannot be priced in US dollars.",
                    contract_error="no_price_feed",
                )
        root, salt = (from_hex(node) if node else _NO_BYTES for node in self._list())
        return means.call("Raffle", "createRaffleWith", terms, (feed, max_age, root, salt), value=native)

    def _list(self) -> tuple[str | None, str | None]:
        return self.allow_list_root, self.allow_list_salt

    def pays(self, contracts: Contracts) -> Sequence[str | None]:
        """The contract, which gives the prizes to whoever wins."""
        return [address_of(contracts, "Raffle")]


EXAMPLES: dict[str, Any] = {
    "buy_tickets": {"raffle_id": "1", "count": "3"},
    "claim_prize": {"raffle_id": "1", "rank": 0},
    "claim_prizes": {
        "raffle_id": "1",
        "prizes": [{"rank": 0, "entry_index": 4}, {"rank": 1, "entry_index": 2}],
    },
    "refund_entry": {"raffle_id": "1", "entry_index": 4},
    "refund_entries": {"raffle_id": "1", "entry_indexes": [2, 4]},
    "request_draw": {"raffle_id": "1"},
    "open_refunds": {"raffle_id": "1"},
    "withdraw_proceeds": {"raffle_id": "1"},
    "return_prizes": {"raffle_id": "1", "ranks": [2]},
    "finish_draw": {"of": "raffle", "id": "1", "signature": "0x" + "8f" * 48},
    "create_raffle": {
        "title": "Spring raffle",
        "ticket_price": "100000000000000000",
        "closes_at": "2030-01-01T12:00:00Z",
        "min_tickets": "10",
        "max_tickets": "100",
        "prizes": [{"kind": "native", "amount": "3000000000000000000"}],
    },
}
