"""Words → PDF, in a process of its own: `python -m backend.certificates.typeset` reads JSON and writes the PDF.

The process has no network, no secrets and little time, so whatever was typed into a contest can at most end it.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import typst

from backend.certificates.glyphs import FONTS

HERE = Path(__file__).parent
TEMPLATE = HERE / "certificate.typ"
STANDARD: typst.PDFStandard = "a-2u"
"""PDF/A: fonts inside, text that can be copied. A sign without a glyph is an error there, never an empty box."""
MOST_MEMORY = 4 * 2**30
MOST_SECONDS = 120


def typeset(words: str, timestamp: int) -> bytes:
    """The PDF of a certificate's words (JSON); `timestamp` (Unix) is its date. The same input gives the same bytes."""
    compiler = typst.Compiler(
        root=HERE,
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": words},
    )
    made = compiler.compile(str(TEMPLATE), format="pdf", timestamp=timestamp, pdf_standards=STANDARD)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no PDF")
    return made


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    asked = json.load(sys.stdin)
    sys.stdout.buffer.write(typeset(json.dumps(asked["words"]), asked["timestamp"]))


if __name__ == "__main__":
    _main()
