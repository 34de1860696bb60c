"""What a QR code on a page says, told from its picture."""

import io

import segno
from PIL import Image

FINDER = 7
"""Modules across the squares in a code's corners."""


def modules_of(picture: bytes) -> list[list[bool]]:
    """The code's modules, dark is True, row by row: its picture sampled in the middle of each."""
    image = Image.open(io.BytesIO(picture)).convert("L").point(lambda grey: 255 if grey < 128 else 0)
    box = image.getbbox()
    assert box is not None, "the picture is blank"
    code = image.crop(box)
    first_row = [code.getpixel((x, 1)) for x in range(code.width)]
    size = round(code.width * FINDER / first_row.index(0))
    middles = [(n + 0.5) * code.width / size for n in range(size)]
    return [[code.getpixel((int(x), int(y))) == 255 for x in middles] for y in middles]


def says(picture: bytes, text: str) -> bool:
    """Whether the picture is a code of the text: the one that another encoder makes of it, with some mask and level."""
    shown = modules_of(picture)
    version = (len(shown) - 17) // 4
    for error in "LMQH":
        for mask in range(8):
            try:
                code = segno.make_qr(
                    text, version=version, error=error, mask=mask, mode="byte", boost_error=False
                )
            except segno.DataOverflowError:
                break
            if [[bool(module) for module in row] for row in code.matrix] == shown:
                return True
    return False
