"""OAuth 2 as most platforms speak it (RFC 6749, 7636, 7009): the URL to open, and what a token endpoint answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from backend.connectors.faults import AccessEnded, Away, Fault
from backend.connectors.http import Answer
from backend.connectors.platform import Tokens, in_seconds


def challenge(verifier: str) -> str:
    """PKCE's S256."""
    made: str = create_s256_code_challenge(verifier)
    return made


def authorisation_url(
    where: str, client_id: str, scope: str, state: str, redirect_uri: str, **extra: str
) -> str:
    """Where somebody grants us access."""
    url: str = prepare_grant_uri(
        where, client_id, "code", redirect_uri=redirect_uri, scope=scope, state=state, **extra
    )
    return url


def tokens(body: Mapping[str, Any], known: Tokens | None = None, separator: str | None = None) -> Tokens:
    """Of a token endpoint's answer; what it leaves out stays as `known`. Raises Away for an answer without a token."""
    access = body.get("access_token")
    if not isinstance(access, str) or not access:
        raise Away("The platform's answer has no access token.")
    refresh = body.get("refresh_token")
    scope = body.get("scope")
    if isinstance(scope, str) and scope:
        scopes = tuple(part.strip() for part in scope.split(separator) if part.strip())
    else:
        scopes = known.scopes if known is not None else ()
    kept = known.refresh if known is not None else None
    return Tokens(
        access,
        refresh if isinstance(refresh, str) and refresh else kept,
        in_seconds(body.get("expires_in")),
        scopes,
    )


def refusal(answer: Answer, title: str) -> Fault:
    """Of an answer that is no success (RFC 6749, section 5.2): the grant is worth nothing any more, or our fault."""
    error = answer.body.get("error")
    if error in ("invalid_client", "unauthorized_client"):
        return Fault(f"{title} does not accept our registration ({error}): the operator has to correct it.")
    if answer.status in (400, 401, 403):
        return AccessEnded(f"{title} does not accept the access any more: connect the account again.")
    return Fault(f"{title} answers {answer.status} to the request for access.")
