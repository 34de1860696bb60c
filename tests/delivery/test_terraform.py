"""The reference for AWS: parsed, every reference leads to something, nothing is open. docs/delivery.md: what was not tried."""

import re
from functools import cache
from typing import Any

import hcl2
import pytest

from tests.support.processes import ROOT

FOLDER = ROOT / "deploy" / "terraform"
FILES = sorted(FOLDER.glob("*.tf"))
SYMBOL = re.compile(r"(?<![\w.\"/:-])((?:data\.)?aws_\w+\.\w+|var\.\w+|local\.\w+)")


@cache
def parsed() -> dict[str, list[dict[str, Any]]]:
    """All blocks of all files by their kind."""
    blocks: dict[str, list[dict[str, Any]]] = {}
    for path in FILES:
        with path.open() as file:
            for kind, found in _plain(hcl2.load(file)).items():
                blocks.setdefault(kind, []).extend(found)
    return blocks


def _plain(value: Any) -> Any:
    """Without the quotes and notes that the parser keeps."""
    if isinstance(value, dict):
        return {_plain(key): _plain(one) for key, one in value.items() if not str(key).startswith("__")}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value[1:-1] if isinstance(value, str) and value[:1] == value[-1:] == '"' else value


def resources(kind: str) -> dict[str, dict[str, Any]]:
    found = [one[kind] for one in parsed()["resource"] if kind in one]
    return {name: body for one in found for name, body in one.items()}


def symbols() -> set[str]:
    """What others may refer to."""
    blocks = parsed()
    names = {f"{kind}.{name}" for one in blocks["resource"] for kind, body in one.items() for name in body}
    names |= {f"data.{kind}.{name}" for one in blocks["data"] for kind, body in one.items() for name in body}
    names |= {f"var.{name}" for one in blocks["variable"] for name in one}
    return names | {f"local.{name}" for one in blocks["locals"] for name in one}


def used() -> set[str]:
    text = "\n".join(path.read_text() for path in FILES)
    return set(SYMBOL.findall(re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE).replace("${", " ")))


def test_references__all_lead_to_something__all_variables_are_used() -> None:
    assert len(used()) > 40
    assert used() - symbols() == set()
    assert {one for one in symbols() if one.startswith(("var.", "data.", "local."))} - used() == set()


def test_versions__pinned() -> None:
    (terraform,) = parsed()["terraform"]
    (providers,) = terraform["required_providers"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", one["version"]) for one in providers.values())
    assert re.fullmatch(r">= \d+\.\d+\.\d+, < 2\.0\.0", terraform["required_version"])


@pytest.mark.parametrize("kind", ["variable", "output"])
def test_every_variable_and_output__is_described(kind: str) -> None:
    told = {name: body for one in parsed()[kind] for name, body in one.items()}
    assert len(told) >= 7
    assert [name for name, body in told.items() if len(body.get("description", "")) < 5] == []
    assert [name for name, body in told.items() if "password" in str(body.get("default", "")).lower()] == []


def test_database__two_zones__restore_to_a_second__replica__not_public__not_deleted_by_mistake() -> None:
    databases = resources("aws_db_instance")
    primary = databases["primary"]
    assert (primary["multi_az"], primary["deletion_protection"], primary["backup_retention_period"]) == (
        True,
        True,
        "${var.restore_days}",
    )
    assert primary["manage_master_user_password"] is True
    assert "password" not in primary, "it would stand in the state"
    assert all(
        one["publicly_accessible"] is False and one["storage_encrypted"] is True for one in databases.values()
    )
    assert "primary" in databases["replica"]["replicate_source_db"]
    kept = [primary, resources("aws_kms_key")["master"], resources("aws_s3_bucket")["files"]]
    assert all(one["lifecycle"][0]["prevent_destroy"] is True for one in kept)


def test_ways_in__only_from_the_cluster__files_are_nobody_elses() -> None:
    rules = resources("aws_vpc_security_group_ingress_rule")
    assert rules.keys() == {"database", "cache"}
    assert all("cidr_ipv4" not in one and one["referenced_security_group_id"] for one in rules.values())
    (block,) = resources("aws_s3_bucket_public_access_block").values()
    assert [value for name, value in block.items() if name != "bucket"] == [True] * 4
    cache_ = resources("aws_elasticache_replication_group")["main"]
    assert cache_["transit_encryption_enabled"] is True
    assert all(one["enable_key_rotation"] is True for one in resources("aws_kms_key").values())
