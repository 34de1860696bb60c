"""The processes of a fleet as the fork server runs them: what they import is imported once, all else is as ever."""

from __future__ import annotations

import importlib
import json
import os

from eth_account import Account

COMMANDS = {
    "api": ("backend", "api"),
    "sender": ("backend", "sender"),
    "worker": ("backend", "worker"),
    "listener": ("listener", "run"),
}
IMPORTED = (
    *("backend.app", "backend.server", "backend.graphql.checks", "backend.sender.process"),
    *("backend.jobs.process", "listener.__main__", "listener.service", "uvloop", "httptools"),
    *("uvicorn.protocols.websockets.websockets_impl", "encodings.idna"),
)


def prepare() -> None:
    """Import and call once what they need."""
    for name in IMPORTED:
        importlib.import_module(name)
    Account.from_key(b"\1" * 32)  # first calls import modules


def become(arguments: list[str]) -> int:
    """Be `python -m backend api`, or another one, in this environment."""
    kind, environment = arguments
    os.environ.clear()
    os.environ.update(json.loads(environment))
    module, command = COMMANDS[kind]
    try:
        return int(importlib.import_module(f"{module}.__main__").main([command]) or 0)
    except SystemExit as ended:
        return int(ended.code or 0)
