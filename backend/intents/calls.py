"""From a wish to transactions: which calls to sign, and what money they take."""

from __future__ import annotations

from typing import Any

from backend.chain import view
from backend.contracts import ERC20, Contracts
from backend.hexes import address_bytes, from_hex
from backend.intents.schemas import (
    AcceptGrant,
    BuyTickets,
    ClaimPrize,
    ClaimPrizes,
    DelegateVesting,
    IntentIn,
    OfferGrant,
    RefundEntries,
    RefundEntry,
    ReleaseVesting,
    Transfer,
    VetoRecovery,
)
from backend.intents.service import Call, Spending
from listener.chain.encode import encode_call
from listener.chain.rpc import RpcPool

# Fields of IRaffle.Info in the order of the interface.
PAYMENT_TOKEN, TICKET_PRICE, PRICE_FEED, ALLOW_LIST_ROOT = 1, 2, 15, 17
# A price in US dollars may rise by this much until the purchase is mined, where no other limit is given.
SLACK_PERCENT = 2
NO_PERMIT = (0, b"")
NOBODY = "0x" + "00" * 20


async def plan(
    wish: IntentIn, wallet_address: str, rpc: RpcPool, contracts: Contracts
) -> tuple[list[Call], list[Spending]]:
    """Calls in the order they must be mined, and what they spend.

    Raises ContractRefused, ChainUnavailable.
    """
    match wish:
        case BuyTickets():
            return await _buy(wish, wallet_address, rpc, contracts)
        case ClaimPrize() | ClaimPrizes() | RefundEntry() | RefundEntries():
            function, *arguments = _payout(wish)
            return [_call(contracts, "Raffle", function, int(wish.raffle_id), *arguments)], []
        case ReleaseVesting() | DelegateVesting() | OfferGrant() | AcceptGrant() | VetoRecovery():
            return [_call(contracts, "Vesting", *_on_grants(wish))], []
        case Transfer():
            return _transfer(wish), [Spending(wish.token, int(wish.amount))]


def _payout(wish: ClaimPrize | ClaimPrizes | RefundEntry | RefundEntries) -> tuple[Any, ...]:
    """Function and arguments after the raffle's number."""
    match wish:
        case ClaimPrize():
            return ("claimTo", wish.rank, wish.to) if wish.to else ("claim", wish.rank)
        case ClaimPrizes(prizes=prizes):
            return "claimMany", [prize.rank for prize in prizes], [prize.entry_index for prize in prizes]
        case RefundEntry():
            return ("refundTo", wish.entry_index, wish.to) if wish.to else ("refund", wish.entry_index)
        case RefundEntries():
            return "refundMany", wish.entry_indexes


def _on_grants(
    wish: ReleaseVesting | DelegateVesting | OfferGrant | AcceptGrant | VetoRecovery,
) -> tuple[Any, ...]:
    """Function and arguments."""
    match wish:
        case ReleaseVesting():
            return "release", int(wish.grant_id)
        case DelegateVesting():
            return "delegate", [int(grant_id) for grant_id in wish.grant_ids], wish.delegatee or NOBODY
        case OfferGrant():
            return "proposeTransfer", int(wish.grant_id), wish.to or NOBODY
        case AcceptGrant():
            return "acceptTransfer", int(wish.grant_id)
        case VetoRecovery():
            return "vetoRecovery", int(wish.grant_id)


async def _buy(
    wish: BuyTickets, wallet_address: str, rpc: RpcPool, contracts: Contracts
) -> tuple[list[Call], list[Spending]]:
    """POL raffles: one call with the price. Token raffles: approve exactly the price, then buy.

    With a price in US dollars, the most that may be taken is sent or approved; what is left of POL comes back.
    """
    raffle_id, count, buyer = int(wish.raffle_id), int(wish.count), wish.buyer or wallet_address
    info: Any = await view(rpc, contracts, "Raffle", "infoOf", [raffle_id])
    token, cost = str(info[PAYMENT_TOKEN]), int(info[TICKET_PRICE]) * count
    is_native = _is_zero(token)
    if _is_zero(str(info[PRICE_FEED])) and not any(info[ALLOW_LIST_ROOT]):
        data = contracts.encode("Raffle", "buyTickets", [raffle_id, count, buyer])
    else:
        if not _is_zero(str(info[PRICE_FEED])):
            now = int(await view(rpc, contracts, "Raffle", "quote", [raffle_id, count]))
            cost = int(wish.max_payment) if wish.max_payment else now * (100 + SLACK_PERCENT) // 100
        proof = [from_hex(node) for node in wish.proof or []]
        purchase = (raffle_id, count, buyer, cost, int(wish.allowance or 0), proof)
        data = contracts.encode("Raffle", "buyTicketsWith", [purchase, NO_PERMIT])
    buy = Call(contracts.address("Raffle"), data, cost if is_native else 0)
    if is_native:
        return [buy], [Spending(None, cost)]
    approve = Call(token, encode_call(ERC20, "approve", [contracts.address("Raffle"), cost]))
    return [approve, buy], [Spending(token, cost)]


def _is_zero(address: str) -> bool:
    return not any(address_bytes(address))


def _transfer(wish: Transfer) -> list[Call]:
    amount = int(wish.amount)
    if wish.token is None:
        return [Call(wish.to, b"", amount)]
    return [Call(wish.token, encode_call(ERC20, "transfer", [wish.to, amount]))]


def _call(contracts: Contracts, name: str, function: str, *arguments: Any) -> Call:
    return Call(contracts.address(name), contracts.encode(name, function, arguments))
