"""A raffle's terms as a file, in words and whole tokens.

    {"title": "Summer raffle", "price": "0.5", "closes": "2027-07-01T18:00:00+00:00",
     "min_tickets": 10, "max_tickets": 1000, "max_per_buyer": 50,
     "prizes": [{"pol": "100"}, {"token": "0x…", "amount": "2.5"}, {"nft": "0x…", "id": "7"}]}

`payment` is the token that tickets cost, POL where it is missing; `usd` true says that `price` is in US dollars.
`allow_list_root` and `allow_list_salt` are what `ape run allow_list` prints.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from listener.chain.draw.hashing import ZERO32
from listener.chain.draw.terms import ZERO_ADDRESS, Prize, PrizeKind, RaffleOptions, RaffleTerms
from scripts._amounts import AmountError, parse_amount
from scripts._desk import TokenFacts
from scripts._given import DeskError, address_of, seconds_of

NEEDED = {"title", "price", "closes", "min_tickets", "max_tickets", "prizes"}
OPTIONAL = {"payment", "max_per_buyer", "usd", "allow_list_root", "allow_list_salt"}
USD_DECIMALS = 8
MOST_TITLE = 128
Token = Callable[[str], TokenFacts]
Feed = Callable[[str], tuple[str, int]]
"""The feed of US dollars per token and the maximal age of its answers, as configured."""


def read_terms(path: Path, token: Token, feed: Feed) -> RaffleTerms:
    """The terms of a file. Raises DeskError, which names the field."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DeskError(f"{path} cannot be read: {error}.") from error
    try:
        return parse_terms(document, token, feed)
    except (DeskError, AmountError) as error:
        raise DeskError(f"{path}: {str(error).rstrip('.')}.") from error


def parse_terms(document: Any, token: Token, feed: Feed) -> RaffleTerms:
    """The terms of a parsed file."""
    if not isinstance(document, dict) or document.keys() - (NEEDED | OPTIONAL) or NEEDED - document.keys():
        raise DeskError(
            f"must be an object with {', '.join(sorted(NEEDED))}, if wanted {', '.join(sorted(OPTIONAL))}, and "
            "nothing else"
        )
    payment = document.get("payment", "POL")
    paid_in = token(ZERO_ADDRESS if payment == "POL" else address_of(payment, "`payment`"))
    usd = document.get("usd", False)
    if not isinstance(usd, bool):
        raise DeskError(f"`usd` must be true or false, not {usd!r}")
    title, prizes = document["title"], document["prizes"]
    if not isinstance(title, str) or not title.strip() or len(title.encode()) > MOST_TITLE:
        raise DeskError(f"`title` must be text of 1 to {MOST_TITLE} bytes")
    if not isinstance(prizes, list) or not prizes:
        raise DeskError("`prizes` must be a list with a prize for each rank, the first rank first")
    price = _amount("price", document["price"], USD_DECIMALS if usd else paid_in.decimals)
    return RaffleTerms(
        payment_token=paid_in.address,
        ticket_price=price,
        closes_at=seconds_of(str(document["closes"]), "`closes`"),
        min_tickets=_count("min_tickets", document["min_tickets"], 1),
        max_tickets=_count("max_tickets", document["max_tickets"], 1),
        max_per_buyer=_count("max_per_buyer", document.get("max_per_buyer", 0), 0),
        title=title,
        prizes=[_prize(rank, prize, token) for rank, prize in enumerate(prizes)],
        options=_options(document, feed(paid_in.address) if usd else None),
    )


def _options(document: Mapping[str, Any], feed: tuple[str, int] | None) -> RaffleOptions | None:
    root, salt = (_word(document, key) for key in ("allow_list_root", "allow_list_salt"))
    if feed is None and root == salt == ZERO32:
        return None
    if (root == ZERO32) != (salt == ZERO32):
        raise DeskError("`allow_list_root` and `allow_list_salt` go together: give what allow_list printed")
    if feed is not None and feed[0] == ZERO_ADDRESS:
        raise DeskError(
            "`usd`: no price feed is configured for this token, so its price cannot be in US dollars"
        )
    return RaffleOptions(*(feed or (ZERO_ADDRESS, 0)), root, salt)


def _prize(rank: int, prize: Any, token: Token) -> Prize:
    name = f"prize of rank {rank}"
    keys = set(prize) if isinstance(prize, dict) else set()
    if keys == {"pol"}:
        return Prize(PrizeKind.NATIVE, ZERO_ADDRESS, _amount(name, prize["pol"], 18), 0)
    if keys == {"token", "amount"}:
        facts = token(address_of(prize["token"], f"`{name}`"))
        return Prize(PrizeKind.ERC20, facts.address, _amount(name, prize["amount"], facts.decimals), 0)
    if keys == {"nft", "id"}:
        number = str(prize["id"])
        if not number.isascii() or not number.isdigit():
            raise DeskError(f"`{name}`: the id {number!r} is no number")
        return Prize(PrizeKind.ERC721, address_of(prize["nft"], f"`{name}`"), 0, int(number))
    raise DeskError(f'`{name}` must be {{"pol": …}}, {{"token": …, "amount": …}} or {{"nft": …, "id": …}}')


def _amount(name: str, given: Any, decimals: int) -> int:
    """Text only: a number of JSON may have lost digits."""
    if not isinstance(given, str):
        raise DeskError(f'`{name}` must be text with an amount in whole tokens, such as "0.5", not {given!r}')
    amount = parse_amount(given, decimals)
    if amount == 0:
        raise DeskError(f"`{name}` must be more than 0")
    return amount


def _count(name: str, given: Any, least: int) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given < 2**40:
        raise DeskError(f"`{name}` must be a number from {least} to 2⁴⁰ − 1, not {given!r}")
    return given


def _word(document: Mapping[str, Any], key: str) -> bytes:
    given = document.get(key)
    if given is None:
        return ZERO32
    try:
        word = bytes.fromhex(given.removeprefix("0x"))
    except (AttributeError, ValueError):
        word = b""
    if len(word) != len(ZERO32):
        raise DeskError(f"`{key}` must be 32 bytes in hex, not {given!r}")
    return word


__all__ = ["parse_terms", "read_terms"]
