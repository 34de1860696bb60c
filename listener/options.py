"""Command line and environment of the listener: one name for each option, flags win over variables."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class OptionError(ValueError):
    """An option is missing or wrong; the message says which and what to give."""


@dataclass(frozen=True)
class Options:
    """Everything a command needs. `poll_interval` in seconds, `finality_depth` and `max_span` in blocks."""

    command: str
    registry: Path | None
    rpc_urls: tuple[str, ...]
    database_url: str
    until_block: int | None
    finality_depth: int | None
    poll_interval: float
    max_span: int
    metrics_port: int | None
    first: int | None
    last: int | None
    sample: int
    yes: bool
    json: bool
    exact: bool
    report: int


_COMMANDS = {
    "run": "mirror the chain, then follow it",
    "status": "print head, cursor, lag, finality and rows",
    "check": "compare a range of the mirror with the chain",
    "rebuild": "drop the mirror and, given a registry and providers, mirror again up to the head",
}


def options_parser() -> argparse.ArgumentParser:
    """The commands and their flags; the configuration reference is made of it."""
    parser = argparse.ArgumentParser(
        prog="python -m listener", description="Mirror every event of the registered contracts into Postgres."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        command.add_argument("--registry", metavar="FILE", help="deployments/<chain_id>.json (REGISTRY)")
        command.add_argument(
            "--rpc-url",
            metavar="URL",
            action="append",
            help="http(s); ws(s) beside it announces blocks; may be repeated (RPC_URLS)",
        )
        command.add_argument("--database-url", metavar="URL", help="libpq URI (DATABASE_URL)")
        command.add_argument("--finality-depth", metavar="N", help="used where there is no finalized tag")
        command.add_argument("--max-span", metavar="BLOCKS", help="most blocks in one eth_getLogs (5000)")
        if name == "run":
            command.add_argument("--until-block", metavar="N", help="exit 0 when block N is committed")
            command.add_argument("--poll-interval", metavar="SECONDS", help="between looks at the head (0.1)")
            command.add_argument("--metrics-port", metavar="PORT", help="serve Prometheus metrics (off)")
        if name == "check":
            command.add_argument("--first", metavar="N", help="first block (the registry's first)")
            command.add_argument("--last", metavar="N", help="last block (the cursor)")
            command.add_argument("--sample", metavar="N", help="compare only N random spans of 100 blocks")
            command.add_argument("--report", metavar="N", help="differences shown in full (20)")
        if name == "rebuild":
            command.add_argument("--yes", action="store_true", help="do not ask")
        if name == "status":
            command.add_argument("--json", action="store_true", help="print one JSON object")
            command.add_argument(
                "--exact", action="store_true", help="count every row, however long it takes"
            )
    return parser


def parse_options(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the options of a command. Raises OptionError; argparse ends the program at unknown flags."""
    given = vars(options_parser().parse_args(arguments))

    def value(name: str, variable: str | None = None) -> str | None:
        flag = given.get(name)
        found = flag if flag is not None else environment.get(variable or name.upper())
        return str(found).strip() or None if found is not None else None

    urls = given.get("rpc_url") or (environment.get("RPC_URLS") or environment.get("RPC_URL") or "").split(
        ","
    )
    database_url = value("database_url")
    if database_url is None:
        raise OptionError(
            "DATABASE_URL is missing: give --database-url, such as postgresql://user@localhost/tombola."
        )
    registry = value("registry")
    if registry is None and given["command"] in ("run", "check"):
        raise OptionError("REGISTRY is missing: give --registry, such as deployments/31337.json.")
    rpc_urls = tuple(url.strip() for url in urls if url.strip())
    if not rpc_urls and given["command"] in ("run", "check"):
        raise OptionError("RPC_URLS is missing: give --rpc-url, such as http://127.0.0.1:8545.")
    return Options(
        command=given["command"],
        registry=None if registry is None else Path(registry),
        rpc_urls=rpc_urls,
        database_url=database_url,
        until_block=_count("--until-block", value("until_block")),
        finality_depth=_count("--finality-depth", value("finality_depth")),
        poll_interval=_seconds("--poll-interval", value("poll_interval")) or 0.1,
        max_span=_count("--max-span", value("max_span"), least=1) or 5000,
        metrics_port=_count("--metrics-port", value("metrics_port"), most=65_535),
        first=_count("--first", given.get("first")),
        last=_count("--last", given.get("last")),
        sample=_count("--sample", given.get("sample")) or 0,
        yes=bool(given.get("yes")),
        json=bool(given.get("json")),
        exact=bool(given.get("exact")),
        report=20 if given.get("report") is None else _count("--report", given["report"]) or 0,
    )


def _count(flag: str, text: str | None, least: int = 0, most: int = 2**53) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or not least <= int(text) <= most:
        raise OptionError(f"{flag} must be a whole number of {least} or more, not {text!r}.")
    return int(text)


def _seconds(flag: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.0 < seconds <= 3600.0:
        raise OptionError(f"{flag} must be a number of seconds between 0 and 3600, not {text!r}.")
    return seconds
