"""Storage layouts: what is committed is what is there, and what an upgrade may not change."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tools.storage_layout import LayoutError, broken, differences, layouts, main, snapshot

HEAD = "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n"
UUPS = "abstract contract UUPSUpgradeable {}\n"
SHOP = """
contract Shop is UUPSUpgradeable {
    struct Sale { address buyer; uint96 amount; }
    /// @custom:storage-location erc7201:shop.storage
    struct ShopStorage { uint64 count; bool open; mapping(uint256 id => Sale sale) sales; }
    uint256 private total;
}
"""
LISTED = SHOP.replace("mapping(uint256 id => Sale sale) sales", "Sale[] sales")

OWNED = (
    'import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";\n'
    + SHOP.replace("is UUPSUpgradeable", "is UUPSUpgradeable, OwnableUpgradeable")
)
GROWN = [
    ("a variable at the end", SHOP, ("uint256 private total;", "uint256 private total; bool private shut;")),
    ("a field at the end of a namespace", SHOP, ("sales; }", "sales; address owner; }")),
    ("a field at the end of a struct in a mapping", SHOP, ("uint96 amount;", "uint96 amount; bytes32 note;")),
]
BROKEN = [
    ("another type", SHOP, ("uint256 private total", "uint128 private total"), "Shop, storage"),
    ("a variable before", SHOP, ("uint256 private total", "bool a; uint256 private total"), "Shop, storage"),
    ("a variable less", SHOP, ("uint256 private total;", ""), "Shop, storage"),
    (
        "fields exchanged",
        SHOP,
        ("uint64 count; bool open", "bool open; uint64 count"),
        "erc7201:shop.storage",
    ),
    ("a field packed in between", SHOP, ("bool open;", "bool open; bool shut;"), "erc7201:shop.storage"),
    ("another namespace", SHOP, ("shop.storage", "shop.store"), "namespace erc7201:shop.storage: is gone"),
    ("a struct's field exchanged", SHOP, ("uint96 amount", "uint88 amount"), "struct Shop.Sale"),
    ("a struct in an array grew", LISTED, ("uint96 amount;", "uint96 amount; bytes32 note;"), "would move"),
    ("no longer upgradeable", SHOP, (" is UUPSUpgradeable", " "), "no longer upgradeable"),
]
Versions = dict[str, Any]


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    """Every version of the shop that a test asks for."""
    changed = [case[1].replace(*case[2]) for case in (*GROWN, *BROKEN)]
    codes = list(dict.fromkeys([SHOP, LISTED, OWNED, *changed]))
    return dict(zip(codes, laid_out(tmp_path_factory.mktemp("shops"), *codes), strict=True))


def laid_out(folder: Path, *codes: str) -> list[Any]:
    """The layouts of several versions of the shop, compiled at once."""
    contracts = folder / "contracts"
    contracts.mkdir(exist_ok=True)
    for number, code in enumerate(codes):
        (contracts / f"Shop{number}.sol").write_text(
            HEAD + UUPS + code.replace("contract Shop ", f"contract Shop{number} ")
        )
    found = layouts(folder)
    return [_renamed({"Shop": found[f"Shop{number}"]}, number) for number in range(len(codes))]


def _renamed(found: Any, number: int) -> Any:
    return json.loads(json.dumps(found).replace(f"Shop{number}.", "Shop."))


def test_snapshot__contracts_as_they_are__is_up_to_date() -> None:
    found = layouts()
    assert differences(snapshot(), found) == []
    assert {"Raffle", "Timelock", "Token", "TokenFactory", "TombolaGovernor", "Vesting"} <= found.keys()
    assert not {"TestERC20", "IRaffle", "GovernorVoting"} & found.keys()


def test_layouts__namespaced_struct__is_laid_out_with_what_it_refers_to(shops: Versions) -> None:
    assert shops[SHOP]["Shop"] == {
        "upgradeable": True,
        "storage": ["0+0 uint256 total"],
        "namespaces": {
            "erc7201:shop.storage": [
                "0+0 uint64 count",
                "0+8 bool open",
                "1+0 mapping(uint256 => struct Shop.Sale) sales",
            ]
        },
        "structs": {"struct Shop.Sale": ["0+0 address buyer", "0+20 uint96 amount"]},
    }


def test_layouts__openzeppelin_s_namespaces__are_those_of_the_bases(shops: Versions) -> None:
    names = ("openzeppelin.storage.Initializable", "openzeppelin.storage.Ownable", "shop.storage")
    assert list(shops[OWNED]["Shop"]["namespaces"]) == [f"erc7201:{name}" for name in names]


def test_layouts__namespace_in_a_library_that_is_imported__is_laid_out(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    shelf = "library Shelf {\n    /// @custom:storage-location erc7201:shelf\n    struct Book { uint64 count; bool open; }\n}\n"
    (tmp_path / "contracts" / "Shelf.sol").write_text(HEAD + shelf)
    using = 'import {Shelf} from "./Shelf.sol";\ncontract Desk {}\n'
    (tmp_path / "contracts" / "Desk.sol").write_text(HEAD + using)
    (tmp_path / "contracts" / "Other.sol").write_text(HEAD + "contract Other {}\n")
    found = layouts(tmp_path)
    assert found["Desk"]["namespaces"] == {"erc7201:shelf": ["0+0 uint64 count", "0+8 bool open"]}
    assert found["Other"]["namespaces"] == {}


def test_layouts__code_that_does_not_compile__says_why(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="ParserError"):
        laid_out(tmp_path, "contract {")


@pytest.mark.parametrize(("code", "change"), [case[1:] for case in GROWN], ids=[case[0] for case in GROWN])
def test_broken__growth_at_the_end__is_none(shops: Versions, code: str, change: tuple[str, str]) -> None:
    before, after = shops[code], shops[code.replace(*change)]
    assert differences(before, after)
    assert broken(before, after) == []


@pytest.mark.parametrize(
    ("code", "change", "told"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_broken__anything_else__is_named(
    shops: Versions, code: str, change: tuple[str, str], told: str
) -> None:
    assert told in " ".join(broken(shops[code], shops[code.replace(*change)]))


def test_broken__contract_without_proxy__may_change(shops: Versions) -> None:
    before = copy.deepcopy(shops[SHOP])
    before["Shop"]["upgradeable"] = False
    assert broken(before, shops[SHOP.replace("uint256 private total;", "")]) == []


def test_main__deliberate_change__is_told_accepted_and_refused_where_an_upgrade_breaks(
    shops: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "storage.json"
    now = [shops[SHOP]]
    monkeypatch.setattr("tools.storage_layout.SNAPSHOT", file)
    monkeypatch.setattr("tools.storage_layout.layouts", lambda: now[0])
    assert main([]) == 1
    assert "--write" in capsys.readouterr().out
    assert main(["--write"]) == 0
    assert main([]) == 0
    changed = copy.deepcopy(now[0])
    changed["Shop"]["storage"] = ["0+0 uint128 total"]
    now[0] = changed
    assert main(["--write"]) == 1
    assert "would misread" in capsys.readouterr().out
    assert snapshot()["Shop"]["storage"] == ["0+0 uint256 total"]
    assert main(["--write", "--never-deployed"]) == 0
    assert main([]) == 0
