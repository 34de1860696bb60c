"""Our registration at each platform: who we are there, and what is missing where nothing is set."""

from __future__ import annotations

from dataclasses import dataclass

from backend.connectors.platform import Platform
from backend.settings import Settings


@dataclass(frozen=True)
class App:
    """What a platform gave us. Never printed."""

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return "App()"


@dataclass(frozen=True)
class Registration:
    """The platform's name for people, the settings that hold our registration, and where one is made."""

    title: str
    client_id: str
    client_secret: str
    where: str


REGISTRATIONS: dict[Platform, Registration] = {
    "instagram": Registration(
        "Instagram",
        "INSTAGRAM_CLIENT_ID",
        "INSTAGRAM_CLIENT_SECRET",
        "an app with the product Instagram at developers.facebook.com",
    ),
    "facebook": Registration(
        "Facebook",
        "FACEBOOK_CLIENT_ID",
        "FACEBOOK_CLIENT_SECRET",
        "an app with the product Facebook Login for Business at developers.facebook.com",
    ),
    "x": Registration("X", "X_CLIENT_ID", "X_CLIENT_SECRET", "a confidential client at developer.x.com"),
    "tiktok": Registration(
        "TikTok",
        "TIKTOK_CLIENT_ID",
        "TIKTOK_CLIENT_SECRET",
        "an app with the permission TikTok Accounts at business-api.tiktok.com",
    ),
    "youtube": Registration(
        "YouTube",
        "YOUTUBE_CLIENT_ID",
        "YOUTUBE_CLIENT_SECRET",
        "an OAuth client with the YouTube Data API v3 at console.cloud.google.com",
    ),
}


def app_of(settings: Settings, platform: Platform) -> App:
    """Our registration, with empty fields where nothing is set."""
    known = REGISTRATIONS[platform]
    client_id: str = getattr(settings, known.client_id.lower())
    return App(client_id, getattr(settings, known.client_secret.lower()).get_secret_value())


def missing(settings: Settings, platform: Platform) -> list[str]:
    """Names of the settings that are empty."""
    app, known = app_of(settings, platform), REGISTRATIONS[platform]
    fields = {known.client_id: app.client_id, known.client_secret: app.client_secret}
    return [name for name, value in fields.items() if not value]


def what_to_do(settings: Settings, platform: Platform) -> str:
    """A sentence for the operator; empty where nothing is missing."""
    lacks = missing(settings, platform)
    if not lacks:
        return ""
    known = REGISTRATIONS[platform]
    verb = "is" if len(lacks) == 1 else "are"
    return (
        f"{known.title} is not set up here: {' and '.join(lacks)} {verb} missing. "
        f"Make {known.where}, set what it shows, and restart; docs/connectors.md has the steps."
    )
