"""Command line of `python -m tools.run`; the environment gives what the command line does not."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.run.errors import RunError

WEB_PORT, RPC_PORT, BEACON_PORT, STRIPE_PORT = 8000, 8545, 8547, 8549


@dataclass(frozen=True)
class Options:
    """`rpc_port`, `beacon_port` and `stripe_port` are None where nobody asked for one: remembered or default then."""

    state: Path
    port: int
    rpc_port: int | None
    beacon_port: int | None
    stripe_port: int | None
    fresh: bool
    story: bool


def parse(arguments: Sequence[str], env: Mapping[str, str] = os.environ) -> Options:
    """Read the options. Raises RunError when a port is no port."""
    parser = argparse.ArgumentParser(prog="python -m tools.run", description="Run the whole local system.")
    parser.add_argument("--state", metavar="DIR", help="folder of all state (STATE_DIR, .tombola)")
    parser.add_argument("--port", metavar="N", help="web port (PORT, 8000)")
    parser.add_argument("--fresh", action="store_true", help="remove the state folder first")
    parser.add_argument("--no-story", action="store_true", help="leave the new system empty")
    given = parser.parse_args(arguments)
    return Options(
        state=Path(given.state or env.get("STATE_DIR") or ".tombola").resolve(),
        port=_port("PORT", given.port or env.get("PORT")) or WEB_PORT,
        rpc_port=_port("RPC_PORT", env.get("RPC_PORT")),
        beacon_port=_port("BEACON_PORT", env.get("BEACON_PORT")),
        stripe_port=_port("STRIPE_PORT", env.get("STRIPE_PORT")),
        fresh=given.fresh,
        story=not given.no_story,
    )


def _port(name: str, text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise RunError(f"{name}={text} is no port; give a number from 1 to 65535.")
    return int(text)
