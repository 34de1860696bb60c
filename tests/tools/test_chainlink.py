"""Chainlink's coordinator, compiled here: kept while its sources stay, made anew when they change."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.chainlink import ChainlinkBuildError, artifact, coordinator


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The artifact's path in an empty folder."""
    path = tmp_path / "VRFCoordinatorV2_5.json"
    monkeypatch.setattr(artifact, "ARTIFACT", path)
    coordinator.cache_clear()
    yield path
    coordinator.cache_clear()


def test_coordinator__sources_as_published__deployable_with_its_interface() -> None:
    found = coordinator()
    names = {part.get("name") for part in found.abi}
    assert found.name == "VRFCoordinatorV2_5"
    assert {"fulfillRandomWords", "requestRandomWords", "registerProvingKey", "setConfig"} <= names
    assert 20_000 < len(found.bytecode) < 24_576


def test_coordinator__kept_file__is_read_and_another_is_replaced(elsewhere: Path) -> None:
    first = coordinator()
    document = json.loads(elsewhere.read_text())
    elsewhere.write_text(json.dumps({**document, "name": "Kept"}))
    coordinator.cache_clear()
    assert coordinator().name == "Kept"
    elsewhere.write_text(json.dumps({**document, "name": "Old", "key": "of other sources"}))
    coordinator.cache_clear()
    assert coordinator() == first


def test_coordinator__package_missing__says_what_to_do(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifact, "PACKAGE", elsewhere.parent / "none")
    with pytest.raises(ChainlinkBuildError, match="run `make setup`"):
        coordinator()


def test_coordinator__no_node__says_so(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact.shutil, "which", lambda _: None)
    with pytest.raises(ChainlinkBuildError, match="Node is not on PATH"):
        coordinator()
