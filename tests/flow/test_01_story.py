"""What a fresh system holds after `make run`, read over the API and checked by `ape run verify_draw`."""

import json
from pathlib import Path

from tests.flow.lists import committed_list
from tests.flow.system import System
from tests.support.processes import ROOT

WEI = 10**18
EXPECTED = json.loads((ROOT / "tests/data/participants-10k.expected.json").read_text())


def _raffle(system: System, which: str) -> dict:
    return system.get(f"/raffles/{system.story[which]}")


def test_open_raffle__three_buyers__tickets_are_counted(system: System) -> None:
    raffle = _raffle(system, "open_raffle")
    assert (raffle["state"], raffle["tickets_sold"], raffle["entries"]) == ("open", "12", 3)
    assert raffle["as_of_block"] > raffle["created_block"]


def test_dollar_raffle__three_buyers__paid_in_pol_by_the_feed(system: System) -> None:
    raffle = _raffle(system, "dollar_raffle")
    assert (raffle["state"], raffle["tickets_sold"], raffle["ticket_price"]) == ("open", "7", "10000000")
    entries = system.get(f"/raffles/{raffle['id']}/entries")["items"]
    assert [int(entry["paid"]) for entry in entries] == [
        int(entry["count"]) * 4 * WEI // 10 for entry in entries
    ]


def test_drawn_raffle__everyone_can_see_winners__one_prize_is_claimed(system: System) -> None:
    raffle = _raffle(system, "drawn_raffle")
    winners = system.get(f"/raffles/{raffle['id']}/winners")["items"]
    assert raffle["state"] == "drawn"
    assert [winner["rank"] for winner in winners] == [0, 1, 2]
    assert [winner["claimed"] for winner in winners] == [True, False, False]
    assert raffle["draw"]["vrf_word"], "the VRF word came in time and is part of the seed"


def test_refunded_raffle__undersold__every_entry_has_its_money_back(system: System) -> None:
    raffle = _raffle(system, "refunded_raffle")
    contract = system.contract("Raffle")
    assert raffle["state"] == "refunding"
    assert raffle["entries"] == 3
    assert all(contract.functions.isRefunded(int(raffle["id"]), index).call() for index in range(3))


def test_vesting__ten_grants__what_is_vested_equals_the_contract(system: System) -> None:
    grants = system.get("/vesting/grants?limit=100")["items"]
    assert len(grants) == 10
    contract = system.contract("Vesting")
    for grant in grants:
        block = system.w3.eth.get_block("latest")
        vested = contract.functions.vestedAmount(int(grant["id"]), block["timestamp"]).call()
        # The plan under way grows once a day, so the few seconds between two reads do not matter.
        assert int(grant["vested"]) == vested
    assert {int(grant["vested"]) > 0 for grant in grants} == {True, False}


def test_contest__real_export__counts_are_as_expected(system: System) -> None:
    contest = system.get(f"/contests/{system.story['contest']}")
    assert contest["state"] == "completed"
    assert contest["counts"]["unique"] == EXPECTED["unique_accounts"]
    draw = system.contract("Contest").functions.drawOf(int(contest["contest_number"])).call()
    assert draw[7] == EXPECTED["unique_accounts"], "the chain committed to as many entries"
    winners = system.get(f"/contests/{contest['id']}/winners")["items"]
    assert len({winner["account"] for winner in winners}) == 10


def test_verify_draw__raffle__says_yes(system: System) -> None:
    said = system.verify_draw("raffle", str(system.story["drawn_raffle"]))
    assert (said.exit_code, said.verdict) == (0, "YES"), said.text


def test_verify_draw__contest_with_its_list__says_yes(system: System, tmp_path: Path) -> None:
    entries = tmp_path / "entries.csv"
    entries.write_bytes(committed_list())
    said = _verify_contest(system, entries)
    assert (said.exit_code, said.verdict) == (0, "YES"), said.text


def test_verify_draw__one_byte_of_the_list_changed__says_no(system: System, tmp_path: Path) -> None:
    content = bytearray(committed_list())
    content[5_000] ^= 1
    changed = tmp_path / "changed.csv"
    changed.write_bytes(content)
    said = _verify_contest(system, changed)
    assert (said.exit_code, said.verdict) == (1, "NO"), said.text


def _verify_contest(system: System, file: Path):
    bundle = f"{system.url}/api/v1/contests/{system.story['contest']}/bundle"
    return system.verify_draw(
        "contest", str(system.story["contest_number"]), "--bundle", bundle, "--list", str(file)
    )
