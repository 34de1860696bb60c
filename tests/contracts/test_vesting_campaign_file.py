"""`python -m tools.campaign`: what it writes opens a campaign, and every line of the list can be claimed."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.kit import DAY
from tests.contracts.vesting_kit import VestingKit, campaign_id, campaign_tree
from tools.campaign import MOST_AMOUNT, CampaignError, main, read

SALT = bytes(range(32))
SOMEBODY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def test_main__a_list__opens_a_campaign_whose_every_line_is_claimed(
    vestings: VestingKit, accounts: Any, tmp_path: Path
) -> None:
    vesting, creator = vestings.vesting, vestings.creator
    people = [(accounts[index % 3 + 5].address, 10**18 + index) for index in range(5)]
    source, written = tmp_path / "people.csv", tmp_path / "campaign.json"
    with source.open("w", newline="") as file:
        csv.writer(file).writerows([("note", "amount", "beneficiary"), *(("x", b, a) for a, b in people)])
    plan_id = vestings.empty_plan()

    told = ["--chain-id", "31337", "--vesting", vesting.address, "--creator", creator.address]
    assert main([str(source), *told, "--salt", SALT.hex(), "--out", str(written)]) == 0

    made = json.loads(written.read_text())
    number = int(made["campaign_id"])
    assert number == campaign_id(creator, SALT) == vesting.campaignIdOf(creator, SALT)
    assert made["root"] == "0x" + campaign_tree(vesting, number, people).root.hex()
    root, total = bytes.fromhex(made["root"][2:]), int(made["total"])
    terms = (plan_id, root, made["leaves"], total, vestings.now() + 10 * DAY)
    vesting.createCampaign(terms, SALT, sender=creator)
    for claim in made["claims"]:
        proof = [bytes.fromhex(node[2:]) for node in claim["proof"]]
        claimed = (claim["index"], claim["beneficiary"], int(claim["amount"]), proof)
        grant = vesting.grantOf(vesting.claim(number, *claimed, sender=accounts[9]).return_value)
        assert (grant.beneficiary, grant.amount) == people[claim["index"]]
    assert vesting.campaignOf(number)[4] == 0


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "must name the columns"),
        (["beneficiary,count", f"{SOMEBODY},1"], "must name the columns"),
        (["beneficiary,amount"], "is empty"),
        (["beneficiary,amount", f"{SOMEBODY},1", "0x12,1"], "Line 3: '0x12' is no address"),
        (["beneficiary,amount", f"0x{'00' * 20},1"], "Line 2: .* is no address"),
        (["beneficiary,amount", f"0x{SOMEBODY[2:].swapcase()},1"], "Line 2: .* is no address"),
        (["beneficiary,amount", f"{SOMEBODY},1.5"], "Line 2: '1.5' is no amount"),
        (["beneficiary,amount", f"{SOMEBODY},0"], "is no amount"),
        (["beneficiary,amount", f"{SOMEBODY},{MOST_AMOUNT + 1}"], "is no amount"),
        (["beneficiary,amount", f"{SOMEBODY}"], "is no amount"),
        (["beneficiary,amount", *[f"{SOMEBODY},{MOST_AMOUNT}"] * 3], "more than"),
    ],
)
def test_read__a_list_that_cannot_be__names_the_line(lines: list[str], told: str) -> None:
    with pytest.raises(CampaignError, match=told):
        read(lines)


def test_main__a_list_that_cannot_be__writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, written = tmp_path / "people.csv", tmp_path / "campaign.json"
    source.write_text("beneficiary,amount\nnobody,1\n")
    told = ["--chain-id", "1", "--vesting", SOMEBODY, "--creator", SOMEBODY, "--out", str(written)]
    assert main([str(source), *told]) == 1
    assert "'nobody' is no address" in capsys.readouterr().err
    assert not written.exists()
