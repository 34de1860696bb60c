"""An API process for the benchmarks that ask it."""

import json
from pathlib import Path
from typing import Any

from tools.run.postgres import DatabaseUris

MOST = "100000000"
"""More than a benchmark asks."""
_LIMITS = (
    "REQUESTS_PER_MINUTE_PER_NETWORK",
    "REQUESTS_PER_MINUTE_PER_USER",
    "SIGN_IN_ATTEMPTS_PER_MINUTE",
    "STREAMS_PER_ADDRESS",
)


def environment(
    uris: DatabaseUris, folder: Path, registry: Any, node: str = "http://127.0.0.1:1"
) -> dict[str, str]:
    """Settings as in production, but for the limits that the one client of a benchmark would reach."""
    file = folder / "registry.json"
    file.write_text(json.dumps(registry))
    return {
        "DATABASE_URL": uris.backend,
        "RPC_URLS": node,
        "REGISTRY": str(file),
        "KMS_FILE": str(folder / "kms.key"),
        "LOG_LEVEL": "error",
        **dict.fromkeys(_LIMITS, MOST),
    }
