"""`python -m tools.api_compat`: see the package's docstring."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tools.api_compat.operations import breaks, codes
from tools.clients import description

BASELINES = Path(__file__).resolve().parents[2] / "docs" / "api"
_PROSE = ("description", "summary", "title", "example", "examples")
WHAT_TO_DO = """\
Clients of {version} would stumble over this. Leave what was there as it was and put the new beside it. What has to go is
marked `deprecated=True` in one release and may be taken away in the next; what cannot wait gets a path of a new
version (/api/v2/…)."""


def newest() -> Path:
    """The description of the last release."""
    found = BASELINES.glob("openapi-*.json")
    return max(found, key=lambda path: [int(part) for part in path.stem.removeprefix("openapi-").split(".")])


def promises(document: dict[str, Any]) -> dict[str, Any]:
    """A description without its prose, so that the file is a fifth as large: of refusals the codes are left."""
    kept: dict[str, Any] = _without_prose({key: document[key] for key in ("openapi", "paths", "components")})
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = kept["paths"][path][method]["responses"]
            for status, answer in operation["responses"].items():
                if status >= "400":
                    answers[status] = {"description": " ".join(f"`{code}`" for code in codes(answer))}
                else:
                    answers[status]["description"] = ""
    info = {"title": document["info"]["title"], "version": document["info"]["version"]}
    return {
        "openapi": kept["openapi"],
        "info": info,
        "paths": kept["paths"],
        "components": kept["components"],
    }


def _without_prose(node: Any, names: bool = False) -> Any:
    """`names`: the keys are names of members, parameters or shapes, which may be any word."""
    if isinstance(node, list):
        return [_without_prose(one) for one in node]
    if not isinstance(node, dict):
        return node
    inside = ("properties", "schemas", "paths", "headers", "securitySchemes")
    return {
        key: _without_prose(value, names=not names and key in inside)
        for key, value in node.items()
        if names or key not in _PROSE
    }


def write(document: dict[str, Any]) -> Path:
    """Make the description the baseline of its version."""
    path = BASELINES / f"openapi-{document['info']['version']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(promises(document), indent=1, sort_keys=True) + "\n")
    return path


def main() -> int:
    """Compare, or write; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tools.api_compat")
    parser.add_argument(
        "--write", action="store_true", help="at a release: make this description the baseline"
    )
    parser.add_argument("--accept", action="store_true", help="with --write: although it breaks promises")
    arguments = parser.parse_args()
    document = description()
    found: list[str] = []
    if any(BASELINES.glob("openapi-*.json")):
        last = json.loads(newest().read_text())
        found = breaks(last, document)
        print("\n".join([*found, *([WHAT_TO_DO.format(version=last["info"]["version"])] if found else [])]))
    if found and not arguments.accept:
        return 1
    print(f"{write(document)} is the baseline now." if arguments.write else "No promise is broken.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
