"""What scenes look at and the story does not tell: made on first use, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from uuid import uuid4

from tests.flow.stage import propose
from tests.flow.system import System
from tests.support.waiting import wait_until
from tools.story.faces import Api

PASTED = "\n".join(["username,comment", *(f"@guest{number},hello" for number in range(30)), ",empty"])


def api_of(system: System, name: str) -> Api:
    """The API, as somebody of the story."""
    person = system.people[name]
    api = Api(system.url)
    api.sign_in(person["email"], person["password"])
    return api


@cache
def draft(system: System) -> str:
    """A contest of Olga's with a list and a rule, not announced yet."""
    olga = api_of(system, "olga")
    terms = {
        "title": "Still in the making",
        "rules": "One entry each.",
        "post_reference": "https://social.example/meadow/posts/220",
        "winners": 2,
        "alternates": 1,
    }
    contest = olga.request("POST", "/contests", json=terms)
    path = f"/contests/{contest['id']}"
    olga.request("PUT", f"{path}/filters", json=[{"kind": "staff", "accounts": ["guest7"]}])
    olga.request("POST", f"{path}/imports", json={"text": PASTED})
    wait_until(
        lambda: olga.get(f"{path}/imports")["items"][0]["state"] == "done", 30, what="the list to be read"
    )
    return str(contest["id"])


@cache
def intent(system: System) -> str:
    """The newest transaction of Ana's Tombola wallet."""
    return str(api_of(system, "ana").get("/intents?limit=1")["items"][0]["id"])


@cache
def user(system: System) -> str:
    """Ana, as administrators see her."""
    return str(api_of(system, "ana").get("/me")["id"])


@cache
def proposal(system: System) -> str:
    """A proposal that nobody votes on."""
    return propose(system, f"Leave the quorum as it is: {uuid4().hex[:6]}")


PLACES: dict[str, Callable[[System], str]] = {
    "draft": draft,
    "intent": intent,
    "user": user,
    "proposal": proposal,
    "plan": lambda system: str(system.story["plans"][0]),
}


def place(system: System, name: str) -> str:
    """Its id: of this file's things, or of the story's."""
    found = PLACES.get(name)
    return found(system) if found else str(system.story[name])
