"""What the clients are built from; that they work is shown by tests/flow/test_07_clients.py."""

from pathlib import Path

import pytest

from tools.clients import build, examples, without_refusals
from tools.generated import GenerateError


def test_without_refusals__good_answers_are_left() -> None:
    responses = {"200": {"description": "good"}, "304": {}, "404": {}, "422": {}}
    left = without_refusals(
        {"openapi": "3.1.0", "paths": {"/x": {"get": {"tags": ["x"], "responses": responses}}}}
    )
    assert left["paths"]["/x"]["get"] == {"tags": ["x"], "responses": {"200": {"description": "good"}}}
    assert left["openapi"] == "3.1.0"


def test_build__the_api_has_another_version__says_where_to_write_it(tmp_path: Path) -> None:
    described = {"openapi": "3.1.0", "info": {"title": "Tombola", "version": "1.1.0"}, "paths": {}}
    with pytest.raises(GenerateError, match=r"clients/python has version 1\.0\.0, the API 1\.1\.0"):
        build(tmp_path / "built", described)


def test_examples__each_language_has_its_program() -> None:
    python, typescript = examples("python"), examples("ts")
    compile(python, "docs/clients.md", "exec")
    for word in ("idempotency", "Problem", "each(", "bundle", "credentials"):
        assert word.lower() in python.lower(), word
        assert word.lower() in typescript.lower(), word
    assert "import os" not in typescript
