"""What happens in the story, step by step. Each step returns what later steps and people need to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.logs import DISCARD

from tools.story.faces import Api, Chain, StoryError, idempotency, pay, until

WEI = 10**18
DAY = 86_400
DOLLAR = 10**8  # as price feeds count
ZERO = Web3.to_checksum_address("0x" + "00" * 20)
NATIVE, ERC20 = 0, 1
NO_PERMIT = (0, b"")
FULL_TOKEN = b"token".ljust(32, b"\0")
MINT, BURN = 1, 2  # features of a token
Prize = tuple[int, ChecksumAddress, int, int]  # kind, token, amount, token id
CONTEST_RULES = """One entry per account, however it is spelled.
The first comment counts. Staff may not take part.
Five winners; five alternates move up in order when a winner is disqualified with a reason."""


@dataclass
class Cast:
    """Everyone in the story. Custodial people by their API session, browser wallets by their address."""

    chain: Chain
    ana: Api
    ben: Api
    olga: Api
    participants: Path
    issuer: ChecksumAddress = field(init=False)
    organiser: ChecksumAddress = field(init=False)
    player: ChecksumAddress = field(init=False)
    collector: ChecksumAddress = field(init=False)
    team: list[ChecksumAddress] = field(init=False)

    def __post_init__(self) -> None:
        """Account 0 is the deployer's; the others are handed out in order."""
        _, self.issuer, self.organiser, self.player, self.collector, *self.team = self.chain.accounts


def launch_token(cast: Cast) -> dict[str, Any]:
    """The issuer launches a token through the factory; it lands where the factory said it would."""
    factory = cast.chain.contract("TokenFactory")
    template = factory.functions.latestTemplate(FULL_TOKEN).call()
    supply = (10_000_000 * WEI, 1_000_000 * WEI)
    config = ("Meadow", "MEAD", cast.issuer, cast.issuer, *supply, template, MINT | BURN)
    salt = Web3.keccak(text="tombola story")
    fee = factory.functions.fee().call()
    address = factory.functions.predictToken(cast.issuer, config, salt).call()
    if not factory.functions.isInstance(address).call():
        cast.chain.send(factory.functions.createToken(config, salt, fee), cast.issuer, fee)
    token = cast.chain.contract("Token", address)
    for person in (cast.ana.wallet_address(), cast.ben.wallet_address(), cast.player, cast.collector):
        cast.chain.send(token.functions.transfer(person, 2_000 * WEI), cast.issuer)
    return {"token": address}


def grant_vesting(cast: Cast, token_address: str) -> dict[str, Any]:
    """Ten grants on two plans: a team plan under way, and one for advisers that is still before its cliff."""
    vesting = cast.chain.contract("Vesting")
    token = cast.chain.contract("Token", token_address)
    now = cast.chain.now()
    under_way = (token.address, now - 90 * DAY, 30 * DAY, 360 * DAY, DAY, 1_000)
    before_cliff = (token.address, now, 180 * DAY, 720 * DAY, 30 * DAY, 0)
    holders = [
        cast.ana.wallet_address(),
        cast.ben.wallet_address(),
        cast.player,
        cast.collector,
        *cast.team[:2],
    ]
    batches = [
        (under_way, [(who, (index + 1) * 1_000 * WEI) for index, who in enumerate(holders)]),
        (before_cliff, [(who, 5_000 * WEI) for who in (*cast.team[:3], cast.player)]),
    ]
    created = vesting.events.PlanCreated().get_logs(from_block=0, argument_filters={"creator": cast.issuer})
    plans = [log["args"]["planId"] for log in created]
    for position, (plan, grants) in enumerate(batches):
        if position == len(plans):
            receipt = cast.chain.send(vesting.functions.createPlan(plan), cast.issuer)
            plans.append(
                vesting.events.PlanCreated().process_receipt(receipt, errors=DISCARD)[0]["args"]["planId"]
            )
        if vesting.functions.planOf(plans[position]).call()[2] == 0:
            cast.chain.send(token.functions.approve(vesting.address, sum(x for _, x in grants)), cast.issuer)
            cast.chain.send(vesting.functions.grant(plans[position], grants), cast.issuer)
    return {"plans": [str(plan_id) for plan_id in plans]}


def _create_raffle(
    cast: Cast,
    title: str,
    terms: tuple[Any, ...],
    prizes: list[Prize],
    options: tuple[Any, ...] | None = None,
) -> str:
    """The raffle of this title, created by the organiser's browser wallet if it is not there; its id."""
    if existing := _titled(cast, title):
        return str(existing["id"])
    raffle = cast.chain.contract("Raffle")
    native = sum(amount for kind, _, amount, _ in prizes if kind == NATIVE)
    for token in {token for kind, token, _, _ in prizes if kind == ERC20}:
        total = sum(amount for _, paid_in, amount, _ in prizes if paid_in == token)
        approve = cast.chain.contract("Token", token).functions.approve(raffle.address, total)
        cast.chain.send(approve, cast.organiser)
    config = (*terms, title, prizes)
    create = (
        raffle.functions.createRaffleWith(config, options)
        if options
        else raffle.functions.createRaffle(config)
    )
    receipt = cast.chain.send(create, cast.organiser, native)
    return str(raffle.events.RaffleCreated().process_receipt(receipt, errors=DISCARD)[0]["args"]["raffleId"])


def open_raffle(cast: Cast) -> dict[str, Any]:
    """A raffle for POL that stays open a week: visitors can buy."""
    terms = (ZERO, WEI // 10, cast.chain.now() + 7 * DAY, 10, 1_000, 100)
    prizes = [(NATIVE, ZERO, 20 * WEI, 0), (NATIVE, ZERO, 5 * WEI, 0), (NATIVE, ZERO, 1 * WEI, 0)]
    raffle_id = _create_raffle(cast, "Meadow opening raffle", terms, prizes)
    _buy_native(cast, raffle_id, WEI // 10, browser=7, custodial=(3, 2))
    return {"open_raffle": raffle_id}


def dollar_raffle(cast: Cast) -> dict[str, Any]:
    """A raffle at ten cents a ticket, paid in POL at what the price feed says: visitors can buy."""
    raffle = cast.chain.contract("Raffle")
    feed, max_age = raffle.functions.priceFeedOf(ZERO).call()
    terms = (ZERO, DOLLAR // 10, cast.chain.now() + 7 * DAY, 5, 500, 50)
    options = (feed, max_age, bytes(32), bytes(32))
    raffle_id = _create_raffle(cast, "Ten cents a ticket", terms, [(NATIVE, ZERO, 10 * WEI, 0)], options)
    until(f"raffle {raffle_id} in the mirror", lambda: cast.ana.find(f"/raffles/{raffle_id}"))
    if not _has_entry(cast, raffle_id, cast.player):
        most = 2 * raffle.functions.quote(int(raffle_id), 4).call()  # what is too much comes back
        purchase: tuple[Any, ...] = (int(raffle_id), 4, cast.player, most, 0, [])
        cast.chain.send(raffle.functions.buyTicketsWith(purchase, NO_PERMIT), cast.player, most)
    _buy_custodial(cast, raffle_id, (1, 2))
    return {"dollar_raffle": raffle_id}


def _buy_native(cast: Cast, raffle_id: str, price: int, browser: int, custodial: tuple[int, int]) -> None:
    """Purchases in POL: one by a browser wallet, one by each custodial user."""
    raffle = cast.chain.contract("Raffle")
    until(f"raffle {raffle_id} in the mirror", lambda: cast.ana.find(f"/raffles/{raffle_id}"))
    if not _has_entry(cast, raffle_id, cast.player):
        call = raffle.functions.buyTickets(int(raffle_id), browser, cast.player)
        cast.chain.send(call, cast.player, browser * price)
    _buy_custodial(cast, raffle_id, custodial)


def _has_entry(cast: Cast, raffle_id: str, buyer: ChecksumAddress) -> bool:
    return any(entry["buyer"] == buyer for entry in _entries(cast, raffle_id))


def _buy_custodial(cast: Cast, raffle_id: str, counts: tuple[int, int]) -> None:
    """One purchase by each custodial user, asked for under a key of its own: never bought twice."""
    wanted = [
        (
            user,
            user.intend(f"buy:{raffle_id}:{name}", kind="buy_tickets", raffle_id=raffle_id, count=str(count)),
        )
        for user, name, count in ((cast.ana, "ana", counts[0]), (cast.ben, "ben", counts[1]))
    ]
    for user, intent_id in wanted:
        user.settled(intent_id)


def _titled(cast: Cast, title: str) -> Any:
    raffles = cast.ana.get("/raffles?limit=100")["items"]
    return next((raffle for raffle in raffles if raffle["title"] == title), None)


def _entries(cast: Cast, raffle_id: str) -> list[Any]:
    return list(cast.ana.get(f"/raffles/{raffle_id}/entries?limit=100")["items"])


def _in_state(cast: Cast, raffle_id: str, state: str) -> Any:
    def read() -> Any:
        raffle = cast.ana.find(f"/raffles/{raffle_id}")
        return raffle if raffle and raffle["state"] == state else None

    return until(f"raffle {raffle_id} to be {state}", read)


def drawn_raffle(cast: Cast, token_address: str) -> dict[str, Any]:
    """A raffle paid in the new token that sells out, is drawn by VRF and drand, and is partly claimed."""
    raffle = cast.chain.contract("Raffle")
    token = cast.chain.contract("Token", token_address)
    cast.chain.send(token.functions.transfer(cast.organiser, 5_000 * WEI), cast.issuer)
    terms = (token.address, 5 * WEI, cast.chain.now() + DAY, 10, 40, 0)
    prizes = [
        (ERC20, token.address, 500 * WEI, 0),
        (NATIVE, ZERO, 2 * WEI, 0),
        (ERC20, token.address, 100 * WEI, 0),
    ]
    raffle_id = _create_raffle(cast, "Harvest raffle", terms, prizes)
    until(f"raffle {raffle_id} in the mirror", lambda: cast.ana.find(f"/raffles/{raffle_id}"))
    for buyer, count in ((cast.player, 12), (cast.collector, 8)):
        if _has_entry(cast, raffle_id, buyer):
            continue
        cast.chain.send(token.functions.approve(raffle.address, count * 5 * WEI), buyer)
        cast.chain.send(raffle.functions.buyTickets(int(raffle_id), count, buyer), buyer)
    _buy_custodial(cast, raffle_id, (11, 9))
    _in_state(cast, raffle_id, "drawn")
    if not raffle.functions.isClaimed(int(raffle_id), 0).call():
        cast.chain.send(raffle.functions.claim(int(raffle_id), 0), cast.collector)
    return {"drawn_raffle": raffle_id}


def refunded_raffle(cast: Cast) -> dict[str, Any]:
    """A raffle that sells too few tickets: the keeper opens refunds and every entry gets its money back."""
    raffle = cast.chain.contract("Raffle")
    terms = (ZERO, WEI // 20, cast.chain.now() + 20, 500, 1_000, 0)
    raffle_id = _create_raffle(cast, "Too quiet a raffle", terms, [(NATIVE, ZERO, 3 * WEI, 0)])
    _buy_native(cast, raffle_id, WEI // 20, browser=4, custodial=(2, 1))
    _in_state(cast, raffle_id, "refunding")
    for entry in _entries(cast, raffle_id):
        owner = {cast.ana.wallet_address(): cast.ana, cast.ben.wallet_address(): cast.ben}.get(entry["buyer"])
        index = entry["entry_index"]
        if owner:
            key = f"refund:{raffle_id}:{index}"
            owner.settled(owner.intend(key, kind="refund_entry", raffle_id=raffle_id, entry_index=index))
        elif not raffle.functions.isRefunded(int(raffle_id), index).call():
            cast.chain.send(raffle.functions.refund(int(raffle_id), index), cast.player)
    return {"refunded_raffle": raffle_id}


def credits_bought(cast: Cast) -> dict[str, Any]:
    """The organiser buys a package on the page of the stand-in for Stripe."""
    body = {"package": "medium"}
    page = cast.olga.request("POST", "/payments/checkouts", json=body, headers=idempotency("credits"))
    if page["state"] == "open":
        pay(page["url"])

    def paid() -> Any:
        found = cast.olga.get(f"/payments/checkouts/{page['id']}")
        return found if found["state"] == "paid" else None

    return {"credits": until("the credits to be there", paid)["credits"]}


def contest(cast: Cast) -> dict[str, Any]:
    """The organiser uploads 10,000 comments, commits their root on chain and has five winners drawn."""
    title = "Meadow giveaway"
    mine = (found for found in cast.olga.get("/contests?limit=100")["items"] if found["title"] == title)
    draft = next(mine, None) or _draft(cast, title)
    path = f"/contests/{draft['id']}"
    if draft["state"] == "draft":
        _bring(cast, f"{path}/imports")
        intent = cast.olga.request("POST", f"{path}/commit", headers=idempotency(f"commit:{draft['id']}"))
        cast.olga.settled(intent["id"])

    def drawn() -> Any:
        found = cast.olga.get(path)
        return found if found["state"] == "completed" else None

    done = until("the contest to be drawn", drawn)
    return {"contest": done["id"], "contest_number": done["contest_number"]}


def _draft(cast: Cast, title: str) -> Any:
    draft = {
        "title": title,
        "rules": CONTEST_RULES,
        "post_reference": "https://social.example/meadow/posts/217",
        "winners": 5,
        "alternates": 5,
    }
    return cast.olga.request("POST", "/contests", json=draft)


def _bring(cast: Cast, imports: str) -> None:
    """Upload the comments, unless an earlier telling did, and wait until they are read."""
    if not cast.olga.get(imports)["items"]:
        with cast.participants.open("rb") as file:
            files = {"file": (cast.participants.name, file, "text/csv")}
            cast.olga.request("POST", imports, files=files)

    def ended() -> Any:
        found = cast.olga.get(imports)["items"][0]
        return found if found["state"] not in ("waiting", "running") else None

    if (brought := until("the list to be read", ended))["state"] != "done":
        raise StoryError(f"The list of the story could not be read: {brought['error']}")


def wait_for_funds(cast: Cast) -> dict[str, Any]:
    """Every new custodial wallet is welcomed with some POL for gas; the story buys with it too."""
    for user in (cast.ana, cast.ben, cast.olga):
        address = user.wallet_address()
        until(f"funds of {address}", partial(_funds, cast, address))
    return {}


def _funds(cast: Cast, address: ChecksumAddress) -> int | None:
    return cast.chain.w3.eth.get_balance(address) or None
