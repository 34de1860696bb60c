"""The registry: what is accepted, and the sentence for each thing that is wrong."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from listener.chain.registry import RegistryError, load_registry, parse_registry
from tests.listener.abis import RAFFLE, REGISTRY


def test_parse__registry_of_the_design__is_read() -> None:
    registry = parse_registry({**REGISTRY, "network": "local"})
    assert registry.chain_id == 31337
    assert registry.extra == {"network": "local"}
    assert registry.contract("Raffle").address.lower() == RAFFLE
    assert [event.signature for event in registry.contract("Raffle").events] == [
        "Named(uint40,string)",
        "Picked(uint256,uint256[])",
    ]
    assert registry.contract("Token").created_by is not None


def test_parse__list_of_addresses__each_once_checksummed() -> None:
    document = copy.deepcopy(REGISTRY)
    document["contracts"]["Raffle"]["address"] = [RAFFLE, RAFFLE.upper().replace("X", "x"), "0x" + "12" * 20]  # type: ignore[index]
    assert len(parse_registry(document).contract("Raffle").addresses) == 2


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(document: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            document = document[parent]
        if value is ...:
            del document[last]
        else:
            document[last] = value

    return apply


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (change("chain_id", "137"), "`chain_id` must be a positive integer"),
        (change("chain_id", True), "`chain_id` must be a positive integer"),
        (change("contracts", {}), "`contracts` must be an object with at least one contract"),
        (change("contracts.Raffle", []), "`contracts.Raffle` must be an object"),
        (change("contracts.Raffle.abi", ...), "`contracts.Raffle.abi` must be the contract's ABI"),
        (change("contracts.Raffle.abi", [1]), "`contracts.Raffle.abi` cannot be used"),
        (
            change("contracts.Raffle.abi", [{"type": "event", "name": "E", "inputs": [{"type": "uint7"}]}]),
            "event E: type 'uint7' is not a Solidity type",
        ),
        (change("contracts.Raffle.address", ...), "`contracts.Raffle.address` is missing"),
        (change("contracts.Raffle.address", []), "`contracts.Raffle.address` is an empty list"),
        (change("contracts.Raffle.address", "0xAbababababababababababababababababababab"), "wrong checksum"),
        (change("contracts.Raffle.first_block", ...), "`contracts.Raffle.first_block` must be the block"),
        (change("contracts.Raffle.first_block", -1), "`contracts.Raffle.first_block` must be the block"),
        (
            change("contracts.Token.created_by", "TokenFactory"),
            "`contracts.Token.created_by` must be an object",
        ),
        (
            change("contracts.Token.created_by.contract", "Nobody"),
            "names 'Nobody', which is not in `contracts`",
        ),
        (
            change("contracts.Token.created_by.event", "Gone"),
            "names 'Gone', which is no event of TokenFactory",
        ),
        (change("contracts.Token.created_by.argument", "name"), "names 'name', which is no address argument"),
        (change("contracts.Token.created_by.contract", "Token"), "created_by.event` names 'TokenCreated'"),
        (change("contracts", {"a b": {}}), "`contracts.a b` is no contract name"),
    ],
)
def test_parse__something_wrong__names_key_and_reason(
    harm: Callable[[dict[str, Any]], None], words: str
) -> None:
    document = copy.deepcopy(REGISTRY)
    harm(document)
    with pytest.raises(RegistryError) as found:
        parse_registry(document, "deployments/1.json")
    assert words in str(found.value)
    assert "deployments/1.json" in str(found.value)


def test_parse__creators_in_a_circle__refused() -> None:
    created = REGISTRY["contracts"]["TokenFactory"]["abi"]  # type: ignore[index]
    entry = {"abi": created, "created_by": {"event": "TokenCreated", "argument": "token"}}
    one, two = copy.deepcopy(entry), copy.deepcopy(entry)
    one["created_by"]["contract"], two["created_by"]["contract"] = "Two", "One"
    with pytest.raises(RegistryError, match="circle"):
        parse_registry({"chain_id": 1, "contracts": {"One": one, "Two": two}})


def test_load__no_file__says_deploy_first(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="does not exist; deploy first"):
        load_registry(tmp_path / "137.json")


def test_load__no_json__says_where(tmp_path: Path) -> None:
    path = tmp_path / "137.json"
    path.write_text(json.dumps(REGISTRY)[:-5])
    with pytest.raises(RegistryError, match="is not JSON"):
        load_registry(path)
