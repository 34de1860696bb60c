"""Asks a Prometheus what the panels of deploy/grafana ask."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "grafana"
Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One series: what its legend says, and (Unix time, value)."""

    label: str
    points: list[Point]


def dashboards() -> dict[str, dict[str, Any]]:
    """By uid."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def lines_of(url: str, panel: dict[str, Any], seconds: float, points: int = 60) -> list[Line]:
    """What each of its expressions gives over the last `seconds`. Raises OSError."""
    now = time.time()
    found = []
    for target in panel["targets"]:
        asked = {
            "query": target["expr"],
            "start": now - seconds,
            "end": now,
            "step": max(seconds / points, 1),
        }
        query = urllib.parse.urlencode(asked)
        with urllib.request.urlopen(f"{url}/api/v1/query_range?{query}", timeout=30) as response:  # noqa: S310
            result = json.load(response)["data"]["result"]
        for series in result:
            values = [(float(at), float(value)) for at, value in series["values"]]
            finite = [(at, value) for at, value in values if value == value and abs(value) != float("inf")]
            if finite:
                found.append(Line(_label(target["legendFormat"], series["metric"]), finite))
    return found


def may_be_empty(panel: dict[str, Any]) -> bool:
    """Whether having no data is no fault: it says so, or it is about backups, which a local system does not make."""
    expressions = [target["expr"] for target in panel["targets"]]
    words = panel["description"]
    return "Empty" in words or "No data" in words or all("tombola_backup" in one for one in expressions)


def check(url: str, seconds: float = 600) -> int:
    """Print each panel with how many series it has; 1 where one without an excuse has none."""
    missing = 0
    for uid, board in dashboards().items():
        for panel in board["panels"]:
            count = len(lines_of(url, panel, seconds))
            fault = not count and not may_be_empty(panel)
            missing += fault
            word = f"{count} series" if count else "NO DATA" if fault else "empty, as it may be"
            print(f"{uid:18} {panel['title']:40} {word}")
    print("Every panel has data." if not missing else f"{missing} panels have no data.")
    return 1 if missing else 0


def _label(template: str, labels: dict[str, str]) -> str:
    if template == "__auto":
        return " ".join(value for name, value in sorted(labels.items()) if name != "__name__")
    return re.sub(r"\{\{ ?(\w+) ?\}\}", lambda match: labels.get(match.group(1), ""), template)
