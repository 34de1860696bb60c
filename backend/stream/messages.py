"""What is said on a stream, in JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
)

from backend.stream.position import Place, Position
from backend.stream.store import StoredEvent
from backend.stream.topics import DETAILS, ME, Reason
from listener.mirror.reads.happenings import Happening, Standing

_Topics = Annotated[
    list[Annotated[str, StringConstraints(strict=True, max_length=100)]], Field(max_length=100)
]


def _position(text: str) -> str:
    Position.parse(text)
    return text


def _place(text: str) -> str:
    Place.parse(text)
    return text


class Resume(BaseModel):
    """The last ids seen: of one's own events, and of what happened on chain."""

    model_config = ConfigDict(extra="forbid")

    me: Annotated[str, AfterValidator(_position)] | None = None
    chain: Annotated[str, AfterValidator(_place)] | None = None

    @property
    def position(self) -> Position | None:
        """Where to go on in one's own events."""
        return None if self.me is None else Position.parse(self.me)

    @property
    def place(self) -> Place | None:
        """Where to go on on the chain."""
        return None if self.chain is None else Place.parse(self.chain)


class Start(BaseModel):
    """The first message. `resume_after` in short: the last `id` of one's own events."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["start"]
    token: SecretStr | None = Field(default=None, max_length=4096)
    topics: _Topics | None = None
    resume_after: Annotated[
        Resume | None, BeforeValidator(lambda said: {"me": said} if isinstance(said, str) else said)
    ] = None


class Change(BaseModel):
    """Any later message."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["subscribe", "unsubscribe"]
    topics: _Topics


@dataclass(frozen=True)
class Told:
    """One message; its JSON is made once, however many it is sent to. `position` is that of one's own event."""

    message: dict[str, Any]
    position: Position | None = None

    @cached_property
    def text(self) -> str:
        """The message as it is sent."""
        return json.dumps(self.message, separators=(",", ":"))


def ready(topics: Sequence[str], position: Position | None, place: Place | None, complete: bool) -> Told:
    """The answer to a start. Not `complete`: events may have been missed for good, so read the state anew."""
    return Told({"type": "ready", "topics": list(topics), **_places(position, place), "complete": complete})


def heartbeat(position: Position | None, place: Place | None) -> Told:
    """Nothing happened, and the client need not look before these places again."""
    return Told({"type": "heartbeat", **_places(position, place)})


def topics(had: Sequence[str], position: Position | None, place: Place | None) -> Told:
    """The answer to a change: all topics the stream has now. The places are said where the first topic of theirs came."""
    return Told({"type": "topics", "topics": list(had), **_places(position, place)})


def refused(asked: Sequence[str], reason: Reason) -> Told:
    """Why some topics were not taken."""
    return Told({"type": "refused", "topics": list(asked), "reason": reason, "detail": DETAILS[reason]})


def event(found: StoredEvent) -> Told:
    """One of a person's own events."""
    message = {
        "type": "event",
        "topics": [ME],
        "id": str(found.position),
        "event": found.event,
        "subject": found.subject,
        "data": found.payload,
        "at": found.at.isoformat(),
    }
    return Told(message, found.position)


def happened(place: Place, found: Happening, topics: Sequence[str]) -> Told:
    """One fact, to those who listen to these of its topics."""
    shown = found.model_dump(mode="json", include={"event", "block", "transaction", "contract", "at", "data"})
    return Told({"type": "event", "topics": list(topics), "id": str(place), **shown})


def head(place: Place, standing: Standing, rolled_back: bool) -> Told:
    """How far the mirror is: every fact up to this block was told before."""
    shown = standing.model_dump(mode="json")
    return Told(
        {
            "type": "event",
            "topics": ["blocks"],
            "id": str(place),
            "event": "chain.block",
            "block": standing.block,
            "at": shown["time"],
            "data": {"hash": shown["hash"], "finalized": standing.finalized, "rolled_back": rolled_back},
        }
    )


def rolled_back(place: Place, from_block: int, topics: Sequence[str]) -> Told:
    """What was told of this block and later ones is void; what replaced it follows."""
    return Told(
        {
            "type": "event",
            "topics": list(topics),
            "id": str(place),
            "event": "chain.rolled_back",
            "block": from_block - 1,
            "data": {"from_block": from_block},
        }
    )


def _places(position: Position | None, place: Place | None) -> dict[str, str]:
    said = {"id": position, "chain": place}
    return {name: str(value) for name, value in said.items() if value is not None}
