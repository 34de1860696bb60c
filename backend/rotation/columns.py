"""Every column that holds envelopes, and what each row's envelope is bound to. A test compares it with the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.connectors import tokens
from backend.contests import commit
from backend.factors import totp
from backend.wallets.keys import key_context


@dataclass(frozen=True)
class SealedColumn:
    """`read` selects the primary key, the envelope and what `context` needs of a row."""

    table: str
    column: str
    key: tuple[str, ...]
    read: str
    context: Callable[[Any], Mapping[str, str]]

    @property
    def left(self) -> str:
        """Rows that are not under the master key of `:prefix`, after a key, in order."""
        names = ", ".join(f"t.{name}" for name in self.key)
        after = ", ".join(f":{name}" for name in self.key)
        other = f"substring(t.{self.column} FROM 1 FOR :length) <> :prefix"
        return (
            f"SELECT * FROM ({self.read}) AS t WHERE t.{self.column} IS NOT NULL AND {other}"  # noqa: S608
            f" AND (:first OR ({names}) > ({after})) ORDER BY {names} LIMIT :most"
        )

    @property
    def swap(self) -> str:
        """Write a row if it still is what was read."""
        this = " AND ".join(f"{name} = :{name}" for name in self.key)
        return f"UPDATE app.{self.table} SET {self.column} = :new WHERE {this} AND {self.column} = :old"  # noqa: S608


COLUMNS: tuple[SealedColumn, ...] = (
    SealedColumn(
        "wallet_key",
        "sealed",
        ("wallet_id", "version"),
        "SELECT k.wallet_id, k.version, k.sealed, w.user_id, w.role"
        " FROM app.wallet_key k JOIN app.wallet w ON w.id = k.wallet_id",
        lambda row: key_context(row.wallet_id, row.user_id, row.role, row.version),
    ),
    SealedColumn(
        "contest",
        "sealed_secret",
        ("id",),
        "SELECT id, sealed_secret, contest_key FROM app.contest",
        lambda row: commit.secret_context(row.id, row.contest_key),
    ),
    SealedColumn(
        "totp",
        "sealed",
        ("id",),
        "SELECT id, user_id, sealed FROM app.totp",
        lambda row: totp.secret_context(row.user_id, row.id),
    ),
    SealedColumn(
        "connection",
        "sealed",
        ("id",),
        "SELECT id, user_id, platform, sealed FROM app.connection",
        lambda row: tokens.context(row.id, row.user_id, row.platform),
    ),
)
