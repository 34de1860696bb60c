"""People and steps of contest tests: sign up, upload, commit, and what the chain answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
from eth_abi.abi import decode
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from backend.participants.importing import read_import
from backend.services import Services
from listener.chain.draw.merkle import contest_key
from listener.chain.draw.terms import ContestDetails, ContestTerms
from tests.backend.reads.facts import ChainOfFacts, Event, event, hash_of
from tests.backend.reads.stories import draw_finalised, draw_requested

URL = "/api/v1/contests"
CONFIG = "(bytes32,bytes32,uint64,uint32,uint32,bytes32,bytes32,bytes32,bytes32)"
DRAFT: dict[str, Any] = {
    "title": "Meadow giveaway",
    "rules": "One entry per account.\nStaff may not take part.",
    "post_reference": "https://social.example/posts/217",
    "winners": 2,
    "alternates": 2,
}
LIST = "username,comment\nana,hi\n@Ben,=1+1\nAna ,again\n,blank\nclara,x,y\ndora,ok\nemil,ok\n"


@dataclass
class Person:
    """Somebody with an account and a session."""

    http: AsyncClient
    wallet: str
    services: Services

    async def get(self, path: str, **params: Any) -> Any:
        """A read that succeeds."""
        answer = await self.http.get(f"{URL}{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def make(self, **changes: Any) -> Response:
        """POST /contests; a change of None leaves a field out."""
        body = {key: value for key, value in {**DRAFT, **changes}.items() if value is not None}
        return await self.http.post(URL, json=body)

    async def upload(
        self, contest: Any, data: bytes | str = LIST, name: str = "list.csv", **columns: str
    ) -> Response:
        """POST a file to a contest's imports; nobody reads it yet."""
        return await self.http.post(
            f"{URL}/{contest['id']}/imports", data=columns, files={"file": (name, data, "text/csv")}
        )

    async def bring(self, contest: Any, data: bytes | str = LIST, **columns: str) -> Any:
        """An import that was accepted and has ended, however."""
        answer = await self.upload(contest, data, **columns)
        assert answer.status_code == 202, answer.text
        await read_import(self.services, UUID(answer.json()["id"]))
        return await self.get(f"/{contest['id']}/imports/{answer.json()['id']}")

    async def draft(self, data: bytes | str = LIST, **changes: Any) -> Any:
        """A draft with participants. Changes are of the contest, or name columns."""
        columns = {name: changes.pop(name) for name in tuple(changes) if name.endswith("column")}
        made = await self.make(**changes)
        assert made.status_code == 201, made.text
        brought = await self.bring(made.json(), data, **columns)
        assert brought["state"] == "done", brought
        return await self.get(f"/{made.json()['id']}")

    async def post(
        self, path: str, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> Response:
        """A change with an idempotency key."""
        headers = {"Idempotency-Key": key or uuid4().hex}
        return await self.http.post(f"{URL}{path}", json=body, headers=headers)

    async def commit(self, contest: Any) -> Any:
        """The intent of a commit that was accepted."""
        answer = await self.post(f"/{contest['id']}/commit")
        assert answer.status_code == 202, answer.text
        return answer.json()


async def sign_up(app: FastAPI, name: str) -> Person:
    """A new account, signed in."""
    http = AsyncClient(
        transport=ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://tombola.test",
        timeout=60,
    )
    credentials = {"email": f"{name}@example.org", "password": f"correct horse of {name}"}
    created = await http.post("/api/v1/users", json=credentials)
    assert created.status_code == 201, created.text
    session = await http.post("/api/v1/sessions", json=credentials)
    http.cookies.clear()
    http.headers["authorization"] = f"Bearer {session.json()['access_token']}"
    return Person(http, created.json()["wallet_address"], app.state.services)


@dataclass(frozen=True)
class Opening:
    """What the organiser's wallet was told to send, as the contract would read it."""

    organiser: bytes
    key: bytes
    config: tuple[Any, ...]

    @property
    def commitment(self) -> bytes:
        """As the contract computes it."""
        _, root, entries, winners, alternates, rules, list_sha256, exclusions, post = self.config
        details = ContestDetails(rules, list_sha256, exclusions, post)
        return ContestTerms(
            organiser="0x" + self.organiser.hex(),
            contest_key=self.key,
            root=root,
            entries=entries,
            winners=winners,
            alternates=alternates,
            details_hash=details.hash(),
        ).hash()

    def opened(self, contest_id: int, draw_number: int = 1) -> list[Event]:
        """The events of the transaction, were it mined."""
        _, root, entries, winners, alternates, rules, list_sha256, exclusions, post = self.config
        return [
            event(
                "Contest",
                "ContestOpened",
                contestId=contest_id,
                organiser=self.organiser,
                postHash=post,
                contestKey=self.key,
                root=root,
                entries=entries,
                winners=winners,
                alternates=alternates,
                rulesHash=rules,
                listSha256=list_sha256,
                exclusionRoot=exclusions,
                commitment=self.commitment,
                drawNumber=draw_number,
            ),
            draw_requested(entries, winners + alternates, contest_id, "Contest", commitment=self.commitment),
        ]


def opening_of(database_url: str, intent: Any) -> Opening:
    """Read the one call of an intent as the contract would."""
    with psycopg.connect(database_url) as db:
        row = db.execute("SELECT calls FROM app.intent WHERE id = %s", [intent["id"]]).fetchone()
    assert row is not None
    (call,) = row[0]
    assert call["value"] == "0"
    (config,) = decode([CONFIG], bytes.fromhex(call["data"][10:]))
    organiser = intent["wallet_address"]
    return Opening(bytes.fromhex(organiser[2:]), contest_key(organiser, config[8], config[0]), config)


def set_intent(database_url: str, intent: Any, state: str, message: str | None = None) -> None:
    """What the sender would write at the end."""
    with psycopg.connect(database_url) as db:
        db.execute(
            "UPDATE app.intent SET state = %s, error_code = %s, error_message = %s WHERE id = %s",
            [state, message and "contract_refused", message, intent["id"]],
        )


def draw(facts: ChainOfFacts, opening: Opening, contest_id: int = 1, seed: bytes | None = None) -> bytes:
    """Open and draw a contest on chain; returns the seed."""
    seed = seed or hash_of("seed", contest_id)
    entries, winners, alternates = opening.config[2:5]
    facts.block(*opening.opened(contest_id))
    facts.block(draw_finalised(seed, entries, winners + alternates, contest_id, "Contest"))
    return seed
