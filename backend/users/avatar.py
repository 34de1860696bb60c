"""Pictures of people: decoded within limits, cut square, and written anew, so that nothing else comes along."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from backend.errors import AppError

MAX_AVATAR_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
SIDE = 256
"""Pixels of the square that is kept."""
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_TROUBLE = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    Image.DecompressionBombWarning,
)


class AvatarUnusable(AppError):
    """The file is no picture that can be used: JPEG, PNG, WebP or GIF, at most 25 million pixels"""

    status = 422


def make_avatar(data: bytes) -> bytes:
    """A square WebP of 256 pixels without metadata, from the first frame of a picture; takes CPU time.

    The size is read from the header before anything is decoded. Raises AvatarUnusable.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise AvatarUnusable(
                        f"The picture has {picture.width} x {picture.height} pixels, and {MAX_PIXELS} are the most. "
                        "Send a smaller one."
                    )
                picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # JPEG: decode at a fraction of the size
                upright = ImageOps.exif_transpose(picture).convert("RGBA")
        square = ImageOps.fit(upright, (SIDE, SIDE))
        clean = Image.new("RGBA", square.size)
        clean.paste(square)
        written = io.BytesIO()
        clean.save(written, "WEBP", quality=85)
    except Image.DecompressionBombError as error:
        raise AvatarUnusable("The picture has too many pixels. Send a smaller one.") from error
    except _TROUBLE as error:
        raise AvatarUnusable("The file cannot be read as JPEG, PNG, WebP or GIF. Send a picture.") from error
    return written.getvalue()
