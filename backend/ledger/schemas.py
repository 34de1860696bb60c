"""What the routes of the ledger take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.ledger.service import CREDIT
from backend.ledger.statement import Line
from backend.ledger.tables import Difference, Entry

MOST_DIGITS = 30
CURRENCY_PATTERN = "^[A-Z0-9]{2,12}$"
CurrencyFilter = Annotated[
    str, Query(pattern=CURRENCY_PATTERN, description="Which currency", examples=[CREDIT])
]
SignedAmount = Annotated[
    str,
    StringConstraints(pattern=rf"^-?[1-9][0-9]{{0,{MOST_DIGITS - 1}}}$"),
    Field(description="Smallest unit, decimal; negative takes away", examples=["250"]),
]


class CreditBalanceOut(BaseModel):
    """What there is of one currency. `available` = `amount` - `held`."""

    currency: str = Field(examples=["CREDIT"])
    decimals: int = Field(description="How many digits of an amount come after the point", examples=[0])
    amount: str = Field(description="Smallest unit", examples=["250"])
    held: str = Field(description="Set aside for what is under way", examples=["50"])
    available: str = Field(examples=["200"])


class CreditsOut(BaseModel):
    """Balances by currency; `CREDIT` is always there."""

    balances: list[CreditBalanceOut]


class LineOut(BaseModel):
    """One movement; `balance` is what there was after it."""

    id: str = Field(examples=["1042"])
    at: datetime
    purpose: str = Field(description="A code", examples=["grant"])
    memo: str = Field(examples=["Welcome"])
    counterparty: str = Field(
        description="The other side: user, issuance, payments or fees", examples=["issuance"]
    )
    amount: str = Field(description="Negative where it left", examples=["250"])
    balance: str = Field(examples=["250"])

    @classmethod
    def of(cls, line: Line) -> LineOut:
        """As the API shows it."""
        return cls(
            id=str(line.id),
            at=line.at,
            purpose=line.purpose,
            memo=line.memo,
            counterparty=line.counterparty,
            amount=str(line.amount),
            balance=str(line.balance),
        )


class StatementOut(BaseModel):
    """Newest first. Pass `next_cursor` as `cursor` for the following page; null on the last one."""

    currency: str = Field(examples=["CREDIT"])
    items: list[LineOut]
    next_cursor: str | None = Field(examples=["1042", None])


class CreditChangeIn(BaseModel):
    """Credits that an administrator gives, or a correction in either direction."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "user_id": "7f3c1a52-0e7b-4d3e-9a55-2f7d1a4c8b10",
                    "purpose": "grant",
                    "amount": "250",
                    "reason": "Apology for the outage of 3 May",
                }
            ]
        },
    )

    user_id: UUID
    currency: Annotated[str, StringConstraints(pattern=CURRENCY_PATTERN)] = CREDIT
    purpose: Literal["grant", "correction"]
    amount: SignedAmount
    reason: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$"
        ),
    ] = Field(description="Shown to the user in the statement")

    @model_validator(mode="after")
    def _a_grant_gives(self) -> Self:
        if self.purpose == "grant" and self.amount.startswith("-"):
            raise ValueError("a grant gives: its amount is positive; take away with a correction")
        return self


class CreditChangeOut(BaseModel):
    """The entry that was made."""

    id: str = Field(examples=["1042"])
    user_id: UUID
    currency: str
    purpose: str
    amount: str
    balance: str = Field(description="What the user has after it", examples=["250"])
    at: datetime

    @classmethod
    def of(cls, entry: Entry, body: CreditChangeIn) -> CreditChangeOut:
        """As the API shows it."""
        after = entry.debit_balance if body.amount.startswith("-") else entry.credit_balance
        return cls(
            id=str(entry.id),
            user_id=body.user_id,
            currency=body.currency,
            purpose=body.purpose,
            amount=body.amount,
            balance=str(after),
            at=entry.at,
        )


class TotalsOut(BaseModel):
    """All accounts of one currency. `users` = `issued` + `bought` - `earned`."""

    currency: str = Field(examples=["CREDIT"])
    decimals: int = Field(examples=[0])
    issued: str = Field(description="Given by administrators, less what corrections took", examples=["250"])
    bought: str = Field(description="Paid for, less what was refunded", examples=["500"])
    earned: str = Field(description="Taken for what was used", examples=["90"])
    users: str = Field(description="What users have", examples=["660"])
    held: str = Field(description="Of it, set aside for what is under way", examples=["30"])


class TotalsList(BaseModel):
    """By currency."""

    items: list[TotalsOut]


class DifferenceOut(BaseModel):
    """Two things that should be equal; open while `gone_at` is null."""

    id: str = Field(examples=["3"])
    kind: str = Field(description="What was compared", examples=["ledger_balance"])
    subject: str = Field(description="Of whom", examples=["account:17"])
    expected: str = Field(examples=["250"])
    found: str = Field(examples=["251"])
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None

    @classmethod
    def of(cls, row: Difference) -> DifferenceOut:
        """As the API shows it."""
        return cls(
            id=str(row.id),
            kind=row.kind,
            subject=row.subject,
            expected=row.expected,
            found=row.found,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            gone_at=row.gone_at,
        )


class DifferenceList(BaseModel):
    """Newest first. Pass `next_cursor` as `cursor` for the following page; null on the last one."""

    items: list[DifferenceOut]
    next_cursor: str | None = Field(examples=["3", None])
