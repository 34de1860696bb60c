"""Connections as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from backend.connectors.platform import Platform, Post
from backend.connectors.tables import Connection


class ConnectorOut(BaseModel):
    """A platform, and whether this site is registered there."""

    platform: Platform
    title: str = Field(examples=["Instagram"])
    configured: bool
    missing: list[str] = Field(
        description="Settings the operator has to fill in", examples=[["INSTAGRAM_CLIENT_ID"]]
    )
    what_to_do: str = Field(description="For the operator; empty where nothing is missing", examples=[""])
    tells: list[str] = Field(
        description="What it tells about who comments, beside the account",
        examples=[["followers", "account_created_at"]],
    )


class ConnectorList(BaseModel):
    """Every platform there is."""

    items: list[ConnectorOut]


class ConnectionIn(BaseModel):
    """Which platform to connect an account of."""

    model_config = ConfigDict(extra="forbid")

    platform: Platform


class Opening(BaseModel):
    """The page of the platform where the account's owner agrees. To be opened in this browser within ten minutes."""

    url: str = Field(examples=["https://www.instagram.com/oauth/authorize?client_id=…&state=…"])


class ConnectionOut(BaseModel):
    """An account we may read the comments of."""

    id: UUID
    platform: Platform
    account_id: str = Field(description="The platform's number of it", examples=["17841400000000001"])
    account_name: str = Field(examples=["acme.shop"])
    scopes: list[str] = Field(description="What was granted, in the platform's words")
    state: Literal["active", "ended"] = Field(description="`ended`: connect the account again")
    expires_at: datetime | None = Field(description="Of the access in use; it is renewed before")
    created_at: datetime

    @classmethod
    def of(cls, connection: Connection) -> ConnectionOut:
        """From its row."""
        return cls.model_validate(
            {
                **{name: getattr(connection, name) for name in cls.model_fields if name != "state"},
                "state": "active" if connection.ended_at is None else "ended",
            }
        )


class ConnectionList(BaseModel):
    """Oldest first."""

    items: list[ConnectionOut]


class FetchIn(BaseModel):
    """A post whose comments are to be imported."""

    model_config = ConfigDict(extra="forbid")

    source: Platform
    connection_id: UUID
    post: str = Field(
        min_length=1,
        max_length=500,
        description="Its link, or its id from the list of posts",
        examples=["https://www.instagram.com/p/CabcDEF1234/"],
    )
    replies: StrictBool = Field(False, description="Whether answers to other comments take part too")


class PostOut(BaseModel):
    """A post to import the comments of."""

    id: str = Field(description="What an import takes as `post`", examples=["17895695668004550"])
    text: str = Field(description="The beginning of its text", examples=["Comment to win!"])
    url: str = Field(examples=["https://www.instagram.com/p/CabcDEF1234/"])
    posted_at: datetime | None
    comments: int | None = Field(description="How many the platform reports, if it does", examples=[4830])

    @classmethod
    def of(cls, post: Post) -> PostOut:
        """As the platform told it."""
        return cls(
            id=post.id, text=post.text[:280], url=post.url, posted_at=post.posted_at, comments=post.reported
        )


class PostList(BaseModel):
    """Newest first."""

    items: list[PostOut]
    next_cursor: str | None
