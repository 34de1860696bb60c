"""Which signs the certificate's fonts can draw, read from the fonts themselves; what else was typed is written as its
Unicode number, so that two accounts which differ in such a sign still look different.

Format: the `cmap` table of OpenType, subtables 4 and 12.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import lru_cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
JOINERS = frozenset("\u200c\u200d\ufe0f")
"""Drawn as nothing by themselves; they shape emoji and several scripts."""
_LONGEST_RUN = 16
_BREAK = "\u200b"


def drawable(text: str, *, lines: bool = False) -> str:
    """The text as the certificate can show it; `lines` keeps line ends. Long runs without a space may be broken."""
    kept = [_shown(sign, lines) for sign in text.replace("\r\n", "\n").replace("\r", "\n")]
    return _with_breaks("".join(kept))


def _shown(sign: str, lines: bool) -> str:
    if sign in " \n":
        return sign if lines else " "
    if sign == "\t":
        return " "
    if sign in JOINERS or (_is_visible(sign) and ord(sign) in covered()):
        return sign
    return f"‹U+{ord(sign):04X}›"


def _is_visible(sign: str) -> bool:
    """No control character, nothing that turns the direction of what follows or hides in between."""
    return unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")


def _with_breaks(text: str) -> str:
    """Places at which a long word may go on in the next line; before no mark that belongs to the sign before it."""
    parts, run = [], 0
    for sign in text:
        if sign in " \n":
            run = 0
        elif run >= _LONGEST_RUN and not unicodedata.combining(sign) and sign not in JOINERS:
            parts.append(_BREAK)
            run = 0
        parts.append(sign)
        run += 1
    return "".join(parts)


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Every sign that at least one font has."""
    found: set[int] = set()
    for path in sorted(FONTS.glob("*.?tf")):
        found |= _signs(path.read_bytes())
    return frozenset(found)


def _signs(font: bytes) -> set[int]:
    (tables,) = struct.unpack_from(">H", font, 4)
    for at in range(12, 12 + 16 * tables, 16):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, at)
        if tag == b"cmap":
            return _cmap(font, offset)
    return set()


def _cmap(font: bytes, start: int) -> set[int]:
    (count,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for at in range(start + 4, start + 4 + 8 * count, 8):
        _, _, offset = struct.unpack_from(">HHI", font, at)
        (kind,) = struct.unpack_from(">H", font, start + offset)
        if kind == 4:
            found |= _segments(font, start + offset)
        elif kind == 12:
            found |= _groups(font, start + offset)
    return found


def _segments(font: bytes, at: int) -> set[int]:
    """Format 4: segments of 16-bit codes. A code whose glyph is 0 is not covered."""
    (double,) = struct.unpack_from(">H", font, at + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    starts = struct.unpack_from(f">{count}H", font, at + 16 + double)
    deltas = struct.unpack_from(f">{count}H", font, at + 16 + 2 * double)
    offsets_at = at + 16 + 3 * double
    offsets = struct.unpack_from(f">{count}H", font, offsets_at)
    found = set()
    for index, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            if offsets[index]:
                place = offsets_at + 2 * index + offsets[index] + 2 * (code - first)
                (glyph,) = struct.unpack_from(">H", font, place)
                has_glyph = glyph != 0
            else:
                has_glyph = (code + deltas[index]) & 0xFFFF != 0
            if has_glyph:
                found.add(code)
    return found


def _groups(font: bytes, at: int) -> set[int]:
    """Format 12: groups of 32-bit codes."""
    (count,) = struct.unpack_from(">I", font, at + 12)
    found: set[int] = set()
    for index in range(count):
        first, last, glyph = struct.unpack_from(">III", font, at + 16 + 12 * index)
        found.update(range(first + (glyph == 0), last + 1))
    return found
