"""What is said on a stream, in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from backend.stream.position import Position
from backend.stream.store import StoredEvent


def _position(text: str) -> str:
    Position.parse(text)
    return text


class Start(BaseModel):
    """The client's only message. `resume_after`: the last `id` it has seen."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["start"]
    token: SecretStr | None = Field(default=None, max_length=4096)
    resume_after: Annotated[str, AfterValidator(_position)] | None = None


def ready(position: Position, complete: bool) -> dict[str, Any]:
    """The answer to a start. Not `complete`: events may have been missed for good, so read the state anew."""
    return {"type": "ready", "id": str(position), "complete": complete}


def heartbeat(position: Position) -> dict[str, Any]:
    """Nothing happened, and the client need not look before this place again."""
    return {"type": "heartbeat", "id": str(position)}


def event(found: StoredEvent) -> dict[str, Any]:
    """One event."""
    return {
        "type": "event",
        "id": str(found.position),
        "event": found.event,
        "subject": found.subject,
        "data": found.payload,
        "at": found.at.isoformat(),
    }
