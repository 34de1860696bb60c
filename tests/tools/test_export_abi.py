"""The web app's interfaces are those of the compiled contracts."""

import json
from pathlib import Path

from tools.export_abi import TYPESCRIPT, compiled_abis, typescript


def test_export_abi__committed_typescript__is_up_to_date() -> None:
    assert TYPESCRIPT.read_text() == typescript(compiled_abis()), "run `make abi`"


def test_export_abi__names__are_contracts_that_can_be_deployed() -> None:
    names = compiled_abis().keys()
    assert {"Raffle", "Contest", "Token", "TokenFactory", "Vesting", "DrandBeacon"} <= names
    assert not names & {"IRaffle", "Randomness", "WinnersHarness"}


def test_export_abi__source_is_gone__leaves_the_contract_out(tmp_path: Path) -> None:
    contract = {"abi": [{"type": "constructor"}], "deploymentBytecode": {"bytecode": "0x00"}}
    sources = {"Kept": "contracts/raffle/Raffle.sol", "Gone": "contracts/raffle/Gone.sol"}
    types = {name: {**contract, "sourceId": source} for name, source in sources.items()}
    compiled = tmp_path / "compiled.json"
    compiled.write_text(json.dumps({"contractTypes": types}))
    assert compiled_abis(compiled).keys() == {"Kept"}


def test_typescript__name_and_entries__become_a_constant() -> None:
    assert typescript({"TokenFactory": [{"type": "event", "name": "Made"}]}).endswith(
        'export const tokenFactoryAbi = [\n  {\n    "name": "Made",\n    "type": "event"\n  }\n] as const\n'
    )
