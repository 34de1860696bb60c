"""Certificates on demand: made once for what they show, kept in the file store, typeset under a time limit."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from functools import lru_cache
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import structlog
from prometheus_client import Counter

from backend.certificates.errors import CertificateFailed
from backend.certificates.facts import Facts
from backend.certificates.glyphs import FONTS
from backend.certificates.qr import qr_of
from backend.certificates.wording import worded
from backend.files.store import FileMissing, FileStore, read_whole, write_whole
from backend.settings import ROOT

TEMPLATE = Path(__file__).parent / "certificate.typ"
TIME_LIMIT = 60.0
"""Seconds; 10,000 winners take about a tenth of it."""
# One at a time: a certificate is made once, and typesetting takes a processor.
_turn = asyncio.Semaphore(1)
log = structlog.get_logger(__name__)
TYPESET = Counter("tombola_certificates", "Certificates typeset: made, failed, too_long", ["outcome"])
for _outcome in ("made", "failed", "too_long"):
    TYPESET.labels(_outcome)  # an increase from 0 is one


async def certificate(files: FileStore, facts: Facts, language: str) -> bytes:
    """The PDF. Raises CertificateFailed."""
    words = await asyncio.to_thread(worded, facts, language, qr_of(facts.url))
    asked = json.dumps(
        {"words": words, "timestamp": int(facts.drawn.time.timestamp())}, sort_keys=True, ensure_ascii=False
    ).encode()
    key = key_of(asked)
    try:
        return await read_whole(files, key)
    except FileMissing:
        pass
    async with _turn:
        try:
            return await read_whole(files, key)  # made while we waited
        except FileMissing:
            made = await typeset(asked)
        await write_whole(files, key, made)
    return made


def key_of(asked: bytes) -> str:
    """Where the certificate is kept: it follows from what it shows and from how that is laid out."""
    shown = hashlib.sha256(_layout() + hashlib.sha256(asked).digest()).hexdigest()
    return f"certificates/{uuid5(NAMESPACE_URL, shown)}.pdf"


async def typeset(asked: bytes, limit: float = TIME_LIMIT) -> bytes:
    """Run the typesetter; it is ended when it takes too long. It gets no secrets: only what it needs to start."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "backend.certificates.typeset",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={
            name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV") if name in os.environ
        },
    )
    try:
        made, errors = await asyncio.wait_for(process.communicate(asked), limit)
    except TimeoutError:
        TYPESET.labels("too_long").inc()
        log.error(
            "certificate_took_too_long", seconds=limit, next="the typesetter was ended; look at the contest"
        )
        raise CertificateFailed(
            f"The certificate was not ready after {limit:g} seconds. Try again in a minute."
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    TYPESET.labels("failed" if process.returncode else "made").inc()
    if process.returncode != 0:
        log.error("certificate_failed", code=process.returncode, said=errors.decode(errors="replace")[-500:])
        raise CertificateFailed("The certificate could not be typeset. Try again later.")
    return made


@lru_cache(maxsize=1)
def _layout() -> bytes:
    """A digest of template and fonts: a new layout makes new certificates."""
    digest = hashlib.sha256()
    for path in [TEMPLATE, *sorted(FONTS.iterdir())]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()
