"""Draws a dashboard's panels from what Prometheus answers. It is no picture of Grafana: it has its layout and data."""

from __future__ import annotations

import html
import io
import time
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from tools.browser import find_chromium
from tools.dashboards.panels import Line, dashboards, lines_of

SECONDS = 600.0
COLUMN, ROW = 60, 34  # pixels of one unit of Grafana's grid
COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f")
STYLE = """
    body { margin: 0; padding: 12px; background: #f4f5f5; font: 13px sans-serif; width: 1440px }
    h1 { font-size: 18px; margin: 0 } p { margin: 2px 0 10px; color: #555 }
    .grid { position: relative } .panel { position: absolute; box-sizing: border-box; padding: 3px }
    .inner { background: #fff; border: 1px solid #d8d9da; height: 100%; box-sizing: border-box; padding: 5px 8px;
        overflow: hidden }
    .title { font-weight: bold; white-space: nowrap } .number { font-size: 28px; text-align: center; color: #1f7a3d;
        margin-top: 14px }
    .red { color: #c4162a } .none { color: #888; text-align: center; margin-top: 20px }
    .legend { font-size: 11px; color: #333; height: 30px; overflow: hidden; line-height: 14px }
"""


def draw(url: str, uid: str, file: Path) -> None:
    """Write a PNG of the last ten minutes, small. Raises OSError, LookupError."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1464, "height": 600})
        opened.set_content(page(url, uid))
        shot = opened.screenshot(full_page=True)
        browser.close()
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(48).save(file, optimize=True)


def page(url: str, uid: str) -> str:
    """The same as HTML."""
    board = dashboards()[uid]
    now = time.time()
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"]) * ROW
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    panels = "".join(_panel(panel, lines_of(url, panel, SECONDS), now) for panel in board["panels"])
    return (
        f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><h1>{html.escape(board['title'])}</h1>"
        f"<p>deploy/grafana/{uid}.json, drawn without Grafana from what Prometheus answered at {when},"
        f" last {SECONDS / 60:.0f} minutes.</p><div class=grid style='height:{height}px'>{panels}</div>"
    )


def _panel(panel: dict[str, Any], lines: list[Line], now: float) -> str:
    at = panel["gridPos"]
    box = (at["w"] * COLUMN, at["h"] * ROW)
    inside = "<div class=none>no data</div>"
    unit = panel["fieldConfig"]["defaults"]["unit"]
    if lines and panel["type"] == "stat":
        inside = _number(panel, lines[0].points[-1][1], unit)
    elif lines:
        inside = _chart(lines, now, unit, box[0] - 26, box[1] - 70)
    place = f"left:{at['x'] * COLUMN}px;top:{at['y'] * ROW}px;width:{box[0]}px;height:{box[1]}px"
    title = html.escape(panel["title"])
    return f"<div class=panel style='{place}'><div class=inner><div class=title>{title}</div>{inside}</div></div>"


def _number(panel: dict[str, Any], value: float, unit: str) -> str:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    colour = [step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1]
    return f"<div class='number {colour}'>{_shown(value, unit)}</div>"


def _chart(lines: list[Line], now: float, unit: str, width: int, height: int) -> str:
    top = max(value for line in lines for _, value in line.points) or 1.0
    lowest = min(value for line in lines for _, value in line.points)
    bottom = lowest if unit == "none" else min(0.0, lowest)
    span = (top - bottom) or 1.0
    left = 55
    drawn = [
        f"<text x=0 y=10 font-size=10>{_shown(top, unit)}</text>"
        f"<text x=0 y={height} font-size=10>{_shown(bottom, unit)}</text>"
        f"<path d='M{left} 0V{height}H{width}' fill=none stroke=#ccc />"
    ]
    legend = []
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(
            f"{left + (width - left) * (1 - (now - at) / SECONDS):.1f},"
            f"{height - (height - 2) * (value - bottom) / span:.1f}"
            for at, value in line.points
        )
        drawn.append(f"<polyline points='{path}' fill=none stroke='{colour}' stroke-width=1.5 />")
        legend.append(f"<span style='color:{colour}'>■</span> {html.escape(line.label)}")
    return f"<svg width={width} height={height}>{''.join(drawn)}</svg><div class=legend>{' &nbsp; '.join(legend)}</div>"


def _shown(value: float, unit: str) -> str:
    if unit == "percentunit":
        return f"{100 * value:.4g} %"
    if unit == "s":
        if value > 7200:
            return f"{value / 3600:.1f} h"
        return f"{1000 * value:.3g} ms" if 0 < value < 1 else f"{value:.3g} s"
    if unit == "bytes":
        return f"{value / 1e6:.4g} MB"
    per = " /s" if unit in ("reqps", "ops") else ""
    return f"{value:.0f}{per}" if value == int(value) else f"{value:.4g}{per}"
