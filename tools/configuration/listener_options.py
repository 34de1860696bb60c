"""The listener's options: its parser says which there are, a watched environment which variables it reads."""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from listener.options import options_parser, parse_options

_NEEDED = {"DATABASE_URL": "postgresql:///x", "REGISTRY": "x.json", "RPC_URLS": "http://127.0.0.1"}
_OTHER_NAMES = {"rpc_url": "RPC_URLS"}


@dataclass
class Watched(Mapping[str, str]):
    """An environment that remembers which variables were asked for."""

    held: Mapping[str, str]
    asked: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


@dataclass(frozen=True)
class Option:
    """One option, with the commands that take it; `variable` is empty where only the flag exists."""

    flag: str
    variable: str
    meaning: str
    commands: tuple[str, ...]


def options() -> list[Option]:
    """All of them, each once."""
    found: dict[str, Option] = {}
    for command, subparser in _subparsers().items():
        environment = Watched(_NEEDED)
        parse_options([command], environment)
        for action in subparser._actions:
            if isinstance(action, argparse._HelpAction):
                continue
            flag = action.option_strings[-1]
            name = _OTHER_NAMES.get(action.dest, action.dest.upper())
            before = found[flag].commands if flag in found else ()
            variable = name if name in environment.asked else ""
            if before:
                variable = found[flag].variable or variable
            found[flag] = Option(flag, variable, str(action.help), (*before, command))
    return list(found.values())


def _subparsers() -> dict[str, argparse.ArgumentParser]:
    actions = [one for one in options_parser()._actions if isinstance(one, argparse._SubParsersAction)]
    return dict(actions[0].choices)
