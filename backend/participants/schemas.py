"""What the routes of imports take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from backend.hexes import to_hex
from backend.participants.batch import Position
from backend.participants.columns import Field as ColumnField
from backend.participants.tables import ContestImport
from listener.chain.draw.list_file import is_text

Source = Literal["file", "paste", "instagram", "facebook", "x", "tiktok", "youtube"]
ImportState = Literal["waiting", "running", "done", "failed", "cancelled"]
MOST_PASTED = 1_000_000


def _storable(value: str) -> str:
    if not is_text(value):
        raise ValueError("holds a character that is no text")
    return value


ColumnName = Annotated[str, AfterValidator(_storable), Field(max_length=200)]


class ColumnsIn(BaseModel):
    """Which column holds what, where its name does not tell; an empty name leaves a column out."""

    model_config = ConfigDict(extra="forbid")

    column: ColumnName | None = Field(None, description="The account's column", examples=["user"])
    weight_column: ColumnName | None = Field(
        None, description="How often a participant counts: a whole number from 1 on", examples=["tickets"]
    )
    comment_column: ColumnName | None = None
    comment_id_column: ColumnName | None = Field(
        None, description="A comment that comes a second time is rejected"
    )
    posted_at_column: ColumnName | None = None
    likes_column: ColumnName | None = None
    followers_column: ColumnName | None = None
    account_created_at_column: ColumnName | None = None

    def asked(self) -> dict[str, str]:
        """Names of columns by field."""
        given = {
            ("account" if name == "column" else name.removesuffix("_column")): value
            for name, value in self.model_dump(include=set(ColumnsIn.model_fields)).items()
        }
        return {field: value.strip() for field, value in given.items() if value is not None}


class PasteIn(ColumnsIn):
    """Pasted text: one account in each line, or a table with a header row, or JSON."""

    text: Annotated[
        str,
        AfterValidator(_storable),
        Field(min_length=1, max_length=MOST_PASTED, examples=["@ana\n@ben\n@clara"]),
    ]


class ImportErrorOut(BaseModel):
    """Why an import failed. Nothing of it was kept, unless it came from a platform."""

    code: str = Field(examples=["not_utf8"])
    message: str = Field(examples=["The file is UTF-16 text, not UTF-8. Save it as CSV in UTF-8."])


class ImportOut(BaseModel):
    """One import, and how far it is. rows = accepted + rejected."""

    id: UUID
    source: Source
    state: ImportState
    file_name: str | None
    columns: dict[str, str] = Field(
        description="The columns that are read, by what they hold", examples=[{"account": "username"}]
    )
    bytes_total: int | None
    bytes_read: int
    rows: int = Field(examples=[10_000])
    accepted: int = Field(examples=[9_927])
    rejected: int = Field(examples=[73])
    rejected_for: dict[str, int] = Field(examples=[{"blank_account": 34, "wrong_field_count": 39}])
    unread: dict[str, int] = Field(
        description="Cells that say nothing that can be told, by what they should hold; their rows count without them",
        examples=[{"posted_at": 2}],
    )
    reported: int | None = Field(description="How many comments the platform says there are")
    waits_until: datetime | None = Field(description="A platform asked to wait so long, or does not answer")
    waits_because: str | None = Field(examples=["X asks to wait: its limit of requests is reached."])
    sha256: str | None = Field(description="Of the file", examples=["0x" + "5f" * 32])
    error: ImportErrorOut | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportList(BaseModel):
    """A contest's imports, oldest first."""

    items: list[ImportOut]


class RejectionOut(BaseModel):
    """A row that is no participant. Rows count as in a spreadsheet: a CSV's header is row 1."""

    import_id: UUID
    row: int = Field(examples=[17])
    reason: str = Field(examples=["blank_account"])
    detail: str = Field(examples=["The account is blank."])
    text: str = Field(description="The row as it stands in the file, shortened")


class RejectionList(BaseModel):
    """In order of imports, then of rows; pass `next_cursor` as `cursor` for the following page."""

    items: list[RejectionOut]
    next_cursor: str | None = Field(examples=["3-17", None])


def show(row: ContestImport) -> ImportOut:
    """An import as its organiser sees it."""
    position: Position = row.position or {}
    error = None
    if row.error_code is not None:
        error = ImportErrorOut(code=row.error_code, message=row.error_message or "")
    names: dict[ColumnField, str] = position.get("names", {})
    return ImportOut.model_validate(
        {
            **{name: getattr(row, name) for name in _AS_STORED},
            "columns": names,
            "unread": position.get("unread", {}),
            "sha256": None if row.sha256 is None else to_hex(row.sha256),
            "error": error,
        }
    )


_AS_STORED = (
    *("id", "source", "state", "file_name", "bytes_total", "bytes_read", "rows", "accepted", "rejected"),
    *("rejected_for", "reported", "waits_until", "waits_because"),
    *("created_at", "started_at", "finished_at"),
)
