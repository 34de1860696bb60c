"""What tests of draws do again and again, in one line each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eth_account import Account

from tests.contracts import quick_drand
from tools.oracle.prover import ProvingKey

ZERO = "0x" + "00" * 20
NATIVE_FACE = "0x0000000000000000000000000000000000001010"
HOUR = 3600
DAY = 24 * HOUR
REVEAL_DELAY = 900
MARGIN = 60
PRICE = 10**17
NATIVE, ERC20, ERC721 = 0, 1, 2
VRF_KEY = ProvingKey(0x746F6D626F6C61)
KEY_HASH = VRF_KEY.hash


def vrf_settings(coordinator: Any, subscription: int, gas: int = 100_000) -> tuple[Any, ...]:
    return (coordinator, subscription, KEY_HASH, gas, 3, True)


def no_vrf() -> tuple[Any, ...]:
    return (ZERO, 0, b"\0" * 32, 0, 0, False)


def native_prize(amount: int) -> tuple[Any, ...]:
    return (NATIVE, ZERO, amount, 0)


def erc20_prize(token: Any, amount: int) -> tuple[Any, ...]:
    return (ERC20, token, amount, 0)


def erc721_prize(token: Any, number: int) -> tuple[Any, ...]:
    return (ERC721, token, 0, number)


def event(receipt: Any, name: str) -> Any:
    """The only event of this name in a receipt."""
    (log,) = [log for log in receipt.events if log.event_name == name]
    return log


def now(chain: Any) -> int:
    """The time of the next block, when nothing else happens."""
    return int(chain.pending_timestamp)


def pass_until(chain: Any, time: int) -> None:
    """The next block is mined at `time` or later."""
    if now(chain) < time:
        chain.pending_timestamp = time


def finalise(
    contract: Any, draw_id: int, chain: Any, sender: Any, sign: Callable[[int], bytes] = quick_drand.sign
) -> Any:
    """Waits for the reveal and submits the draw's own round."""
    draw = contract.drawOf(draw_id)
    pass_until(chain, draw.revealAt + quick_drand.PERIOD * 2)
    return contract.finalise(draw_id, sign(draw.round), sender=sender)


PERMIT = ("owner address", "spender address", "value uint256", "nonce uint256", "deadline uint256")


def sign_permit(token: Any, owner: Any, spender: str, value: int, deadline: int) -> bytes:
    """An ERC-2612 permit over the token's own domain, r ‖ s ‖ v."""
    domain = token.eip712Domain()
    signed = Account.sign_typed_data(
        owner.private_key,
        {
            "name": token.name(),
            "version": "1",
            "chainId": domain.chainId,
            "verifyingContract": token.address,
        },
        {"Permit": [dict(zip(("name", "type"), field.split(), strict=True)) for field in PERMIT]},
        {
            "owner": owner.address,
            "spender": spender,
            "value": value,
            "nonce": token.nonces(owner),
            "deadline": deadline,
        },
    )
    return bytes(signed.signature)


@dataclass(frozen=True)
class RaffleKit:
    """One raffle contract and whoever runs raffles on it."""

    raffle: Any
    chain: Any
    organiser: Any
    coordinator: Any

    def terms(self, **changes: Any) -> dict[str, Any]:
        terms = {
            "paymentToken": ZERO,
            "ticketPrice": PRICE,
            "closesAt": now(self.chain) + HOUR,
            "minTickets": 1,
            "maxTickets": 1_000,
            "maxPerBuyer": 0,
            "title": "A raffle",
            "prizes": [native_prize(10**18)],
        }
        return terms | changes

    def create(self, **changes: Any) -> int:
        """A raffle with these terms; its number."""
        terms = self.terms(**changes)
        value = sum(prize[2] for prize in terms["prizes"] if prize[0] == NATIVE)
        for kind, token, _, _ in terms["prizes"]:
            if kind == ERC20:
                token.approve(self.raffle, 2**256 - 1, sender=self.organiser)
            if kind == ERC721:
                token.setApprovalForAll(self.raffle, True, sender=self.organiser)
        self.raffle.createRaffle(tuple(terms.values()), sender=self.organiser, value=value)
        return int(self.raffle.raffleCount())

    def buy(self, raffle_id: int, buyer: Any, count: int = 1) -> Any:
        return self.raffle.buyTickets(raffle_id, count, buyer, sender=buyer, value=PRICE * count)

    def close(self, raffle_id: int) -> None:
        pass_until(self.chain, self.raffle.infoOf(raffle_id).closesAt)
        self.chain.mine()

    def request(self, raffle_id: int) -> Any:
        self.close(raffle_id)
        return self.raffle.requestDraw(raffle_id, sender=self.organiser)

    def draw(self, raffle_id: int) -> bytes:
        """From any open state to the seed, without VRF."""
        self.request(raffle_id)
        finalise(self.raffle, raffle_id, self.chain, self.organiser)
        return bytes(self.raffle.drawOf(raffle_id).seed)
