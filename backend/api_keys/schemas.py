"""What the routes of keys take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.api_keys.scopes import Scope

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class ApiKeyIn(BaseModel):
    """A new key."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(examples=["Shop"])
    scopes: list[Scope] = Field(min_length=1, max_length=8, examples=[["read", "contests"]])
    expires_in_days: int = Field(default=90, ge=1, le=365, examples=[90])


class ApiKeyOut(BaseModel):
    """A key, without its secret."""

    id: UUID
    name: str = Field(examples=["Shop"])
    prefix: str = Field(description="How the key begins", examples=["tk_7f3k9q2m1x"])
    scopes: list[Scope] = Field(examples=[["contests", "read"]])
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To the minute")


class ApiKeyMadeOut(ApiKeyOut):
    """The new key. `key` goes into `Authorization: Bearer …` and is shown this once."""

    key: str = Field(examples=["tk_7f3k9q2m1x_h0Jt1Zq8sVw3bXy5cRk2uNf6pLm9aGe4dTiQoB7x"])


class ApiKeyList(BaseModel):
    """All that are not revoked, oldest first."""

    items: list[ApiKeyOut]
