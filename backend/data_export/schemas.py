"""What the routes of copies answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

State = Literal["waiting", "ready", "failed", "expired"]


class DataExportOut(BaseModel):
    """A copy of one's data, and how far it is."""

    state: State
    requested_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None = Field(description="The copy is deleted then")
    bytes: int | None = Field(description="Of the ZIP", examples=[48211])


class DataExportLinkOut(BaseModel):
    """Where the ZIP can be downloaded, by whoever has the link, for a few minutes."""

    url: str = Field(examples=["https://tombola.example/api/v1/files/eyJhbGciOiJIUzI1NiJ9.e30.c2ln"])
    expires_at: datetime
