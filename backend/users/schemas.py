"""What the account routes take and answer."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from backend.auth.passwords import MAX_LENGTH, MIN_LENGTH
from backend.auth.role import Role
from backend.consents.schemas import Document
from backend.notices.kinds import Mutable


def _email(text: str) -> str:
    """Syntax only (no look-up), in the one form that is stored and compared."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(_email),
    Field(examples=["ada@example.org"]),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Registration(_Body):
    """A new account."""

    email: Email
    password: SecretStr = Field(
        min_length=MIN_LENGTH, max_length=MAX_LENGTH, examples=["correct horse battery staple"]
    )
    accepts: dict[Document, Annotated[str, StringConstraints(min_length=1, max_length=40)]] = Field(
        default={},
        description="Versions of the documents that were read (GET /privacy/documents): all of them",
        examples=[{"terms": "2026-11-01"}],
    )


class Credentials(_Body):
    """Sign-in. A password's length is not judged here: it is right or wrong."""

    email: Email
    password: SecretStr = Field(max_length=MAX_LENGTH, examples=["correct horse battery staple"])


class UserOut(BaseModel):
    """An account and its custodial wallet, as its owner sees them."""

    id: UUID
    email: str = Field(examples=["ada@example.org"])
    wallet_address: str = Field(examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])
    role: Role
    email_verified: bool
    display_name: str | None = Field(examples=["Ada"])
    locale: str = Field(examples=["en"])
    time_zone: str = Field(examples=["Europe/Berlin"])
    muted_notices: list[Mutable] = Field(
        description="Notices that are not mailed", examples=[["credits_low"]]
    )
    avatar_url: str | None = Field(
        description="On this site; null for none",
        examples=["/api/v1/avatars/0123456789abcdef0123456789abcdef"],
    )


class AccessOut(BaseModel):
    """A short-lived access token for the Authorization header; browsers use the cookies set beside it."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int = Field(description="Seconds", examples=[900])
