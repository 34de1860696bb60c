"""Raffles with options: price feeds, allow-lists, purchases by signature."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi import encode
from eth_utils import keccak

from listener.chain.draw.allow_list import AllowList, allow_key, allow_leaf
from tests.contracts.kit import HOUR, NATIVE, PRICE, ZERO, RaffleKit, native_prize
from tests.contracts.token_kit import sign_authorization

OPEN, CLOSED, DRAWING, DRAWN, REFUNDING = 1, 2, 3, 4, 5
ETHER = 10**18
CENT = 10**6  # of US dollars with 8 decimals
DOLLAR = 10**8
NO_PERMIT = (0, b"")
NO_OPTIONS: dict[str, Any] = {"feed": ZERO, "max_age": 0, "root": bytes(32), "salt": bytes(32)}
SALT = b"\x05" * 32
PURCHASE = "(uint256,uint64,address,uint256,uint64,bytes32[])"


def purchase(
    raffle_id: int,
    buyer: Any,
    *,
    count: int = 1,
    most: int = 2**255,
    allowance: int = 0,
    proof: Sequence[bytes] = (),
) -> tuple[Any, ...]:
    """IRaffle.Purchase."""
    return (raffle_id, count, buyer.address, most, allowance, list(proof))


def nonce_of(bought: tuple[Any, ...], payer: Any, after: int, before: int, salt: bytes) -> bytes:
    """The ERC-3009 nonce that ties a signature to a purchase."""
    types = [PURCHASE, "address", "uint256", "uint256", "bytes32"]
    return keccak(encode(types, [bought, payer.address, after, before, salt]))


def authorize(
    token: Any, raffle: Any, payer: Any, bought: tuple[Any, ...], *, salt: bytes = SALT, **changes: Any
) -> tuple[Any, ...]:
    """IRaffle.Authorization of a purchase, good for an hour; `changes` to what is signed."""
    after, before = 0, changes.pop("before", 2**40)
    told = changes.pop("told", bought)
    value = changes.pop("value", bought[3])
    nonce = nonce_of(told, payer, after, before, salt)
    terms = (payer.address, raffle.address, value, after, before, nonce)
    signature = sign_authorization(token, payer, "receiveWithAuthorization", terms)
    return (payer, after, before, salt, signature)


@dataclass(frozen=True)
class Guests:
    """An allow-list of one organiser: accounts and allowances."""

    raffle: Any
    chain: Any
    organiser: Any
    people: Sequence[tuple[Any, int]]
    salt: bytes = SALT

    @property
    def tree(self) -> AllowList:
        key = allow_key(self.organiser.address, self.salt)
        return AllowList(
            [
                allow_leaf(
                    chain_id=self.chain.chain_id,
                    contract=self.raffle.address,
                    key=key,
                    account=person.address,
                    allowance=allowance,
                )
                for person, allowance in self.people
            ]
        )

    def purchase(self, raffle_id: int, index: int, **changes: Any) -> tuple[Any, ...]:
        """What the person at `index` buys with the right proof."""
        person, allowance = self.people[index]
        given: dict[str, Any] = {"allowance": allowance, "proof": self.tree.proof(index)}
        return purchase(raffle_id, person, **(given | changes))


@dataclass(frozen=True)
class OptionsKit:
    """Raffles with options in one contract; POL costs a quarter of a dollar."""

    kit: RaffleKit
    feed: Any

    @property
    def raffle(self) -> Any:
        return self.kit.raffle

    def create(self, *, sender: Any = None, terms: dict[str, Any] | None = None, **options: Any) -> int:
        """A raffle with these options; its number."""
        chosen = self.kit.terms(**(terms or {}))
        value = sum(prize[2] for prize in chosen["prizes"] if prize[0] == NATIVE)
        given = tuple((NO_OPTIONS | options).values())
        self.raffle.createRaffleWith(
            tuple(chosen.values()), given, sender=sender or self.kit.organiser, value=value
        )
        return int(self.raffle.raffleCount())

    def in_dollars(self, price: int = DOLLAR, **terms: Any) -> int:
        """A raffle at a price in dollars, in POL unless the terms name a token."""
        return self.create(terms={"ticketPrice": price, **terms}, feed=self.feed, max_age=HOUR)

    def listed(self, guests: Guests, **terms: Any) -> int:
        return self.create(terms=terms, root=guests.tree.root, salt=guests.salt)


__all__ = ["PRICE", "Guests", "OptionsKit", "authorize", "native_prize", "nonce_of", "purchase"]
