"""What an organiser posts about the winners of a contest, and sends to each, in the language they choose."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from backend.contests.schemas import ContestWinner
from backend.languages import Language
from backend.outbox.templates.texts import texts_of
from backend.outbox.templates.values import fill


class AnnouncedTextOut(BaseModel):
    """What to send to one winner."""

    place: int = Field(description="From 1", examples=[1])
    account: str = Field(examples=["ada"])
    text: str = Field(examples=["Congratulations, ada! You won place 1 in “Meadow giveaway”."])


class AnnouncementOut(BaseModel):
    """Texts about the winners, to be posted and sent by the organiser: Tombola cannot reach them."""

    language: Language
    post: str = Field(examples=["The winners of “Meadow giveaway” are drawn:\n1. ada"])
    messages: list[AnnouncedTextOut]


def announce(
    title: str, entries: int, link: str, standing: Sequence[ContestWinner], language: Language
) -> AnnouncementOut:
    """The texts; `standing` are the winners that stand, by rank."""
    texts = texts_of(language).announcement
    common = {"title": title, "entries": str(entries), "link": link}
    places = [
        {**common, "place": str(place), "account": winner.account}
        for place, winner in enumerate(standing, start=1)
    ]
    lines = [fill(texts["winner"], place, language) for place in places]
    return AnnouncementOut(
        language=language,
        post="\n".join(
            [fill(texts["headline"], common, language), *lines, fill(texts["foot"], common, language)]
        ),
        messages=[
            AnnouncedTextOut(
                place=int(place["place"]),
                account=place["account"],
                text=fill(texts["message"], place, language),
            )
            for place in places
        ],
    )
