"""Which file store FILES_URL names.

(empty)                                  the folder FILES_DIR
s3://BUCKET/PREFIX?region=eu-central-1   S3; credentials are boto3's own (role, environment, profile)

`endpoint=https://…` may be added for another service that speaks S3's protocol, over plain HTTP on this machine only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, urlsplit

from backend.files.folder import FolderStore
from backend.files.links import FileLinks
from backend.files.store import FileStore
from backend.settings import Settings, SettingsError, is_in_the_open

if TYPE_CHECKING:
    from backend.files.s3 import S3Store


def open_files(settings: Settings, links: FileLinks) -> FileStore:
    """The store that the settings name; nothing is asked yet. Raises SettingsError."""
    if not settings.files_url:
        return FolderStore(settings.files_dir, links)
    url = urlsplit(settings.files_url)
    if url.scheme != "s3":
        raise SettingsError(
            f"FILES_URL begins with {url.scheme!r}: use s3://BUCKET/PREFIX?region=…, or leave it empty for FILES_DIR."
        )
    return _s3(url, settings)


def _s3(url: SplitResult, settings: Settings) -> S3Store:
    from backend.files.s3 import S3Store  # boto3 takes half a second to import: only who uses it pays

    given = {name: values[-1] for name, values in parse_qs(url.query).items()}
    unknown = set(given) - {"region", "endpoint"}
    if not url.netloc or "@" in url.netloc or unknown:
        problem = f"has the unknown option {min(unknown)!r}" if unknown else "names no bucket"
        raise SettingsError(f"FILES_URL {problem}: write s3://BUCKET/PREFIX?region=eu-central-1.")
    endpoint = given.get("endpoint")
    if endpoint is not None:
        where = urlsplit(endpoint)
        if is_in_the_open(where):
            raise SettingsError(
                f"FILES_URL would send files to {where.hostname} in the open: use an https endpoint."
            )
    prefix = url.path.strip("/")
    return S3Store(
        url.netloc,
        f"{prefix}/" if prefix else "",
        given.get("region"),
        endpoint,
        settings.files_timeout_seconds,
    )
