"""What the profile routes take."""

from __future__ import annotations

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from backend.auth.passwords import MAX_LENGTH, MIN_LENGTH
from backend.languages import LOCALE_PATTERN
from backend.notices.kinds import MUTABLE, Mutable
from backend.users.schemas import Email


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError("is no time zone of the IANA database, such as Europe/Berlin")
    return name


def _printable(name: str) -> str:
    if not name.isprintable():
        raise ValueError("holds a character that cannot be shown")
    return name


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProfileIn(_Body):
    """What is given is changed; the rest stays."""

    display_name: Annotated[
        str | None,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
        AfterValidator(lambda name: name if name is None else _printable(name)),
        Field(description="Shown to others; null for none", examples=["Ada"]),
    ] = None
    locale: Annotated[
        str,
        StringConstraints(pattern=LOCALE_PATTERN),
        Field(
            description="Language of mails and pages (BCP 47), with a region or without",
            examples=["en", "pt-BR"],
        ),
    ] = "en"
    time_zone: Annotated[
        str, StringConstraints(max_length=64), AfterValidator(_time_zone), Field(examples=["Europe/Berlin"])
    ] = "UTC"
    muted_notices: Annotated[
        list[Mutable],
        Field(
            max_length=len(MUTABLE),
            description="Notices that are not to be mailed",
            examples=[["credits_low"]],
        ),
        AfterValidator(lambda kinds: sorted(set(kinds))),
    ] = []


class NewPassword(_Body):
    """The password from now on."""

    password: SecretStr = Field(
        min_length=MIN_LENGTH, max_length=MAX_LENGTH, examples=["correct horse battery staple"]
    )


class NewEmail(_Body):
    """The address to change to."""

    email: Email
