"""The figure of a seed, as the web app draws it (frontend/src/shared/ui/Rosette.tsx): the same bytes, the same figure."""

from __future__ import annotations

import math

_RINGS, _POINTS = 6, 300
_TEAL, _PLUM = (13, 89, 84), (163, 27, 98)


def rosette(seed: str) -> str:
    """Six rings of one symmetry as SVG; every number of it comes from the 32 bytes."""
    octets = bytes.fromhex(seed.removeprefix("0x"))
    petals = 6 + octets[31] % 7
    groups = []
    for ring in range(_RINGS):
        at = ring * 5
        waves = petals * (1 + octets[at] % 3)
        radius, height = 17 + ring * 14.6, 6 + octets[at + 1] / 255 * 7
        twist, overtone = (octets[at + 2] / 255 - 0.5) * 1.6, 0.15 + octets[at + 3] / 255 * 0.35
        lines = 7 + octets[at + 4] % 5
        path = "".join(
            f"{'L' if point else 'M'}{x:.1f} {y:.1f}"
            for point, (x, y) in enumerate(_curve(waves, radius, height, twist, overtone))
        )
        uses = "".join(
            f'<path d="{path}Z" transform="rotate({line * 360 / (waves * lines):.3f} 100 100)"/>'
            for line in range(lines)
        )
        groups.append(
            f'<g fill="none" stroke-width="0.42" stroke="{_colour(ring / (_RINGS - 1))}">{uses}</g>'
        )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 216 216">{"".join(groups)}</svg>'


def _curve(
    waves: int, radius: float, height: float, twist: float, overtone: float
) -> list[tuple[float, float]]:
    points = []
    for point in range(_POINTS + 1):
        angle = point / _POINTS * math.pi * 2
        wave = math.sin(waves * angle) * (1 - overtone) + overtone * math.sin(2 * waves * angle + twist)
        r = radius + height * wave
        points.append((100 + r * math.cos(angle), 100 + r * math.sin(angle)))
    return points


def _colour(part: float) -> str:
    mixed = (round(teal + (plum - teal) * part) for teal, plum in zip(_TEAL, _PLUM, strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)
