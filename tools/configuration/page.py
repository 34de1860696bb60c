"""docs/configuration.md as text."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from pydantic_settings import BaseSettings

from backend.settings import ROOT, Settings
from tools.configuration.kinds import default, kind
from tools.configuration.listener_options import options
from tools.configuration.refusals import refusals_of, sentences

PAGE = ROOT / "docs" / "configuration.md"
MEANINGS = Path(__file__).with_name("meanings.toml")
OTHERS = "More of the {}"
"""Where settings go that have no line in meanings.toml, with their field's description."""


@dataclass(frozen=True)
class Setting:
    """One row of the page."""

    name: str
    used_by: str
    type: str
    default: str
    meaning: str


def classes() -> dict[str, type[BaseSettings]]:
    """Every settings class of the backend by who is configured with it, the backend's own first."""
    found: dict[str, type[BaseSettings]] = {"backend": Settings}
    for path in sorted((ROOT / "backend").glob("*/settings.py")):
        module = import_module(f"backend.{path.parent.name}.settings")
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, BaseSettings) and one.__module__ == module.__name__:
                found[path.parent.name] = one
    return found


def sections() -> dict[str, list[Setting]]:
    """All settings by the sections of meanings.toml. Raises KeyError for a line that no class stands behind."""
    return sections_of(classes(), tomllib.loads(MEANINGS.read_text()))


def sections_of(
    found: Mapping[str, type[BaseSettings]], meanings: Mapping[str, Mapping[str, dict[str, str]]]
) -> dict[str, list[Setting]]:
    """The same for these classes and lines; a setting that several classes read is told once."""
    owners = {
        name.upper(): owner for owner, one in reversed(list(found.items())) for name in one.model_fields
    }
    fields = {name: found[owner].model_fields[name.lower()] for name, owner in owners.items()}
    told: dict[str, list[Setting]] = {}
    for title, lines in meanings.items():
        for name, line in lines.items():
            field = fields.pop(name, None)
            if field is None:
                setting = Setting(name, line["by"], line["type"], line["default"], line["means"])
            else:
                setting = Setting(name, line["by"], kind(name, field), default(field), line["means"])
            told.setdefault(title, []).append(setting)
    for name, field in fields.items():
        setting = Setting(name, owners[name], kind(name, field), default(field), field.description or "")
        told.setdefault(OTHERS.format(owners[name]), []).append(setting)
    return told


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([_HEAD, *_settings(), *_listener(), ""])


def _settings() -> Iterator[str]:
    said = sentences()
    for title, settings in sections().items():
        yield f"## {title}\n"
        yield "| setting | used by | type | default | meaning |"
        yield "|---|---|---|---|---|"
        for one in settings:
            refused = "".join(f" **Production refuses:** {text}." for text in refusals_of(one.name, said))
            end = "." if refused else ""
            yield f"| `{one.name}` | {one.used_by} | {one.type} | {one.default} | {_cell(one.meaning)}{end}{_cell(refused)} |"
        yield ""


def _listener() -> Iterator[str]:
    yield _LISTENER
    yield "| option | variable | commands | meaning |"
    yield "|---|---|---|---|"
    for one in options():
        variable = f"`{one.variable}`" if one.variable else "–"
        yield f"| `{one.flag}` | {variable} | {', '.join(one.commands)} | {_cell(one.meaning)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<chain_id>", "CHAIN_ID")


_HEAD = """# Configuration

Written by `python -m tools.configuration` from the classes that read the environment; a test fails when this page is
older than they are. What to do with the processes stands in [Operating](operating.md).

Settings are environment variables with the same names in every process. Each `python -m backend …` (`migrate` too) reads
and checks all of the backend's at its start, so give all of them the same ones: what is missing or unsafe is told in one
line each, and the exit code is 2. *backend* is api, worker, sender, keeper and migrate; *all* is these and the listener.
Amounts are wei, and times what the type says. An empty value of an optional setting is as none.

The least that production needs: `ENVIRONMENT=production`, `DATABASE_URL`, `RPC_URLS`, `REGISTRY`, `PUBLIC_URL`,
`JWT_SECRET`, `KMS_URL` or `KMS_FILE`, and `FILES_URL` or an absolute `FILES_DIR`; the keeper needs `KEEPER_KEY_FILE` and
`BEACON_URL` besides.
"""

_LISTENER = """## Options of the listener

`python -m listener COMMAND`; a flag wins over its variable. `RPC_URL` is read where `RPC_URLS` is not set.
"""
