"""Reads the QR code in a picture: clean ones of a screen, with one alignment square and one block of data."""

import io
from collections.abc import Iterator

from PIL import Image

FINDER = 7
"""Modules across the squares in three corners."""
TIMING = 6
"""The row and the column of alternating modules."""
FORMAT_MASK = 0b101_0100_0001_0010
BYTES = 0b0100
MASKS = (
    lambda y, x: (y + x) % 2,
    lambda y, x: y % 2,
    lambda y, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)
"""A module is inverted where this is 0 (ISO/IEC 18004, 7.8.2)."""


def read(picture: bytes) -> str:
    """The text of the code."""
    code = _modules(picture)
    size = len(code)
    assert size in range(25, 42, 4), "a version with one alignment square: 2 to 6"
    mask = MASKS[(_format(code) ^ FORMAT_MASK) >> 10 & 0b111]
    bits = "".join(str(int(code[y][x] ^ (mask(y, x) == 0))) for y, x in _path(size))
    assert int(bits[:4], 2) == BYTES, "text kept byte by byte"
    length = int(bits[4:12], 2)
    return bytes(int(bits[12 + 8 * n : 20 + 8 * n], 2) for n in range(length)).decode()


def _modules(picture: bytes) -> list[list[bool]]:
    """Dark is True, row by row: the picture sampled in the middle of each module."""
    image = Image.open(io.BytesIO(picture)).convert("L").point(lambda grey: 255 if grey < 128 else 0)
    code = image.crop(image.getbbox())
    finder = [code.getpixel((x, 1)) for x in range(code.width)].index(0)
    size = round(code.width * FINDER / finder)
    middles = [(n + 0.5) * code.width / size for n in range(size)]
    return [[code.getpixel((int(x), int(y))) == 255 for x in middles] for y in middles]


def _format(code: list[list[bool]]) -> int:
    """The fifteen bits around the upper left square: level, mask, and their check."""
    across = [code[8][x] for x in (0, 1, 2, 3, 4, 5, 7, 8)]
    up = [code[y][8] for y in (7, 5, 4, 3, 2, 1, 0)]
    return int("".join(str(int(bit)) for bit in across + up), 2)


def _path(size: int) -> Iterator[tuple[int, int]]:
    """Row and column of each module of data, in order: in pairs of columns from the right, up and down in turn."""
    columns = [x for x in range(size - 1, 0, -2) if x > TIMING] + [5, 3, 1]
    for turn, right in enumerate(columns):
        rows = range(size) if turn % 2 else range(size - 1, -1, -1)
        for y in rows:
            for x in (right, right - 1):
                if not _is_function(y, x, size):
                    yield y, x


def _is_function(y: int, x: int, size: int) -> bool:
    """Whether the module belongs to the code's frame."""
    corner = (y < 9 and x < 9) or (y < 9 and x >= size - 8) or (y >= size - 8 and x < 9)
    alignment = size - 9 <= y <= size - 5 and size - 9 <= x <= size - 5
    return corner or alignment or TIMING in (y, x)
