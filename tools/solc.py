"""npm's solc by its standard JSON, with the settings that ape compiles with (ape-config.yaml).

`solc(question)` answers what the compiler answers; imports are found below `base`, then in this repository. With
`alone` the input is compiled as it is, from nothing but the sources in it.
"""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 600


class SolcError(Exception):
    """What does not compile, and why; or a compiler that does not run."""


@cache
def _config() -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((ROOT / "ape-config.yaml").read_text())["solidity"]
    return config


def settings() -> dict[str, Any]:
    """What solc is told, apart from the output that is wanted."""
    config = _config()
    return {
        "optimizer": {"enabled": config["optimize"], "runs": config["optimization_runs"]},
        "evmVersion": config["evm_version"],
        "remappings": sorted(config["import_remapping"]),
    }


def solc(question: dict[str, Any], base: Path = ROOT, *, alone: bool = False) -> dict[str, Any]:
    """The compiler's answer to a standard JSON input. Raises SolcError."""
    compiler = ROOT / "tools" / "solcx" / f"solc-v{_config()['version']}"
    imports = ["--no-import-callback"] if alone else ["--base-path", str(base)]
    try:
        done = subprocess.run(
            ["node", str(compiler), "--standard-json", *imports],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            check=False,
            cwd=base,
            timeout=PATIENCE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SolcError(f"solc cannot be run: {error}") from error
    if done.returncode != 0:
        raise SolcError(f"solc failed: {done.stderr.strip()}")
    answer: dict[str, Any] = json.loads(done.stdout)
    errors = [error["formattedMessage"] for error in answer.get("errors", []) if error["severity"] == "error"]
    if errors:
        raise SolcError("\n".join(errors))
    return answer


__all__ = ["ROOT", "SolcError", "settings", "solc"]
