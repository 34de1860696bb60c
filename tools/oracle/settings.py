"""Settings of the oracle, from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingError(ValueError):
    """A missing or unusable environment variable."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the beacon listens, which chain is answered and where keys lie."""

    state_dir: Path
    beacon_port: int
    rpc_urls: tuple[str, ...]
    registry: Path
    oracle_key_file: Path


def state_dir(env: Mapping[str, str]) -> Path:
    """STATE_DIR, `.tombola` by default."""
    return Path(env.get("STATE_DIR") or ".tombola")


def load_settings(env: Mapping[str, str]) -> Settings:
    """Read the environment. Raises SettingError naming what is missing."""
    return Settings(
        state_dir=state_dir(env),
        beacon_port=_port(env),
        rpc_urls=tuple(url.strip() for url in _required(env, "RPC_URLS").split(",") if url.strip()),
        registry=Path(_required(env, "REGISTRY")),
        oracle_key_file=Path(_required(env, "ORACLE_KEY_FILE")),
    )


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise SettingError(f"{name} is not set: the oracle needs RPC_URLS, REGISTRY and ORACLE_KEY_FILE.")
    return value


def _port(env: Mapping[str, str]) -> int:
    text = env.get("BEACON_PORT") or "8547"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingError(f"BEACON_PORT is {text!r}: give a port from 1 to 65535.")
    return int(text)
