"""The operator's own list of queries: a folder of `.graphql` files, or a JSON file of texts by their SHA-256."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from backend.graphql.persisted import hash_of
from backend.settings import SettingsError

MOST_BYTES = 1024 * 1024
"""Of one file."""
_MANIFEST = TypeAdapter(dict[str, str])


def read_documents(path: Path | None) -> dict[str, str]:
    """Queries by the SHA-256 of exactly their text, in hex: what `sha256sum` says of a file of the folder.

    Raises SettingsError for what cannot be read, and for a text that is not the one its hash is of.
    """
    if path is None:
        return {}
    if path.is_dir():
        texts = [_text(file) for file in sorted(path.glob("*.graphql"))]
        found = {hash_of(text): text for text in texts}
    else:
        found = _manifest(path)
    if not found:
        raise SettingsError(
            f"GRAPHQL_DOCUMENTS: {path} holds no query: put .graphql files there, or take it out."
        )
    return found


def _manifest(path: Path) -> dict[str, str]:
    try:
        found = _MANIFEST.validate_json(_text(path))
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise SettingsError(
            f"GRAPHQL_DOCUMENTS: {path} is no JSON of texts by their SHA-256: {reason}."
        ) from None
    for sha256, text in found.items():
        if hash_of(text) != sha256:
            raise SettingsError(
                f"GRAPHQL_DOCUMENTS: {path} has a text under {sha256[:64]!r} whose SHA-256 is {hash_of(text)}."
            )
    return found


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise SettingsError(f"GRAPHQL_DOCUMENTS: {path} has more than {MOST_BYTES} bytes.")
        return content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"GRAPHQL_DOCUMENTS: {path} cannot be read: {error}.") from None
