"""Raffles as the chain has them, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from eth_utils.address import to_checksum_address

from listener.chain.draw.terms import Prize, PrizeKind, RaffleTerms
from scripts._desk import Desk, TokenFacts
from scripts._given import DeskError, when


class State(IntEnum):
    """IRaffleTypes.State."""

    NONE, OPEN, CLOSED, DRAWING, DRAWN, REFUNDING = range(6)


@dataclass(frozen=True, slots=True)
class Raffle:
    """A raffle as the chain has it at the reader's block."""

    id: int
    state: State
    info: dict[str, Any]
    token: TokenFacts
    draw: dict[str, Any]
    due: int
    """Unix seconds from which refunds are due where no seed came."""

    def next_step(self) -> str:
        """What can be done now, and by which command."""
        run = f"ape run raffle {{}} {self.id}"
        return {
            State.OPEN: f"on sale until {when(self.info['closesAt'])}",
            State.CLOSED: run.format("close"),
            State.DRAWING: f"{run.format('finalise')}, from {when(self.draw['revealAt'])}; "
            f"if no seed comes, {run.format('refund')} from {when(self.due)}",
            State.DRAWN: f"{run.format('claim')}, {run.format('proceeds')}",
            State.REFUNDING: run.format("refund"),
        }[self.state]


class Raffles:
    """The raffle contract of a desk's registry."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def raffle(self, raffle_id: int) -> Raffle:
        """Raises DeskError for a number that no raffle has."""
        count = self.view("raffleCount")
        if not 1 <= raffle_id <= count:
            raise DeskError(f"There is no raffle {raffle_id}: they are numbered from 1 to {count}.")
        info = self.view("infoOf", raffle_id)
        return Raffle(
            raffle_id,
            State(self.view("stateOf", raffle_id)),
            info,
            self.desk.token(info["paymentToken"]),
            self.view("drawOf", raffle_id),
            self.view("refundDueAt", raffle_id),
        )

    def feed(self, token: str) -> tuple[str, int]:
        """The configured feed of US dollars per token, and the maximal age of its answers."""
        address, age = self.view("priceFeedOf", token)
        return address, age

    def lines(self, raffle: Raffle) -> Iterator[str]:
        """Where it stands, with every prize."""
        info, tell = raffle.info, raffle.token.tell
        (created,) = self.desk.logs("Raffle", "RaffleCreated", raffle.id)
        yield f"raffle      {raffle.id}, {created.args['title']!r}, of {info['organiser']}"
        yield f"state       {raffle.state.name.lower()}"
        usd = int(info["priceFeed"], 16) > 0
        price = f"{info['ticketPrice'] / 10**8:.2f} US dollars" if usd else tell(info["ticketPrice"])
        yield f"price       {price}"
        yield (
            f"tickets     {info['ticketsSold']} sold in {info['entryCount']} entries; "
            f"at least {info['minTickets']}, at most {info['maxTickets']}"
        )
        yield f"closes      {when(info['closesAt'])}"
        if raffle.draw["requestedAt"]:
            word = "with a VRF word" if raffle.draw["vrfWord"] else "without a VRF word"
            yield f"draw        drand round {raffle.draw['round']}, {word}"
        settled = self.settled(raffle)
        for rank, prize in enumerate(self.view("prizesOf", raffle.id)):
            kind, token, amount, token_id = prize
            given = Prize(PrizeKind(kind), to_checksum_address(token), amount, token_id)
            yield f"rank {rank:<7}{self.told(given)}{self._fate(raffle, rank, settled)}"
        if raffle.state is State.DRAWN:
            yield f"proceeds    {'paid' if info['proceedsWithdrawn'] else 'not paid yet'}"
        over = len(settled) == info["prizeCount"] and (
            info["proceedsWithdrawn"] or (raffle.state is State.REFUNDING and not self.owed(raffle))
        )
        yield f"next        {'nothing, all is paid' if over else raffle.next_step()}"

    def terms_lines(self, terms: RaffleTerms) -> Iterator[str]:
        options, token = terms.options, self.desk.token(terms.payment_token)
        yield f"title       {terms.title!r}"
        if options is not None and options.max_price_age:
            yield f"price       {terms.ticket_price / 10**8:.2f} US dollars, paid in {token.symbol}"
        else:
            yield f"price       {token.tell(terms.ticket_price)}"
        cap = f", at most {terms.max_per_buyer} for one buyer" if terms.max_per_buyer else ""
        yield f"tickets     {terms.min_tickets} to {terms.max_tickets}{cap}"
        yield f"closes      {when(terms.closes_at)}"
        for rank, prize in enumerate(terms.prizes):
            yield f"rank {rank:<7}{self.told(prize)}"
        if options is not None and any(options.allow_list_root):
            yield f"for         those on the list of root 0x{options.allow_list_root.hex()}"

    def told(self, prize: Prize) -> str:
        if prize.kind is PrizeKind.ERC721:
            return f"NFT {prize.token_id} of {prize.token}"
        return self.desk.token(prize.token).tell(prize.amount)

    def settled(self, raffle: Raffle) -> dict[int, str]:
        """Ranks whose prize was paid or returned, and which of the two; no view tells returned ones."""
        fates = {"PrizeClaimed": "paid", "PrizeReturned": "returned"}
        return {
            log.args["rank"]: fate
            for event, fate in fates.items()
            for log in self.desk.logs("Raffle", event, raffle.id)
        }

    def owed(self, raffle: Raffle) -> list[int]:
        """Entries that were not paid back."""
        entries = range(raffle.info["entryCount"])
        refunded = self.desk.views("Raffle", "isRefunded", ((raffle.id, entry) for entry in entries))
        return [entry for entry, done in zip(entries, refunded, strict=True) if not done]

    def _fate(self, raffle: Raffle, rank: int, settled: Mapping[int, str]) -> str:
        if rank in settled:
            return f", {settled[rank]}"
        if raffle.state is State.DRAWN and rank < raffle.draw["k"]:
            ticket, _, winner = self.view("winnerOf", raffle.id, rank)
            return f", won by ticket {ticket} of {winner}"
        return ""

    def view(self, function: str, *arguments: Any) -> Any:
        return self.desk.view("Raffle", function, *arguments)


__all__ = ["Raffle", "Raffles", "State"]
