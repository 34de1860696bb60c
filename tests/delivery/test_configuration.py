"""The configuration reference says what the settings classes take, all of it, now."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

from backend.settings import Settings
from tests.support.processes import ROOT
from tools.configuration.page import MEANINGS, PAGE, classes, page, sections, sections_of
from tools.configuration.refusals import refusals_of, sentences
from tools.oracle.settings import load_settings as load_oracle_settings

SETTINGS = {one.name: one for settings in sections().values() for one in settings}
READ_ELSEWHERE = {"RPC_URL", "PATH_INFO"}
"""Spoken of in the page's text, or no setting of ours."""


def test_page__is_what_the_classes_give_now() -> None:
    assert PAGE.read_text() == page(), "docs/configuration.md is stale: run `python -m tools.configuration`"


def test_every_setting__has_its_row_with_a_meaning_once() -> None:
    fields = {name.upper() for one in classes().values() for name in one.model_fields}
    assert len(fields) > 100
    assert fields <= SETTINGS.keys()
    assert len(SETTINGS) == sum(len(settings) for settings in sections().values())
    lacking = {name for name, one in SETTINGS.items() if len(one.meaning) < 10 or not one.used_by}
    assert lacking == set(), f"say in {MEANINGS.name} what they mean, or in their Field's description"


def test_sections__another_class__its_own_settings_beside_the_shared_one() -> None:
    class Copies(BaseSettings):
        copies_dir: Path = Field(description="an absolute folder")
        copies_keep_days: int = Field(default=14, ge=1, le=35, description="how long they are kept")
        kms_file: Path | None = None

    found = sections_of({"backend": Settings, "copies": Copies}, {})
    (beside,) = [settings for title, settings in found.items() if title == "More of the copies"]
    assert [(one.name, one.type, one.default, one.meaning) for one in beside] == [
        ("COPIES_DIR", "path", "**required**", "an absolute folder"),
        ("COPIES_KEEP_DAYS", "days ≥ 1, ≤ 35", "`14`", "how long they are kept"),
    ]
    assert [one.default for one in found["More of the backend"] if one.name == "KMS_FILE"] == ["`kms.key`"]


def test_secrets__are_never_shown() -> None:
    secrets = [name for name, field in Settings.model_fields.items() if field.annotation is SecretStr]
    assert len(secrets) > 5
    assert {SETTINGS[name.upper()].default for name in secrets} <= {"–", "a local one"}


def test_every_refusal_of_production__stands_with_a_setting() -> None:
    said = sentences()
    assert len(said) >= 18
    assert [one for one in said if not any(refusals_of(name, said).count(one) for name in SETTINGS)] == []


@pytest.mark.parametrize(
    ("change", "setting"),
    [({"public_url": "http://x.example"}, "PUBLIC_URL"), ({"jwt_secret": "short"}, "JWT_SECRET")],
)
def test_what_the_page_says_production_refuses__is_what_it_says(change: dict[str, str], setting: str) -> None:
    told = {
        "environment": "production",
        "database_url": "postgresql:///x",
        "rpc_urls": "http://x",
        "registry": "x.json",
    }
    with pytest.raises(ValidationError) as refused:
        Settings(**{**told, "jwt_secret": "s" * 40, **change})  # type: ignore[arg-type]
    words = refused.value.errors()[0]["msg"].removeprefix("Value error, ")
    assert words in refusals_of(setting, sentences())
    assert words in PAGE.read_text()


def test_every_variable_the_programs_read__is_in_the_page() -> None:
    told = set(re.findall(r"`([A-Z][A-Z_]+)`", PAGE.read_text())) | READ_ELSEWHERE
    folders = ("backend", "listener", "scripts", "tools/run", "tools/oracle", "tools/stripe_stand_in")
    read = {name for folder in folders for name in _read_in(ROOT / folder)}
    assert {"LOG_FORMAT", "STATE_DIR", "BEACON_PORT", "DEPLOYMENTS_DIR"} <= read
    assert read - told == set()


def test_oracle_defaults__are_those_of_the_page() -> None:
    needed = {"RPC_URLS": "http://x", "REGISTRY": "x.json", "ORACLE_KEY_FILE": "x.key"}
    settings = load_oracle_settings(needed)
    assert SETTINGS["BEACON_PORT"].default == f"`{settings.beacon_port}`"
    assert SETTINGS["STATE_DIR"].default == f"`{settings.state_dir}`"


def _read_in(folder: Path) -> Iterator[str]:
    """Names in `environ["X"]`, `environment.get("X")`, `_required(env, "X")`."""
    for path in folder.rglob("*.py"):
        yield from re.findall(
            r"(?:environ|environment|env)(?:\.get\(|\[|, )\"([A-Z][A-Z_]+)\"", path.read_text()
        )
