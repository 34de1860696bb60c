"""What the routes of consents take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StrictBool

Document = Literal["terms", "privacy_notice"]
Optional = Literal["product_mails", "public_name"]
Subject = Document | Optional
DOCUMENTS: tuple[Document, ...] = get_args(Document)
OPTIONAL: tuple[Optional, ...] = get_args(Optional)


class DocumentIn(BaseModel):
    """The version that was read."""

    model_config = ConfigDict(extra="forbid")

    version: str = Field(min_length=1, max_length=40, examples=["2026-11-01"])


class OptionalIn(BaseModel):
    """Given, or taken back."""

    model_config = ConfigDict(extra="forbid")

    given: StrictBool


class DocumentVersion(BaseModel):
    """A document of the operator's as it is now."""

    subject: Document
    version: str = Field(examples=["2026-11-01"])
    url: str = Field(examples=["https://tombola.example/terms"])


class DocumentList(BaseModel):
    """Those that whoever registers has to agree to; none where the operator set up none."""

    items: list[DocumentVersion]


class DocumentOut(DocumentVersion):
    """A document as it is now, and what one agreed to of it."""

    accepted_version: str | None = Field(examples=["2026-05-01", None])
    accepted_at: datetime | None


class OptionalOut(BaseModel):
    """Something one may allow. Nothing depends on it, and it can be taken back at any time."""

    subject: Optional
    given: bool
    changed_at: datetime | None = Field(description="Null: never given, never taken back")


class ConsentLine(BaseModel):
    """One change."""

    subject: Subject
    version: str | None
    given: bool
    at: datetime


class ConsentsOut(BaseModel):
    """What counts now, and the last changes, newest first."""

    documents: list[DocumentOut] = Field(description="Those that the operator set up")
    optional: list[OptionalOut]
    history: list[ConsentLine]
