"""Filters on who somebody is: lists of accounts, and winners of earlier contests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field
from sqlalchemy import ARRAY, Text, any_, bindparam

from backend.filters.base import Filter, Rows, Step, Whole
from listener.chain.draw.entries import account_key

MOST_ACCOUNTS = 10_000


def _account(value: str) -> str:
    if not account_key(value):
        raise ValueError("is blank")
    return value.strip()


Account = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_account)]


class ExcludedAccounts(Filter):
    """Without these accounts, however they are spelt."""

    kind: Literal["excluded_accounts"] = "excluded_accounts"
    accounts: list[Account] = Field(min_length=1, max_length=MOST_ACCOUNTS, examples=[["@rival", "spammer"]])

    codes: ClassVar[tuple[str, ...]] = ("excluded_account",)

    def steps(self, rows: Rows) -> Sequence[Step]:
        return [_listed(self.codes[0], rows, keys_of(self.accounts))]


class Staff(Filter):
    """Without the organiser's own people."""

    kind: Literal["staff"] = "staff"
    accounts: list[Account] = Field(min_length=1, max_length=MOST_ACCOUNTS, examples=[["@our_shop"]])

    codes: ClassVar[tuple[str, ...]] = ("staff",)

    def steps(self, rows: Rows) -> Sequence[Step]:
        return [_listed(self.codes[0], rows, keys_of(self.accounts))]


class EarlierWinner(Filter):
    """Without who won the organiser's last `contests` drawn contests, or any of them. Winners that were disqualified did
    not win."""

    kind: Literal["earlier_winners"] = "earlier_winners"
    contests: Whole | None = Field(None, ge=1, le=1_000, examples=[5], description="All where this is null")

    codes: ClassVar[tuple[str, ...]] = ("earlier_winner",)

    def steps(self, rows: Rows) -> Sequence[Step]:
        return [_listed(self.codes[0], rows, rows.earlier.of_last(self.contests))]


def keys_of(accounts: Sequence[str]) -> list[str]:
    """Account keys, each once."""
    return sorted({account_key(account) for account in accounts})


def _listed(code: str, rows: Rows, keys: list[str]) -> Step:
    listed = bindparam(None, keys, type_=ARRAY(Text()), unique=True)
    return Step(code, rows.account_key == any_(listed))
