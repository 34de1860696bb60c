"""One run of schemathesis as one person."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.conformance.live import LiveApi, Someone
from tests.support.processes import ROOT, Process

CONFIG = Path(__file__).with_name("schemathesis.toml")
# Off: that whatever fits the schema is accepted. JSON Schema cannot say which address has a right checksum, which text
# is a mail address, a picture or a list of people; those are refused with 422 that names the field.
OFF = "positive_data_acceptance"
SEED = "1"


def start(api: LiveApi, someone: Someone, folder: Path, *arguments: str) -> Process:
    """Schemathesis against every operation as this person; exit code 0 when every answer was as documented.

    `folder` is where it keeps what it found.
    """
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "--no-color", "run"]
    options = ["--checks", "all", "--exclude-checks", OFF, "--output-sanitize", "false", "--warnings", "off"]
    env = {
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.conformance.hooks",
        "CONFORMANCE_DATABASE": api.database.superuser,
        "CONFORMANCE_SOMEONE": json.dumps(asdict(someone)),
    }
    return Process([*command, f"{api.url}/api/v1/openapi.json", *options, *arguments], env=env, cwd=folder)
