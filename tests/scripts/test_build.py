"""The code that contract tests run is the code that gets deployed."""

import re
from typing import Any

from tests.evm import Build

# What solc adds behind the code: a hash of settings and sources, and its own version.
_METADATA = re.compile(r"a264697066735822[0-9a-f]{68}64736f6c6343[0-9a-f]{6}0033")


def test_build__every_contract__is_what_ape_deploys(project: Any) -> None:
    build = Build()
    different, deployable = [], 0
    for name, artifact in build.artifacts.items():
        if not artifact["source"].startswith("contracts/"):
            continue  # Chainlink's coordinator: scripts/_coordinator.py deploys the same file
        contract = project.get_contract(name).contract_type
        ours, theirs = artifact["code"], (contract.deployment_bytecode.bytecode or "0x").removeprefix("0x")
        deployable += bool(ours)
        if _METADATA.sub("", ours) != _METADATA.sub("", theirs):
            different.append(name)
    assert different == []
    assert deployable > 10
