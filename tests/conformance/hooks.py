"""What schemathesis loads beside the schema: who asks, and ids of things that are there.

An operation may end the session that asks, suspend its account or take its role away. Before each request the session
is made whole again in the database, so that the next one is asked by the same person.
"""

from __future__ import annotations

import json
import os
import random
from typing import Any

import psycopg
import schemathesis
from schemathesis import AuthContext, Case, GenerationMode, HookContext

DATABASE, SOMEONE = "CONFORMANCE_DATABASE", "CONFORMANCE_SOMEONE"
someone: dict[str, Any] = json.loads(os.environ[SOMEONE])
chance = random.Random(1)
KEYED = ("/api/v1/intents", "/api/v1/me")

database = psycopg.connect(os.environ[DATABASE], autocommit=True)

if someone["token"]:

    @schemathesis.auth(refresh_interval=None)
    class Session:
        """The person's session."""

        def get(self, _case: Case, _context: AuthContext) -> str:
            return str(someone["token"])

        def set(self, case: Case, token: str, _context: AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def filter_case(_context: HookContext, case: Case) -> bool:
    """One dependency reads the key of every route: what is wrong with it is tried at one with it and one without."""
    described = getattr(getattr(case.meta, "phase", None), "data", None)
    return getattr(described, "parameter", None) != "Idempotency-Key" or case.operation.path in KEYED


@schemathesis.hook
def before_call(_context: HookContext, case: Case, _arguments: dict[str, Any]) -> None:
    """Make the session whole; half of the well-formed requests name things that are there: made-up ids find nothing."""
    if someone["token"]:
        database.execute(
            'WITH owner AS (UPDATE app."user" SET suspended_at = NULL, role = %s WHERE id = %s)'
            " UPDATE app.session SET revoked_at = NULL, stepped_up_at = now(), step_up_method = 'password'"
            " WHERE id = %s",
            [someone["role"], someone["user_id"], someone["session_id"]],
        )
    meta = case.meta
    if meta is None or meta.generation.mode is not GenerationMode.POSITIVE:
        return
    for name in case.path_parameters or {}:
        if name in someone["ids"] and chance.random() < 0.5:
            case.path_parameters[name] = someone["ids"][name]
