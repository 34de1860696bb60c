"""Giving consent, taking it back, and who gave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from backend.consents.schemas import (
    DOCUMENTS,
    OPTIONAL,
    ConsentLine,
    ConsentsOut,
    Document,
    DocumentOut,
    Optional,
    OptionalOut,
    Subject,
)
from backend.consents.tables import Consent
from backend.errors import AppError, NotFound
from backend.settings import Settings

MOST_LINES = 50


class DocumentNotFound(NotFound):
    """The operator has not set up this document"""


class DocumentOutdated(AppError):
    """Another version of the document counts now; read that one, then accept it"""

    status = 409


class DocumentsNotAccepted(AppError):
    """An account needs agreement to the operator's documents as they are now; `documents` says which"""

    status = 409


class Current(NamedTuple):
    """A document's version that counts now, and where it is."""

    version: str
    url: str


def documents(settings: Settings) -> dict[Document, Current]:
    """Those that the operator set up."""
    known: dict[Document, Current] = {
        "terms": Current(settings.terms_version, settings.terms_url),
        "privacy_notice": Current(settings.privacy_version, settings.privacy_url),
    }
    return {name: known[name] for name in DOCUMENTS if known[name].version}


def require_all(settings: Settings, accepted: Mapping[Document, str]) -> None:
    """Raise DocumentsNotAccepted unless the documents, as they are now, are among these."""
    current = documents(settings)
    missing = [name for name, one in current.items() if accepted.get(name) != one.version]
    if missing:
        raise DocumentsNotAccepted(
            "Read and accept first: " + ", ".join(f"{current[name].url}" for name in missing) + ".",
            documents=[{"subject": name, **current[name]._asdict()} for name in missing],
        )


async def read(db: AsyncSession, settings: Settings, user_id: UUID) -> ConsentsOut:
    """What the account agreed to."""
    rows = list(
        await db.scalars(select(Consent).where(Consent.user_id == user_id).order_by(Consent.id.desc()))
    )
    newest: dict[str, Consent] = {}
    for row in rows:
        newest.setdefault(row.subject, row)
    return ConsentsOut(
        documents=[
            DocumentOut(
                subject=name,
                version=current.version,
                url=current.url,
                accepted_version=newest[name].version if name in newest else None,
                accepted_at=newest[name].at if name in newest else None,
            )
            for name, current in documents(settings).items()
        ],
        optional=[
            OptionalOut(
                subject=name,
                given=name in newest and newest[name].given,
                changed_at=newest[name].at if name in newest else None,
            )
            for name in OPTIONAL
        ],
        history=[ConsentLine.model_validate(row, from_attributes=True) for row in rows[:MOST_LINES]],
    )


async def accept(
    db: AsyncSession, settings: Settings, user_id: UUID, subject: Document, version: str
) -> None:
    """Agree to a document. Raises DocumentNotFound, DocumentOutdated."""
    current = documents(settings).get(subject)
    if current is None:
        raise DocumentNotFound("There is no such document here: nothing has to be agreed to.")
    if version != current.version:
        raise DocumentOutdated(
            f"The version that counts now is {current.version}, not {version}. Read it first.",
            version=current.version,
        )
    newest = await _newest(db, user_id, subject)
    if newest is None or newest.version != version:
        db.add(Consent(user_id=user_id, subject=subject, version=version, given=True))
        await db.flush()


async def choose(db: AsyncSession, user_id: UUID, subject: Optional, given: bool) -> None:
    """Allow something, or take that back."""
    newest = await _newest(db, user_id, subject)
    if (newest is not None and newest.given) != given:
        db.add(Consent(user_id=user_id, subject=subject, given=given))
        await db.flush()


async def _newest(db: AsyncSession, user_id: UUID, subject: Subject) -> Consent | None:
    row: Consent | None = await db.scalar(
        select(Consent)
        .where(Consent.user_id == user_id, Consent.subject == subject)
        .order_by(Consent.id.desc())
        .limit(1)
    )
    return row


_NAMES = text("""
    SELECT w.address, u.display_name FROM app.wallet w JOIN app."user" u ON u.id = w.user_id
    CROSS JOIN LATERAL (
        SELECT c.given FROM app.consent c WHERE c.user_id = u.id AND c.subject = 'public_name'
        ORDER BY c.id DESC LIMIT 1
    ) AS newest
    WHERE w.address = ANY(:addresses) AND newest.given AND u.display_name IS NOT NULL AND u.suspended_at IS NULL
""")


async def public_names(db: AsyncSession | AsyncConnection, addresses: Sequence[bytes]) -> dict[bytes, str]:
    """Names of those who allow theirs to stand on lists of winners, by the address of their wallet here."""
    found = await db.execute(_NAMES, {"addresses": list(set(addresses))})
    return {row.address: row.display_name for row in found}


_READERS = text("""
    SELECT u.email, u.locale FROM app."user" u CROSS JOIN LATERAL (
        SELECT c.given FROM app.consent c WHERE c.user_id = u.id AND c.subject = 'product_mails'
        ORDER BY c.id DESC LIMIT 1
    ) AS newest
    WHERE newest.given AND u.email_verified_at IS NOT NULL AND u.suspended_at IS NULL ORDER BY u.seq
""")


async def readers(db: AsyncConnection) -> list[tuple[str, str]]:
    """Confirmed addresses, with language, of those who want mails about the product now."""
    return [(row.email, row.locale) for row in await db.execute(_READERS)]
