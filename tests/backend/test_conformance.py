"""The live API answers as its OpenAPI says: quick and with a fixed seed. `make fuzz-api` asks for longer."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from tests.conformance.live import live_api
from tests.conformance.run import SEED, start
from tests.support.anvil import Anvil
from tools.run.postgres import DatabaseUris

# An administrator passes every gate, so the systematic requests are theirs; the others' are a few random ones.
SYSTEMATIC = ("--phases", "coverage")
RANDOM = ("--phases", "fuzzing", "--max-examples", "2")


def test_every_operation__answers_as_described(database: DatabaseUris, chain: Anvil, tmp_path: Path) -> None:
    with live_api(database, chain, tmp_path) as api, ExitStack() as stack:
        asked = {
            someone.role: stack.enter_context(start(api, someone, tmp_path, "--seed", SEED, *how))
            for someone, how in (
                (api.person(chain, "admin"), SYSTEMATIC),
                (api.person(chain, "user"), RANDOM),
                (api.anonymous(), RANDOM),
            )
        }
        for role, process in asked.items():
            assert process.wait(300) == 0, f"as {role}:\n{process.text}"
        assert "Traceback" not in api.process.text, api.process.text
