"""Raffle and contest seen as one thing: something whose draw can be requested."""

from dataclasses import dataclass
from typing import Any, Protocol

from tests.contracts.kit import RaffleKit, event, finalise, native_prize, pass_until

N, K = 5, 2


class Subject(Protocol):
    """One contract with draws of N tickets or entries and K ranks."""

    contract: Any
    chain: Any

    def request(self, **options: Any) -> Any:
        """The receipt of a new draw's request."""

    def commitment(self, draw_id: int) -> bytes: ...


@dataclass(frozen=True)
class RaffleSubject:
    """Raffles of five tickets, two prizes; sold out, so the draw needs no close."""

    kit: RaffleKit
    buyer: Any

    @property
    def contract(self) -> Any:
        return self.kit.raffle

    @property
    def chain(self) -> Any:
        return self.kit.chain

    def open(self) -> int:
        """Sold out, and not yet requested."""
        raffle_id = self.kit.create(prizes=[native_prize(1), native_prize(2)], maxTickets=N, ticketPrice=1)
        self.contract.buyTickets(raffle_id, N, self.buyer, sender=self.buyer, value=N)
        return raffle_id

    def request(self, **options: Any) -> Any:
        return self.contract.requestDraw(self.open(), sender=self.buyer, **options)

    def commitment(self, draw_id: int) -> bytes:
        return bytes(self.contract.infoOf(draw_id).termsHash)


@dataclass(frozen=True)
class ContestSubject:
    """Contests over five entries, one winner and one alternate."""

    contract: Any
    chain: Any
    organiser: Any

    def config(self, number: int) -> tuple[Any, ...]:
        """The terms of the organiser's contest of this number."""
        salt = number.to_bytes(28) + bytes(4)  # rising, as the contract wants it
        return (salt, b"\1" * 32, N, 1, K - 1, b"\2" * 32, b"\3" * 32, b"\0" * 32, b"\4" * 32)

    def request(self, **options: Any) -> Any:
        config = self.config(self.contract.contestCount() + 1)
        return self.contract.open(config, sender=self.organiser, **options)

    def commitment(self, draw_id: int) -> bytes:
        return bytes(self.contract.drawOf(draw_id).commitment)


def draw_of(receipt: Any) -> Any:
    """The request's event: `drawId`, `vrfRequestId`, times."""
    return event(receipt, "DrawRequested")


def finalised(subject: Subject, draw_id: int, sender: Any) -> Any:
    return finalise(subject.contract, draw_id, subject.chain, sender)


def pass_cut_off(subject: Subject, draw_id: int, seconds: int = 0) -> None:
    """The next block is mined at the draw's cut-off, or so many seconds beside it."""
    pass_until(subject.chain, subject.contract.drawOf(draw_id).vrfDeadline + seconds)


__all__ = ["ContestSubject", "K", "N", "RaffleSubject", "Subject", "draw_of", "finalised", "pass_cut_off"]
