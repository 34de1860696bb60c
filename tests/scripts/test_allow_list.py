"""`ape run allow_list`: a list of guests becomes a root and everybody's place."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from eth_utils.address import to_checksum_address

from scripts._guests import Guest, GuestsError, read_guests
from scripts.allow_list import cli

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "allow.json").read_text())
A, B = "0x" + "0a" * 20, "0x" + "0b" * 20


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    path = tmp_path / "137.json"
    entry = {"address": to_checksum_address(VECTORS["contract"]), "first_block": 1, "abi": []}
    path.write_text(json.dumps({"chain_id": VECTORS["chain_id"], "contracts": {"Raffle": entry}}))
    return path


def _run(registry: Path, guests: str, *options: str) -> tuple[int, str]:
    file = registry.parent / "guests.csv"
    file.write_text(guests)
    arguments = [str(file), "--registry", str(registry), "--organiser", VECTORS["organiser"], *options]
    result = CliRunner().invoke(cli, arguments)
    return result.exit_code, result.output


@pytest.mark.parametrize("listed", VECTORS["lists"], ids=lambda listed: len(listed["guests"]))
def test_allow_list__guests__root_and_places_as_in_the_vectors(
    registry: Path, listed: dict[str, Any]
) -> None:
    lines = "\n".join(f"{guest['account']},{guest['allowance']}" for guest in listed["guests"])
    code, output = _run(registry, f"account,tickets\n{lines}\n", "--salt", VECTORS["salt"])
    found = json.loads(output)
    assert (code, found["allowListRoot"], found["allowListSalt"]) == (0, listed["root"], VECTORS["salt"])
    for guest, proof in zip(listed["guests"], listed["proofs"], strict=True):
        place = {"allowance": guest["allowance"], "proof": proof}
        assert found["places"][to_checksum_address(guest["account"])] == place


def test_allow_list__no_salt__a_new_one_every_time(registry: Path) -> None:
    first, second = (json.loads(_run(registry, A)[1]) for _ in range(2))
    assert len({first["allowListSalt"], second["allowListSalt"], "0x" + "00" * 32}) == 3
    assert first["allowListRoot"] != second["allowListRoot"]


@pytest.mark.parametrize(
    ("guests", "options", "said"),
    [
        ("", (), "names nobody"),
        (f"{A}\n{A.upper().replace('X', 'x')},3", (), "comes twice"),
        (A, ("--salt", "0x12"), "The salt"),
        (A, ("--organiser", "me"), "no address"),
    ],
)
def test_allow_list__cannot_be_used__says_why(
    registry: Path, guests: str, options: tuple[str, ...], said: str
) -> None:
    code, output = _run(registry, guests, *options)
    assert code == 1
    assert said in output


def test_read_guests__with_and_without_allowance__are_read() -> None:
    found = read_guests(["account,tickets", f" {A} , 3 ", "", B])
    assert found == [Guest(to_checksum_address(A), 3), Guest(to_checksum_address(B), 0)]


@pytest.mark.parametrize(
    "line", [A[:-1], f"{A},-1", f"{A},1.5", f"{A},{2**64}", f"{A},1,2", f"{A},", "guest"]
)
def test_read_guests__anything_else__names_the_line(line: str) -> None:
    with pytest.raises(GuestsError, match="Line 2"):
        read_guests([B, line])
