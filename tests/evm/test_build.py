"""Only what changed is compiled, and what is wrong is said."""

import shutil
from pathlib import Path

import pytest

from tests.evm.build import ROOT, Build, BuildError

SHOP = "pragma solidity 0.8.37; import {Shelf} from './lib/Shelf.sol'; contract Shop is Shelf {}"
SHELF = "pragma solidity 0.8.37; contract Shelf { uint256 public size = 1; }"
STALL = "pragma solidity 0.8.37; contract Stall {}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with our compiler and settings, and three contracts."""
    (tmp_path / "tools").symlink_to(ROOT / "tools")
    shutil.copy(ROOT / "ape-config.yaml", tmp_path)
    write(tmp_path, "Shop", SHOP)
    write(tmp_path, "lib/Shelf", SHELF)
    write(tmp_path, "Stall", STALL)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    path = folder / "contracts" / f"{name}.sol"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def compiled(folder: Path) -> set[str]:
    """What a new build compiles."""
    build = Build(folder)
    assert set(build.artifacts) == {"Shop", "Shelf", "Stall"}
    return {Path(source).stem for source in build.compiled}


def test_build__sources_change__compiles_them_and_what_imports_them(folder: Path) -> None:
    assert compiled(folder) == {"Shop", "Shelf", "Stall"}
    assert compiled(folder) == set()
    first = Build(folder)["Shop"]["code"]
    write(folder, "lib/Shelf", SHELF.replace("1", "2"))
    assert compiled(folder) == {"Shop", "Shelf"}
    assert Build(folder)["Shop"]["code"] != first
    write(folder, "lib/Shelf", SHELF)
    assert compiled(folder) == set()
    assert Build(folder)["Shop"]["code"] == first


def test_build__settings_change__compiles_all(folder: Path) -> None:
    compiled(folder)
    config = folder / "ape-config.yaml"
    config.write_text(config.read_text().replace("optimization_runs: 200", "optimization_runs: 201"))
    assert compiled(folder) == {"Shop", "Shelf", "Stall"}


def test_build__contract_does_not_compile__says_where(folder: Path) -> None:
    write(folder, "Stall", STALL.replace("{}", "{ uint256 x = true; }"))
    with pytest.raises(BuildError, match=r"contracts/Stall\.sol"):
        compiled(folder)


def test_build__name_unknown_or_twice__is_refused(folder: Path) -> None:
    with pytest.raises(BuildError, match="no contract Booth"):
        Build(folder)["Booth"]
    write(folder, "lib/Stall", STALL)
    with pytest.raises(BuildError, match=r"Stall is in contracts/Stall\.sol and in contracts/lib/Stall\.sol"):
        Build(folder)["Stall"]
