"""The QR code of a public page, as SVG."""

from __future__ import annotations

import io

QUIET_ZONE = 4
"""Modules of white around it, as ISO/IEC 18004 asks for."""


def qr_of(url: str) -> str:
    """The code at error correction M: a sixth of it may be dirty."""
    import segno  # it computes tables for a while, which no start need wait for

    picture = io.BytesIO()
    segno.make(url, error="m", micro=False).save(picture, kind="svg", border=QUIET_ZONE, xmldecl=False)
    return picture.getvalue().decode()
