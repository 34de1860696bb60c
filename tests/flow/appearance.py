"""How far an open page looks from a kept picture of it.

A story told again has other winners, random numbers, addresses and times, so pixels cannot be equal. Both pictures are
divided into cells of CELL × CELL pixels; a cell differs when its mean colour does by more than STEP in some channel, and
what is told is the share of such cells among those that show anything. Another digit changes a cell little; a heading
that moved, a rule or a colour that is gone, or another typeface changes many. Seals are drawn from random bytes, and
are left out. On one machine two tellings differ by up to 0.19; what is moved by 8 pixels, by 0.4 and more.
"""

import io

from PIL import Image
from playwright.sync_api import Page

CELL = 12
STEP = 24
"""Of 255."""
MOST = 0.25
"""The largest difference that still counts as the same look."""
BY_CHANCE = "[data-figure=rosette], [data-figure=qr]"
BOXES = """selector => [...document.querySelectorAll(selector)].map((element) => {
  const { left, top, right, bottom } = element.getBoundingClientRect()
  return [left, top, right, bottom]
})"""

Box = tuple[float, float, float, float]


def boxes_of_chance(page: Page) -> list[Box]:
    """Where the open page shows what random bytes draw."""
    return [(left, top, right, bottom) for left, top, right, bottom in page.evaluate(BOXES, BY_CHANCE)]


def difference(kept: bytes, now: bytes, left_out: list[Box]) -> float:
    """The share of cells that differ, 0 to 1, of two PNGs; the kept one may be a smaller copy."""
    image = Image.open(io.BytesIO(now)).convert("RGB")
    columns, rows = image.width // CELL, image.height // CELL
    before = _cells(Image.open(io.BytesIO(kept)).convert("RGB").resize(image.size), columns, rows)
    after = _cells(image, columns, rows)
    paper = max(set(after), key=after.count)
    shown = differing = 0
    for at, (one, other) in enumerate(zip(before, after, strict=True)):
        if _inside(at % columns, at // columns, left_out):
            continue
        if _far(one, other):
            differing += 1
        elif not _far(other, paper):
            continue
        shown += 1
    return differing / max(shown, 1)


Colour = tuple[int, int, int]


def _cells(image: Image.Image, columns: int, rows: int) -> list[Colour]:
    whole = image.crop((0, 0, columns * CELL, rows * CELL))
    return list(whole.resize((columns, rows), Image.Resampling.BOX).getdata())


def _far(one: Colour, other: Colour) -> bool:
    return any(abs(a - b) > STEP for a, b in zip(one, other, strict=True))


def _inside(column: int, row: int, boxes: list[Box]) -> bool:
    left, top = column * CELL, row * CELL
    return any(
        left < right_end and left + CELL > left_end and top < lower and top + CELL > upper
        for left_end, upper, right_end, lower in boxes
    )
