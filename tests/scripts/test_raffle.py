"""`ape run raffle`: from a file of terms to the last payout, drawn or refunded; each step once."""

import json
import re
from pathlib import Path
from typing import Any

import ape
import pytest
from eth_utils.address import to_checksum_address

from listener.chain.draw.terms import ZERO_ADDRESS
from scripts._desk import TokenFacts
from scripts._given import DeskError
from scripts._raffle_terms import parse_terms, read_terms
from tests.scripts.daily import done, refused
from tests.scripts.world import ALICE, BOB, ORGANISER, World

PRICE = 10**16
OPEN = 90
"""Seconds of a sale: the chain's clock may be moved by an hour in all (`world.py`)."""
TERMS = {
    "title": "Summer raffle",
    "price": "0.01",
    "closes": "4000000000",
    "min_tickets": 2,
    "max_tickets": 100,
    "prizes": [{"pol": "1"}, {"pol": "0.5"}, {"pol": "0.5"}],
}


@pytest.fixture(scope="module")
def nft(world: World) -> str:
    """A collection in which the organiser holds 7 and Alice 8, which the contract may take."""
    with ape.networks.parse_network_choice(world.network):
        maker = ape.accounts.test_accounts[5]
        made = maker.deploy(ape.project.TestERC721)
        for holder, number in ((ORGANISER, 7), (ALICE, 8)):
            made.mint(holder, number, sender=maker)
        made.approve(world.registry.contract("Raffle").address, 8, sender=ape.accounts.test_accounts[1])
    return str(made.address)


def holder(world: World, nft: str, number: int) -> str:
    found = world.anvil.call("eth_call", {"to": nft, "data": f"0x6352211e{number:064x}"}, "latest")
    return str(to_checksum_address("0x" + found[-40:]))


def created(world: World, tmp_path: Path, **changes: Any) -> int:
    """The number of a raffle made by the command; it closes soon."""
    file = tmp_path / "raffle.json"
    file.write_text(json.dumps({**TERMS, "closes": str(world.now + OPEN), **changes}))
    output = done(world, "raffle", "create", file, account=0)
    return int(re.findall(r"^raffle +(\d+) has these terms", output, re.M)[0])


def bought(world: World, raffle_id: int, buyer: str, count: int) -> None:
    world.send("Raffle", "buyTickets", raffle_id, count, buyer, sender=buyer, value=count * PRICE)


def balance(world: World, account: str) -> int:
    return int(world.anvil.call("eth_getBalance", account, "latest"), 16)


def test_raffle__drawn__from_terms_to_the_last_payout(world: World, nft: str, tmp_path: Path) -> None:
    file, block = tmp_path / "raffle.json", world.anvil.rpc.block_number
    file.write_text(json.dumps({**TERMS, "closes": str(world.now + OPEN)}))
    dry = done(world, "raffle", "create", file, "--dry-run", account=0)
    assert re.search(r"would send  create the raffle: [\d,]+ gas", dry), dry
    assert re.search(r"nothing was sent. 1 transaction would need [\d,]+ gas, [\d.]+ POL", dry), dry
    prizes = [{"pol": "1"}, {"nft": nft, "id": "7"}, {"pol": "0.5"}]
    file.write_text(json.dumps({**TERMS, "closes": str(world.now + OPEN), "prizes": prizes}))
    dry = done(world, "raffle", "create", file, "--dry-run", account=0)
    assert re.search(rf"would send  approve NFT 7 of {nft}: [\d,]+ gas", dry), dry
    assert "would send  create the raffle: its gas cannot be estimated before the approval" in dry
    assert "; 1 more cannot be estimated yet." in dry
    assert f"NFT 7 of {nft} belongs to {ORGANISER}" in refused(world, "raffle", "create", file, account=2)
    assert world.anvil.rpc.block_number == block
    first = done(world, "raffle", "create", file, account=0)
    assert holder(world, nft, 7) == world.registry.contract("Raffle").address
    number = int(world.view("Raffle", "raffleCount"))
    assert f"raffle      {number} has these terms" in first
    assert "Nothing was sent." in done(world, "raffle", "create", file, account=0)
    assert world.view("Raffle", "raffleCount") == number

    bought(world, number, ALICE, 1)
    bought(world, number, BOB, 1)
    told = done(world, "raffle", "status", number)
    for line in (
        f"raffle      {number}, 'Summer raffle', of {ORGANISER}",
        "state       open",
        "price       0.01 POL",
        "tickets     2 sold in 2 entries; at least 2, at most 100",
        f"rank 1      NFT 7 of {nft}",
    ):
        assert line in told, told
    assert f"Raffle {number} is open, it has to be closed. Next: on sale until" in refused(
        world, "raffle", "close", number, account=4
    )
    world.skip(OPEN + 1)
    assert f"Next: ape run raffle close {number}" in refused(world, "raffle", "finalise", number, account=4)
    assert f"request the draw of raffle {number}: " in done(world, "raffle", "close", number, account=4)
    assert "Nothing was sent." in done(world, "raffle", "close", number, account=4)
    assert "The round that decides comes after" in refused(world, "raffle", "finalise", number, account=4)
    world.await_word("Raffle", number)
    world.skip(max(0, world.view("Raffle", "drawOf", number)[3] - world.now) + 1)

    beacon = f"http://127.0.0.1:{world.beacon_port}"
    assert "gave no signature" in refused(
        world, "raffle", "finalise", number, "--drand-url", f"{beacon}/nothing", account=4
    )
    url = f"{beacon}/{world.key.chain_hash.hex()}"
    assert "sent        finalise raffle" in done(
        world, "raffle", "finalise", number, "--drand-url", url, account=4
    )
    assert "is drawn. Next:" in done(world, "raffle", "finalise", number, account=4)

    told = done(world, "raffle", "status", number)
    assert "with a VRF word" in told
    assert re.search(r"rank 0      1 POL, won by ticket [01] of 0x", told), told
    assert "has no rank 3: they are 0 to 2" in refused(
        world, "raffle", "claim", number, "--rank", 3, account=4
    )
    (winner,) = re.findall(rf"rank 1      NFT 7 of {nft}, won by ticket [01] of (0x\w+)", told)
    before = sum(balance(world, who) for who in (ALICE, BOB, ORGANISER))
    output = done(world, "raffle", "claim", number, account=4)
    assert holder(world, nft, 7) == winner
    assert "claim 2 prizes of raffle" in output
    assert "return 1 prizes of raffle" in output
    assert sum(balance(world, who) for who in (ALICE, BOB, ORGANISER)) - before == 15 * 10**17
    assert "Nothing was sent." in done(world, "raffle", "claim", number, account=4)
    before = balance(world, ORGANISER)
    done(world, "raffle", "proceeds", number, account=4)
    assert balance(world, ORGANISER) - before == 2 * PRICE
    assert "Nothing was sent." in done(world, "raffle", "proceeds", number, account=4)
    told = done(world, "raffle", "status", number)
    assert "proceeds    paid" in told
    assert "next        nothing, all is paid" in told
    assert f"Raffle {number} is drawn, it has to be refunding" in refused(
        world, "raffle", "refund", number, account=4
    )


def test_raffle__undersold__everybody_is_paid_back_once(world: World, tmp_path: Path) -> None:
    number = created(world, tmp_path, min_tickets=50)
    bought(world, number, ALICE, 3)
    bought(world, number, BOB, 2)
    world.skip(OPEN + 1)
    told = refused(world, "raffle", "close", number, account=4)
    assert f"sold 5 of 50 tickets: it refunds. Next: ape run raffle refund {number}" in told
    before = [balance(world, who) for who in (ALICE, BOB, ORGANISER)]
    output = done(world, "raffle", "refund", number, account=4)
    assert "to refund   2 entries, 0.05 POL; 3 prizes to return" in output
    after = [balance(world, who) for who in (ALICE, BOB, ORGANISER)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [3 * PRICE, 2 * PRICE, 2 * 10**18]
    assert "Nothing was sent." in done(world, "raffle", "refund", number, account=4)


def test_raffle__no_seed_in_time__refunds_are_opened(world: World, tmp_path: Path) -> None:
    number = created(world, tmp_path, title="No seed")
    bought(world, number, ALICE, 2)
    world.skip(OPEN + 1)
    assert f"Raffle {number} can still be drawn; refunds are due from" in refused(
        world, "raffle", "refund", number, account=4
    )
    world.skip(121)
    dry = done(world, "raffle", "refund", number, "--dry-run", account=4)
    assert "would send  refund 1 entries: once refunds are open" in dry
    output = done(world, "raffle", "refund", number, account=4)
    assert f"sent        open refunds of raffle {number}: no seed came by" in output
    assert "refund 1 entries of raffle" in output


def test_raffle__token_prize_and_price_in_dollars__approved_first_and_returned(
    world: World, nft: str, tmp_path: Path
) -> None:
    token = str(world.registry.contract("Governor").extra["arguments"][0])
    prizes = [{"token": token, "amount": "2.5"}, {"token": token, "amount": "1"}, {"nft": nft, "id": 8}]
    file = tmp_path / "raffle.json"
    terms = {**TERMS, "usd": True, "price": "1.5", "prizes": prizes, "closes": str(world.now + OPEN)}
    file.write_text(json.dumps(terms))
    dry = done(world, "raffle", "create", file, "--dry-run", account=1)
    assert re.search(r"would send  approve 3.5 TMB for 0x\w+: [\d,]+ gas", dry), dry
    assert "; 1 more cannot be estimated yet." in dry
    output = done(world, "raffle", "create", file, account=1)
    assert "Done: 2 transactions sent." in output
    assert "Nothing was sent." in done(world, "raffle", "create", file, account=1)
    number = int(world.view("Raffle", "raffleCount"))
    assert "price       1.50 US dollars" in done(world, "raffle", "status", number)
    world.skip(OPEN + 1)
    assert "to refund   0 entries, 0 POL; 3 prizes to return" in done(
        world, "raffle", "refund", number, account=4
    )
    assert "rank 1      1 TMB, returned" in done(world, "raffle", "status", number)
    assert holder(world, nft, 8) == ALICE


def test_raffle__unknown__says_which_there_are(world: World) -> None:
    assert "There is no raffle 999: they are numbered from 1 to" in refused(world, "raffle", "status", 999)


TOKEN = "0x" + "70" * 20
BAD: list[tuple[dict[str, Any], str]] = [
    ({"prices": 1}, "must be an object with"),
    ({"title": " "}, "`title` must be text of 1 to 128 bytes"),
    ({"title": "Ä" * 65}, "`title` must be text"),
    ({"price": 0.01}, "`price` must be text with an amount in whole tokens"),
    ({"price": "0"}, "`price` must be more than 0"),
    ({"price": "1e-2"}, "'1e-2' is no amount"),
    ({"price": "0.0000001", "payment": TOKEN}, "'0.0000001' has 7 decimals, the token has 6"),
    ({"payment": "MATIC"}, "`payment` 'MATIC' is no address"),
    ({"closes": "soon"}, "`closes` 'soon' is no time"),
    ({"min_tickets": 0}, "`min_tickets` must be a number from 1"),
    ({"max_tickets": True}, "`max_tickets` must be a number"),
    ({"max_per_buyer": -1}, "`max_per_buyer` must be a number from 0"),
    ({"usd": "yes"}, "`usd` must be true or false"),
    ({"usd": True, "payment": TOKEN}, "no price feed is configured"),
    ({"prizes": []}, "`prizes` must be a list"),
    ({"prizes": [{"pol": "1"}, {"matic": "1"}]}, "`prize of rank 1` must be"),
    ({"prizes": [{"pol": 1}]}, "`prize of rank 0` must be text"),
    ({"prizes": [{"nft": TOKEN, "id": "x"}]}, "the id 'x' is no number"),
    ({"allow_list_root": "0x12"}, "`allow_list_root` must be 32 bytes"),
    ({"allow_list_root": "0x" + "12" * 32}, "go together"),
]


def _token(address: str) -> TokenFacts:
    return TokenFacts(address, "USDC", 6) if address == TOKEN else TokenFacts(address, "POL", 18)


def _feed(address: str) -> tuple[str, int]:
    return ("0x" + "fe" * 20, 60) if address == ZERO_ADDRESS else (ZERO_ADDRESS, 0)


@pytest.mark.parametrize(("change", "told"), BAD)
def test_read_terms__unusable__names_file_and_field(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    file = tmp_path / "terms.json"
    file.write_text(json.dumps({**TERMS, **change}))
    with pytest.raises(DeskError) as error:
        read_terms(file, _token, _feed)
    assert told in str(error.value)


def test_parse_terms__all_there_is__is_read() -> None:
    root, salt = "0x" + "12" * 32, "0x" + "34" * 32
    prizes = [{"token": TOKEN, "amount": "2.5"}, {"nft": TOKEN, "id": 7}]
    given = {**TERMS, "price": "1.5", "usd": True, "prizes": prizes, "closes": "2027-07-01T20:00:00+02:00"}
    terms = parse_terms({**given, "allow_list_root": root, "allow_list_salt": salt}, _token, _feed)
    assert (terms.ticket_price, terms.closes_at, terms.payment_token) == (
        150_000_000,
        1_814_464_800,
        ZERO_ADDRESS,
    )
    assert [(one.kind, one.amount, one.token_id) for one in terms.prizes] == [(1, 2_500_000, 0), (2, 0, 7)]
    assert terms.options is not None
    assert terms.options.price_feed == "0x" + "fe" * 20
    assert terms.options.allow_list_salt == bytes.fromhex(salt[2:])
