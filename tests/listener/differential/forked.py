"""The listener as the fork server runs it: imported once, its pauses shortened."""

import importlib
import sys
from typing import Any

from eth_hash.auto import keccak

from listener.chain.rpc import RpcPool
from listener.options import parse_options

# Seconds the listener waits for, shortened: a seed has dozens of faults. What it does meanwhile stays the same.
PAUSES = {
    "_FIRST_PAUSE": 0.004,
    "_LONGEST_PAUSE": 0.03,
    "_FIRST_REST": 0.01,
    "_LONGEST_REST": 0.04,
    "_UNSAID_PAUSE": 0.005,
    "_SPAN_PATIENCE": 0.2,
    "_HASH_PATIENCE": 0.1,
    "_LIARS_REST": 0.02,
    "_HEADER_PATIENCE": 0.1,
    "_DISTRUST": 0.02,
    "_WITHOUT_HASHES": 1.0,
    "_COMPARE_EVERY": 0.05,
    "_TIP_AGE": 0.02,
    "_LOOK_EVERY": 0.03,
    "_STANDBY_INTERVAL": 0.01,
    "_RECONNECT_INTERVAL": 0.01,
}
TIMEOUT = 0.4  # of one HTTP request; 15 s in production


def shorten_pauses() -> None:
    """Set the listener's pauses for this process and those forked from it."""
    modules = [module for name, module in sys.modules.items() if name.startswith("listener.")]
    for constant, seconds in PAUSES.items():
        found = [module for module in modules if isinstance(vars(module).get(constant), float)]
        if not found:
            raise LookupError(
                f"No module of the listener has the number of seconds {constant} any more: correct PAUSES."
            )
        for module in found:
            setattr(module, constant, seconds)
    defaults: dict[str, Any] = RpcPool.__init__.__kwdefaults__ or {}
    defaults["timeout"] = TIMEOUT


def prepare() -> None:
    """Import and call once what a listener needs."""
    for name in ("listener.__main__", "encodings.idna", "psycopg_binary"):
        importlib.import_module(name)
    keccak(b"")  # first calls import modules and compile expressions
    parse_options(["run", "--registry", "-", "--database-url", "-", "--rpc-url", "http://127.0.0.1"])
    shorten_pauses()


def become(arguments: list[str]) -> int:
    """Be `python -m listener *arguments`."""
    from listener.__main__ import main

    return main(arguments)
