"""`python -m tools.story`: tell the story once.

Settings: STATE_DIR, REGISTRY, RPC_URLS, API_URL, PARTICIPANTS.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from web3.exceptions import Web3Exception

from tools.story import steps
from tools.story.faces import Api, Chain, StoryError
from tools.story.steps import Cast

PEOPLE = {
    "ana": "Custodial player: tickets, a vesting grant and a refund",
    "ben": "Custodial player: tickets and a vesting grant",
    "olga": "Organiser: a contest over 10,000 comments",
}


class Progress:
    """What has been done so far, kept in `story.json` after every step."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.facts: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def step(self, name: str, act: Callable[[], dict[str, Any]]) -> None:
        """Do a step unless an earlier run has finished it."""
        if name in self.facts.setdefault("done", []):
            return
        started = time.monotonic()
        self.facts |= act()
        self.facts["done"].append(name)
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(self.facts, indent=1))
        draft.replace(self._path)
        print(f"story: {name} ({time.monotonic() - started:.1f} s)", flush=True)


def demo_people(path: Path) -> dict[str, dict[str, str]]:
    """The demo log-ins; passwords are made once for each state folder and kept in it for the owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        people = {
            name: {"email": f"{name}@tombola.example", "password": secrets.token_urlsafe(9), "role": role}
            for name, role in PEOPLE.items()
        }
        path.write_text(json.dumps(people, indent=1))
    return dict(json.loads(path.read_text()))


def tell(state: Path, registry: Path, rpc_url: str, api_url: str, participants: Path) -> None:
    """Tell the story, going on where an earlier run stopped."""
    progress = Progress(state / "story.json")
    sessions = {}
    for name, person in demo_people(state / "demo.json").items():
        sessions[name] = Api(api_url)
        sessions[name].register(person["email"], person["password"])
        sessions[name].sign_in(person["email"], person["password"])
    cast = Cast(chain=Chain(rpc_url, registry), participants=participants, **sessions)
    progress.step("users have funds", lambda: steps.wait_for_funds(cast))
    progress.step("token launched", lambda: steps.launch_token(cast))
    token = progress.facts["token"]
    progress.step("ten vesting grants", lambda: steps.grant_vesting(cast, token))
    progress.step("raffle open", lambda: steps.open_raffle(cast))
    progress.step("raffle drawn and partly claimed", lambda: steps.drawn_raffle(cast, token))
    progress.step("raffle in dollars", lambda: steps.dollar_raffle(cast))
    progress.step("credits bought", lambda: steps.credits_bought(cast))
    progress.step("contest drawn", lambda: steps.contest(cast))
    progress.step("raffle refunded", lambda: steps.refunded_raffle(cast))


def main() -> int:
    """Read the settings and tell the story; 1 and one sentence when it cannot go on."""
    env = os.environ
    try:
        tell(
            Path(env["STATE_DIR"]),
            Path(env["REGISTRY"]),
            env["RPC_URLS"].split(",")[0],
            env["API_URL"].rstrip("/"),
            Path(env.get("PARTICIPANTS", "tests/data/participants-10k.csv")),
        )
    except KeyError as missing:
        print(f"story: the setting {missing} is missing.", file=sys.stderr)
        return 1
    except (StoryError, httpx.HTTPError, Web3Exception) as problem:
        print(f"story: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
