"""All filters there are: what a contest's `filters` may hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter

from backend.filters.accounts import EarlierWinner, ExcludedAccounts, Staff
from backend.filters.base import Filter
from backend.filters.bots import Burst, CopiedText, DigitsInHandle, YoungAndBusy
from backend.filters.counts import CommentCount, EntriesPerPerson
from backend.filters.figures import CommentLikes, Followers
from backend.filters.platform import Follows, LikedPost
from backend.filters.times import AccountAge, PostedBetween
from backend.filters.wording import Hashtag, Keywords, Mentions, RightAnswer

MOST_FILTERS = 30

_Kind = (
    EntriesPerPerson
    | CommentCount
    | Mentions
    | Hashtag
    | Keywords
    | RightAnswer
    | PostedBetween
    | AccountAge
    | Followers
    | CommentLikes
    | ExcludedAccounts
    | Staff
    | EarlierWinner
    | Follows
    | LikedPost
    | CopiedText
    | YoungAndBusy
    | DigitsInHandle
    | Burst
)
AnyFilter = Annotated[_Kind, Field(discriminator="kind")]


def _one_limit(filters: list[_Kind]) -> list[_Kind]:
    limits = [number for number, item in enumerate(filters) if isinstance(item, EntriesPerPerson)]
    if len(limits) > 1:
        raise ValueError(f"entries_per_person stands at {limits}: give it once")
    return filters


Filters = Annotated[list[AnyFilter], Field(max_length=MOST_FILTERS), AfterValidator(_one_limit)]
"""A contest's filters in their order."""

_FILTERS: TypeAdapter[list[_Kind]] = TypeAdapter(Filters)

HIDDEN = (ExcludedAccounts, Staff, RightAnswer)
"""What they ask for is no matter of the public's: it names people, or gives the answer away."""


class HiddenFilter(BaseModel):
    """A filter of which only the kind is public."""

    kind: Literal["excluded_accounts", "staff", "answer"]
    hidden: Literal[True] = True


CODES: dict[str, tuple[str, ...]] = {
    kind.model_fields["kind"].default: kind.codes for kind in get_args(_Kind) if issubclass(kind, Filter)
}
"""Reason codes by kind of filter."""


def read(stored: Sequence[Any]) -> list[_Kind]:
    """Filters as they are stored in `contest.filters`."""
    return _FILTERS.validate_python(stored)


def stored(filters: Sequence[Filter]) -> list[dict[str, Any]]:
    """The JSON form kept in `contest.filters`."""
    return [item.model_dump(mode="json") for item in filters]


def shown(stored: Sequence[Any], *, to_everybody: bool) -> list[dict[str, Any]]:
    """Filters as they are stored, for their owner or for everybody."""
    hidden = {kind.model_fields["kind"].default for kind in HIDDEN}
    return [
        {"kind": item["kind"], "hidden": True} if to_everybody and item["kind"] in hidden else item
        for item in stored
    ]
