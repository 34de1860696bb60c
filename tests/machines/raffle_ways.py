"""The rarer ways to buy: at a price in dollars, from an allow-list, by permit, by an ERC-3009 signature."""

from dataclasses import dataclass
from typing import Any

from eth_abi import encode
from eth_utils import keccak
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from listener.chain.draw.allow_list import AllowList, allow_key, allow_leaf
from tests.machines import signing
from tests.machines.crowd import (
    COIN,
    CONTRACTS,
    INFINITE,
    NATIVE,
    TRICKY,
    ZERO,
    CrowdMachine,
    edges,
    people,
    which,
)
from tests.machines.raffle_model import OPEN, RaffleModel

FEED_AGE = 3_600
# A quarter of a dollar, 8 decimals.
FIRST_ANSWER = 25_000_000
LIST_SALT = b"\5" * 32
PURCHASE = "(uint256,uint64,address,uint256,uint64,bytes32[])"
RECEIVE = (
    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,"
    "bytes32 nonce)"
)
PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"

counts = st.integers(1, 4)
fits = st.integers(0, 5)
extras = st.sampled_from([0] * 6 + [1, 50, -1])
guest_lists = st.one_of(
    st.none(), st.none(), st.dictionaries(people, st.sampled_from([0, 1, 3]), min_size=1, max_size=5)
)


def lately_open(machine: CrowdMachine) -> bool:
    """Whether somebody could buy, or a minute ago, or before all was sold."""
    time = machine.next_time
    return any(raffle.draw is None and time < raffle.closes_at + 60 for raffle in machine.subjects)


@dataclass
class Feed:
    """What the price feed answers."""

    answer: int
    updated_at: int
    complete: bool = True
    refuses: bool = False

    def problems(self, time: int) -> set[str]:
        wrong = set() if self.answer > 0 else {"RafflePriceNotPositive"}
        if not self.complete:
            wrong.add("RafflePriceRoundIncomplete")
        if not time - FEED_AGE <= self.updated_at <= time:
            wrong.add("RafflePriceStale")
        return {"RafflePriceUnavailable"} if self.refuses else wrong


class WaysToBuy(CrowdMachine):
    """Rules of those who buy with options; raffles with options are made by the machine itself."""

    def __init__(self) -> None:
        super().__init__()
        self.feed = Feed(FIRST_ANSWER, self.world.feed_since)
        self.salts = 0
        self.spent: tuple[Any, ...] | None = None

    # Terms

    def options(self, organiser: int, in_dollars: bool, guests: dict[int, int] | None) -> tuple[Any, ...]:
        """IRaffle.RaffleOptions."""
        feed = (self.world.feed, FEED_AGE) if in_dollars else (ZERO, 0)
        if guests is None:
            return (*feed, bytes(32), bytes(32))
        return (*feed, self.guest_list(organiser, guests).root, LIST_SALT)

    def guest_list(self, organiser: int, guests: dict[int, int]) -> AllowList:
        key = allow_key(self.people[organiser].address, LIST_SALT)
        place = {"chain_id": self.chain.chain_id, "contract": self.contract.address, "key": key}
        return AllowList(
            [
                allow_leaf(**place, account=self.people[who].address, allowance=allowance)
                for who, allowance in guests.items()
            ]
        )

    def shown(self, raffle: RaffleModel | None, friend: int, lie: bool) -> tuple[int, list[bytes], set[str]]:
        """Allowance and proof of whoever gets the tickets; a lie is about the allowance."""
        if raffle is None or raffle.guests is None:
            return (1, [], {"RaffleNotListed"}) if lie else (0, [], set())
        listed, guests = self.guest_list(raffle.organiser, raffle.guests), list(raffle.guests)
        if friend not in guests:
            return 0, listed.proof(0), {"RaffleNotListed"}
        allowance, proof = raffle.guests[friend], listed.proof(guests.index(friend))
        return (allowance + 1, proof, {"RaffleNotListed"}) if lie else (allowance, proof, set())

    def in_coins(self, index: int) -> RaffleModel | None:
        """Mostly an open raffle in the token that knows signatures."""
        fitting = [r for r in self.subjects if r.state(self.next_time) == OPEN and r.currency == COIN]
        if not fitting or index >= 15:
            return self.at(index, OPEN)  # type: ignore[no-any-return]
        self.touched = fitting[index % len(fitting)]
        return fitting[index % len(fitting)]

    @staticmethod
    def fitting(raffle: RaffleModel | None, friend: int, count: int, fit: int) -> tuple[int, int]:
        """Mostly somebody who may hold tickets, and not more of them than there are."""
        if raffle is None or not fit:
            return friend, count
        if raffle.guests:
            friend = sorted(raffle.guests)[friend % len(raffle.guests)]
        limits = [raffle.most - raffle.sold]
        most = (raffle.cap, (raffle.guests or {}).get(friend, 0))
        limits += [limit - raffle.bought_by(friend) for limit in most if limit]
        return friend, max(1, min(count, *limits))

    # What is wrong

    def buying(self, raffle: RaffleModel, friend: int, count: int) -> set[str]:
        """With any purchase, but for its payment."""
        wrong = set() if count else {"RaffleTicketsInvalid"}
        if raffle.state(self.next_time) != OPEN:
            wrong.add("RaffleNotOpen")
        if count > raffle.most - raffle.sold:
            wrong.add("RaffleSoldOut")
        if raffle.cap and raffle.bought_by(friend) + count > raffle.cap:
            wrong.add("RaffleBuyerCap")
        return wrong

    def buying_with(self, raffle: RaffleModel, friend: int, count: int, cost: int, most: int) -> set[str]:
        wrong = self.buying(raffle, friend, count)
        allowance = (raffle.guests or {}).get(friend, 0)
        if allowance and raffle.bought_by(friend) + count > allowance:
            wrong.add("RaffleAllowanceExceeded")
        if raffle.in_dollars:
            wrong |= self.feed.problems(self.next_time)
        return wrong | ({"RafflePaymentAboveMax"} if cost > most else set())

    def cost(self, raffle: RaffleModel | None, count: int) -> int:
        """Rounded up; as if there were a price where there is none."""
        if raffle is None:
            return 0
        if not raffle.in_dollars:
            return raffle.price * count
        return -(-raffle.price * count * 10**18 // max(self.feed.answer, 1))

    def bought(self, raffle: RaffleModel | None, friend: int, count: int, cost: int) -> None:
        assert raffle is not None
        raffle.entries.append((friend, raffle.sold + count))
        raffle.payments.append(cost)
        self.held[raffle.currency] += cost

    # Purchases

    @precondition(lately_open)
    @rule(
        index=which,
        who=people,
        friend=people,
        count=counts,
        extra=extras,
        room=extras,
        lie=st.sampled_from([False] * 9 + [True]),
        fit=fits,
        edge=edges,
    )
    def buy_with(
        self,
        index: int,
        who: int,
        friend: int,
        count: int,
        extra: int,
        room: int,
        lie: bool,
        fit: int,
        edge: int | None,
    ) -> None:
        """Any raffle; of POL what is too much comes back."""
        raffle = self.at(index, OPEN)
        self.come_to(raffle.closes_at if raffle else 0, edge)
        friend, count = self.fitting(raffle, friend, count, fit)
        cost = self.cost(raffle, count)
        allowance, proof, wrong = self.shown(raffle, friend, lie)
        most, value = max(0, cost + room), max(0, extra)
        if raffle is None:
            wrong = {"RaffleUnknown", *wrong}
        else:
            wrong |= self.buying_with(raffle, friend, count, cost, most)
            if raffle.currency == NATIVE:
                value = max(0, cost + extra)
                wrong |= self.paying(NATIVE, who) if value > cost else set()
            if value < cost if raffle.currency == NATIVE else value:
                wrong.add("RafflePaymentWrong")
            wrong |= self.taking(raffle.currency)
        purchase = (self.number(raffle), count, self.people[friend], most, allowance, proof)
        if self.attempt(wrong, lambda: self.act(who, "buyTicketsWith", purchase, (0, b""), value=value)):
            self.bought(raffle, friend, count, cost)

    @precondition(lately_open)
    @rule(
        index=which,
        who=people,
        payer=st.sampled_from([0, 1, 2, 3, 0, 1, 2, 4]),
        friend=people,
        count=counts,
        room=extras,
        spoilt=st.sampled_from([""] * 6 + ["count", "late", "again"]),
        fit=fits,
        edge=edges,
    )
    def buy_by_authorization(
        self,
        index: int,
        who: int,
        payer: int,
        friend: int,
        count: int,
        room: int,
        spoilt: str,
        fit: int,
        edge: int | None,
    ) -> None:
        """Whoever submits it, the payer's key signed for this purchase, now and once; contracts have no key."""
        raffle = self.in_coins(index)
        self.come_to(raffle.closes_at if raffle else 0, edge)
        friend, count = self.fitting(raffle, friend, count, fit)
        cost = self.cost(raffle, count)
        allowance, proof, wrong = self.shown(raffle, friend, False)
        most = max(0, cost + room)
        purchase = (self.number(raffle), count, self.people[friend].address, most, allowance, proof)
        if raffle is None:
            wrong = {"RaffleUnknown", *wrong}
        else:
            wrong |= self.buying_with(raffle, friend, count, cost, most)
            # The other token knows nothing of ERC-3009.
            wrong |= {NATIVE: {"RafflePaymentWrong"}, TRICKY: {""}}.get(raffle.currency, set())
        again = self.spent if spoilt == "again" else None
        if again:
            raffle, (friend, count, cost), purchase, authorization = again
            wrong = self.buying_with(raffle, friend, count, self.cost(raffle, count), purchase[3])
            wrong.add("ERC3009UsedAuthorization")
        else:
            authorization = self.authorized(purchase, payer, spoilt)
            if payer in CONTRACTS or spoilt == "count":
                wrong.add("ERC3009InvalidSignature")
            if spoilt == "late":
                wrong.add("ERC3009InvalidAuthorizationTime")
        call = "buyTicketsByAuthorization"
        if self.attempt(wrong, lambda: self.act(who, call, purchase, authorization)):
            self.bought(raffle, friend, count, cost)
            self.spent = raffle, (friend, count, cost), purchase, authorization

    def authorized(self, purchase: tuple[Any, ...], payer: int, spoilt: str) -> tuple[Any, ...]:
        """IRaffle.Authorization, signed for this purchase or for one more ticket."""
        self.salts += 1
        salt, before = self.salts.to_bytes(32), self.next_time if spoilt == "late" else 2**40
        told = (purchase[0], purchase[1] + (spoilt == "count"), *purchase[2:])
        person = self.people[payer].address
        types = [PURCHASE, "address", "uint256", "uint256", "bytes32"]
        nonce = keccak(encode(types, [told, person, 0, before, salt]))
        terms = (person, self.contract.address, purchase[3], 0, before, nonce)
        return (person, 0, before, salt, self.signed(payer, signing.struct_hash(RECEIVE, *terms)))

    @precondition(lately_open)
    @rule(
        index=which,
        who=st.integers(0, 2),
        friend=people,
        count=counts,
        spoilt=st.sampled_from([""] * 4 + ["value", "late", "signer"]),
        fit=fits,
        edge=edges,
    )
    def buy_by_permit(
        self, index: int, who: int, friend: int, count: int, spoilt: str, fit: int, edge: int | None
    ) -> None:
        """In one transaction without an approval; the other token knows no permits and is approved."""
        raffle, coin = self.in_coins(index), self.world.tokens[0]
        coin.approve(self.contract, 0, sender=self.people[who])
        self.come_to(raffle.closes_at if raffle else 0, edge)
        friend, count = self.fitting(raffle, friend, count, fit)
        cost = self.cost(raffle, count)
        deadline = self.next_time - 1 if spoilt == "late" else self.next_time
        if raffle is None:
            wrong = {"RaffleUnknown"}
        else:
            wrong = self.buying(raffle, friend, count) | self.taking(raffle.currency)
            if raffle.has_options:
                wrong.add("RaffleOptionsNeeded")
            if raffle.currency == NATIVE:
                wrong.add("RafflePaymentWrong")
            if raffle.currency == COIN and spoilt:
                wrong.add("ERC20InsufficientAllowance")
        owner, value = self.people[who].address, cost + (spoilt == "value")
        terms = (owner, self.contract.address, value, coin.nonces(owner), deadline)
        signer = who + 1 if spoilt == "signer" else who
        signature = self.signed(signer, signing.struct_hash(PERMIT, *terms))
        arguments = (self.number(raffle), count, self.people[friend], deadline, signature)
        if self.attempt(wrong, lambda: self.act(who, "buyTicketsWithPermit", *arguments)):
            self.bought(raffle, friend, count, cost)
        coin.approve(self.contract, INFINITE, sender=self.people[who])

    def signed(self, who: int, struct: bytes) -> bytes:
        """By the person's key, or by another where there is none."""
        domain = signing.separator("Coin", "1", self.chain.chain_id, self.world.tokens[0].address)
        return signing.sign(self.chain.accounts[9 if who in CONTRACTS else who], domain, struct)

    # The feed

    @rule(
        answer=st.sampled_from([FIRST_ANSWER, 1, 3 * 10**9, 10**12, 0, -1]),
        age=st.sampled_from([0, 0, 0, 0, FEED_AGE, FEED_AGE + 1, -5]),
        complete=st.sampled_from([True] * 5 + [False]),
        refuses=st.sampled_from([False] * 7 + [True]),
    )
    def change_price(self, answer: int, age: int, complete: bool, refuses: bool) -> None:
        """What was bought before stays paid as it was."""
        feed, owner, time = self.world.feed, self.world.owner, self.chain.timestamp
        feed.behave(1 if refuses else 0, sender=owner)
        feed.setRound(9, answer, time - age, 9 if complete else 8, sender=owner)
        self.feed = Feed(answer, time - age, complete, refuses)

    def check_price(self, raffle: RaffleModel) -> None:
        """What it says of the price for two tickets."""
        if not raffle.in_dollars:
            assert self.contract.quote(raffle.number, 2) == 2 * raffle.price
        elif not self.feed.problems(self.chain.timestamp):
            assert self.contract.quote(raffle.number, 2) == self.cost(raffle, 2)
