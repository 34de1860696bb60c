"""Routes of keys for integrators; only a person's session reaches them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from backend.api_keys import service
from backend.api_keys.schemas import ApiKeyIn, ApiKeyList, ApiKeyMadeOut, ApiKeyOut
from backend.api_keys.service import ApiKeyNotFound, TooManyApiKeys
from backend.api_keys.tables import ApiKey
from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.db import Db
from backend.errors import errors
from backend.routing import Router

router = Router(prefix="/api-keys", tags=["api keys"])


@router.get("", summary="My API keys", responses=errors(NotSignedIn))
async def list_api_keys(user: CurrentUser, db: Db) -> ApiKeyList:
    """Those not revoked; no secret is shown again."""
    found = await service.keys_of(db, user.id)
    return ApiKeyList(items=[ApiKeyOut.model_validate(_fields(key)) for key in found])


@router.post(
    "",
    status_code=201,
    summary="Make an API key",
    responses=errors(NotSignedIn, ForeignOrigin, StepUpRequired, TooManyApiKeys),
)
async def make_api_key(body: ApiKeyIn, user: SteppedUp, db: Db) -> ApiKeyMadeOut:
    """It acts for the account within its scopes, never for more than the account's role. Shown this once."""
    key, token = await service.make(db, user.id, body)
    return ApiKeyMadeOut.model_validate({**_fields(key), "key": token})


@router.delete(
    "/{key_id}",
    status_code=204,
    summary="Revoke an API key",
    responses=errors(NotSignedIn, ForeignOrigin, ApiKeyNotFound),
)
async def revoke_api_key(key_id: UUID, user: CurrentUser, db: Db) -> None:
    """It stops working now."""
    await service.revoke(db, user.id, key_id)


def _fields(key: ApiKey) -> dict[str, Any]:
    shown = ("id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at")
    return {name: getattr(key, name) for name in shown}
