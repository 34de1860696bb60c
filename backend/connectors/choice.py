"""Which connector a platform has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.connectors.apps import app_of
from backend.connectors.facebook import Facebook
from backend.connectors.http import Http
from backend.connectors.instagram import Instagram
from backend.connectors.platform import Connector, Platform
from backend.connectors.tiktok import TikTok
from backend.connectors.x import X
from backend.connectors.youtube import YouTube
from backend.settings import Settings


@asynccontextmanager
async def connector(settings: Settings, platform: Platform) -> AsyncIterator[Connector]:
    """With connections of its own, closed at the end."""
    http = Http(settings.connector_hosts, settings.connector_timeout_seconds)
    try:
        yield _made(settings, platform, http)
    finally:
        await http.close()


def _made(settings: Settings, platform: Platform, http: Http) -> Connector:
    app = app_of(settings, platform)
    match platform:
        case "instagram":
            return Instagram(http, app)
        case "facebook":
            return Facebook(http, app)
        case "x":
            return X(http, app, settings.x_whole_archive)
        case "tiktok":
            return TikTok(http, app)
        case "youtube":
            return YouTube(http, app)
