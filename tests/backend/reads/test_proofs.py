"""What anybody can take away and check: the bundle, the certificate, and the answer to "was I included?"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.certificates import service
from backend.filters.base import Filter
from backend.filters.kinds import read
from backend.inclusions import blocks
from backend.settings import Settings
from backend.users.tables import User
from listener.chain.draw import merkle
from listener.chain.draw.exclusions import exclusion_leaf, exclusion_root
from listener.chain.draw.seed import draw_seed, randomness
from listener.chain.draw.sums import SumTree, locate
from listener.chain.draw.winners import winners
from scripts._bundle import parse_bundle
from scripts._bundle_checks import check_bundle
from scripts._evidence import Check
from scripts._inclusion import check_inclusion, read_inclusion
from tests.backend.filters.written import Comment, write_contest
from tests.backend.reads.contest_kit import URL, Opening, Person, opening_of
from tests.backend.reads.facts import ADDRESSES, CHAIN_ID, ChainOfFacts, address, event, hash_of
from tests.backend.reads.stories import draw_finalised, draw_requested
from tools.run.postgres import DatabaseUris

NAMES = [f"user {number}" for number in range(40)]
LEFT_OUT = [
    ("kim", "Kim", "hashtag_missing"),
    ("staff.sam", "Staff.Sam", "staff"),
    ("lee", "@lee", "hashtag_missing"),
]
COMMENTS = [Comment(name, "#win") for name in NAMES]
OTHERS = [Comment("Kim", "hello"), Comment("Staff.Sam", "#win"), Comment("@lee")]
FILTERS = [{"kind": "staff", "accounts": ["@staff.sam"]}, {"kind": "hashtag", "tags": ["win"]}]


async def committed(
    app: FastAPI,
    olga: Person,
    database: DatabaseUris,
    comments: Sequence[Comment] = COMMENTS,
    filters: Sequence[dict[str, Any]] = (),
    title: str = "A bicycle",
) -> tuple[str, Opening]:
    """A contest with three winners and four alternates, and what its wallet was told to send."""
    items: list[Filter] = list(read(filters))
    async with AsyncSession(app.state.services.engine) as db, db.begin():
        owner = await db.scalar(select(User.id).where(User.email == "olga@example.org"))
        assert owner is not None
        contest = await write_contest(db, owner, comments, items, winners=3, alternates=4)
        contest.title = title
        found = str(contest.id)
    return found, opening_of(database.superuser, await olga.commit({"id": found}))


def drawn(facts: ChainOfFacts, opening: Opening, contest_id: int = 1) -> bytes:
    """Open and draw it with a seed that follows from its randomness; final at once. Returns the seed."""
    entries, winning, alternates = opening.config[2:5]
    k, drand = winning + alternates, hash_of("drand")
    opened, _ = opening.opened(contest_id)
    block = facts.head + 1
    reveal_at = facts.time_of(block) + 10
    asked = {"revealAt": reveal_at, "vrfDeadline": reveal_at - 2}
    facts.block(
        opened,
        draw_requested(entries, k, contest_id, "Contest", commitment=opening.commitment, **asked),
    )
    seed = draw_seed(
        chain_id=CHAIN_ID,
        contract=ADDRESSES["Contest"],
        draw_id=contest_id,
        commitment=opening.commitment,
        n=entries,
        randomness=randomness(0, 77, drand),
    )
    final = event(
        "Contest",
        "DrawFinalised",
        drawId=contest_id,
        seed=seed,
        n=entries,
        k=k,
        commitment=opening.commitment,
        vrfWord=0,
        round=77,
        drandRandomness=drand,
        finaliser=address(0xF1),
    )
    last = facts.block(number=facts.head + 12)
    facts.block(final)
    facts.block(final=last + 1)
    return seed


def failed(checks: Sequence[Check]) -> list[str]:
    return [f"{check.name}: {check.detail}" for check in checks if check.holds is False]


async def test_bundle__of_a_drawn_contest__proves_itself(
    app: FastAPI, olga: Person, client: AsyncClient, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    contest, opening = await committed(app, olga, database)
    drawn(facts, opening)

    bundle = (await client.get(f"{URL}/{contest}/bundle")).json()
    # A chain of facts gives each event a transaction of its own.
    bundle["draw"]["opened"]["transaction"] = bundle["draw"]["request"]["transaction"]
    checks = list(check_bundle(parse_bundle(json.dumps(bundle).encode()), None, None))

    assert failed(checks) == []
    holding = {check.name for check in checks if check.holds}
    assert {"contest key", "commitment", "leaves", "exclusions", "opened winners", "seed"} <= holding
    assert (bundle["version"], bundle["draw"]["word"], bundle["draw"]["drand"]) == (2, None, None)
    assert bundle["draw"]["opened"]["draws_for_post"] == 1
    assert bundle["draw"]["request"]["reveal_at"] == bundle["draw"]["request"]["time"] + 10


async def test_bundle__of_exclusions__leaves_for_all_reasons_where_they_are_public(
    app: FastAPI, olga: Person, client: AsyncClient, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    contest, opening = await committed(app, olga, database, [*COMMENTS, *OTHERS], FILTERS)

    bundle = (await client.get(f"{URL}/{contest}/bundle")).json()

    assert [one["reason"] for one in bundle["exclusions"]] == ["hashtag_missing", None, "hashtag_missing"]
    assert bundle["exclusions"][1]["id_hash"] is None
    leaves = [bytes.fromhex(one["leaf"][2:]) for one in bundle["exclusions"]]
    assert bundle["exclusion_root"] == "0x" + exclusion_root(leaves).hex() == "0x" + opening.config[7].hex()
    leaf = exclusion_leaf(
        chain_id=CHAIN_ID,
        contract=ADDRESSES["Contest"],
        contest_key=bytes.fromhex(bundle["contest_key"][2:]),
        index=2,
        id_hash=bytes.fromhex(bundle["exclusions"][2]["id_hash"][2:]),
        reason="hashtag_missing",
    )
    assert leaf == leaves[2]
    everything = json.dumps(bundle)
    assert all(name not in everything for name in ("kim", "Kim", "staff", "lee"))


async def test_inclusion__entry_exclusion_or_neither__with_its_proof_and_nobody_elses(
    app: FastAPI,
    olga: Person,
    client: AsyncClient,
    facts: ChainOfFacts,
    database: DatabaseUris,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 8)
    monkeypatch.setattr(blocks, "AT_ONCE", 16)
    contest, opening = await committed(app, olga, database, [*COMMENTS, *OTHERS], FILTERS)
    path = f"{URL}/{contest}/inclusion"
    seed = drawn(facts, opening)
    by_rank = winners(seed, len(NAMES), 7)
    told = parse_bundle((await client.get(f"{URL}/{contest}/bundle")).content).told
    assert told is not None

    for index, name in list(enumerate(NAMES))[::2]:  # a minute allows 30 look-ups
        found = (await client.post(path, json={"account": f" @{name.upper()} "})).json()
        assert (found["outcome"], found["account_key"], found["exclusion"]) == ("entry", name, None)
        assert found["entry"]["index"] == index
        assert found["entry"]["ranks"] == [rank for rank, drawn in enumerate(by_rank) if drawn == index]
        place = by_rank.index(index) if index in by_rank[:3] else None
        assert found["entry"]["place"] == place
        assert [one for one in NAMES if f'"{one}"' in json.dumps(found)] == [name]
        saved = tmp_path / "answer.json"
        saved.write_text(json.dumps(found))
        (check,) = check_inclusion(told, read_inclusion(saved))
        assert check.holds, check.detail

    for index, (key, account, reason) in enumerate(LEFT_OUT):
        found = (await client.post(path, json={"account": account})).json()
        assert (found["outcome"], found["account_key"], found["entry"]) == ("excluded", key, None)
        assert (found["exclusion"]["index"], found["exclusion"]["reason"]) == (index, reason)
        saved.write_text(json.dumps(found))
        (check,) = check_inclusion(told, read_inclusion(saved))
        assert check.holds, check.detail
        saved.write_text(json.dumps(found).replace(reason, "burst"))
        (check,) = check_inclusion(told, read_inclusion(saved))
        assert check.holds is False

    nobody = (await client.post(path, json={"account": "zoe"})).json()
    assert (nobody["outcome"], nobody["entry"], nobody["exclusion"]) == ("not_listed", None, None)
    blank = await client.post(path, json={"account": " @ "})
    assert (blank.status_code, blank.json()["code"]) == (422, "invalid_input")


async def test_inclusion__weighted_list__carries_sums(
    app: FastAPI,
    olga: Person,
    client: AsyncClient,
    database: DatabaseUris,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 4)
    monkeypatch.setattr(blocks, "AT_ONCE", 8)
    weights = [number % 5 + 1 for number in range(23)]
    comments = [Comment(f"w{number}") for number, weight in enumerate(weights) for _ in range(weight)]
    each = [{"kind": "entries_per_person", "most": 5}]
    contest, _ = await committed(app, olga, database, comments, each)
    bundle = (await client.get(f"{URL}/{contest}/bundle")).json()
    root, leaves = bytes.fromhex(bundle["root"][2:]), [bytes.fromhex(leaf[2:]) for leaf in bundle["leaves"]]
    assert SumTree(leaves, weights).root == root

    for index, weight in enumerate(weights):
        found = (await client.post(f"{URL}/{contest}/inclusion", json={"account": f"w{index}"})).json()
        entry = found["entry"]
        assert (entry["weight"], entry["leaf"]) == (str(weight), bundle["leaves"][index])
        siblings = [
            (bytes.fromhex(node[2:]), int(amount))
            for node, amount in zip(entry["proof"], entry["sums"], strict=True)
        ]
        leaf = (leaves[index], weight)
        start = locate(root=root, total=sum(weights), entries=23, index=index, leaf=leaf, siblings=siblings)
        assert start == sum(weights[:index]) == int(entry["first_unit"])


async def test_inclusion__draft_or_strangers_draft_or_too_often__refused(
    olga: Person, client: AsyncClient, app: FastAPI, settings: Settings
) -> None:
    async with AsyncSession(app.state.services.engine) as db, db.begin():
        owner = await db.scalar(select(User.id).where(User.email == "olga@example.org"))
        assert owner is not None
        contest = (await write_contest(db, owner, COMMENTS, [])).id
    path = f"{URL}/{contest}/inclusion"

    own = await olga.http.post(path, json={"account": "ana"})
    hidden = await client.post(path, json={"account": "ana"})
    answers = [
        (await client.post(path, json={"account": "ana"})).status_code
        for _ in range(settings.inclusion_lookups_per_minute)
    ]

    assert (own.status_code, own.json()["code"]) == (409, "contest_not_committed")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "contest_not_found")
    assert answers[-1] == 429
    assert 429 not in answers[:-2]


async def test_certificate__public_once_drawn_and_final__made_once(
    app: FastAPI,
    olga: Person,
    client: AsyncClient,
    facts: ChainOfFacts,
    database: DatabaseUris,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contest, opening = await committed(app, olga, database, title="Meadow 🎉 李雷")
    path = f"{URL}/{contest}/certificate.pdf"
    too_early = await client.get(path)
    seed = drawn(facts, opening)

    first = await client.get(path)
    german = await client.get(path, params={"language": "de"})
    unknown = await client.get(path, params={"language": "xx"})

    async def refuses(*_: Any) -> bytes:
        raise AssertionError("it was made already")

    monkeypatch.setattr(service, "typeset", refuses)
    again = await client.get(path)

    assert (too_early.status_code, too_early.json()["code"]) == (409, "contest_not_drawn")
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf"), first.text
    assert again.content == first.content != german.content
    assert unknown.status_code == 422
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(first.content)]
    assert "0x" + seed.hex() in pages[0]
    for index in winners(seed, len(NAMES), 3):
        assert NAMES[index] in pages[0]
    assert "Urkunde" in pypdfium2.PdfDocument(german.content)[0].get_textpage().get_text_bounded()


async def test_certificate__draw_that_may_still_change__refused(
    app: FastAPI, olga: Person, client: AsyncClient, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    contest, opening = await committed(app, olga, database)
    facts.block(*opening.opened(1))
    entries, winning, alternates = opening.config[2:5]
    facts.block(draw_finalised(hash_of("seed"), entries, winning + alternates, 1, "Contest"))

    answer = await client.get(f"{URL}/{contest}/certificate.pdf")

    assert (answer.status_code, answer.json()["code"]) == (409, "contest_not_final")


async def test_typeset__takes_too_long_or_fails__said_and_nothing_kept(tmp_path: Path) -> None:
    with pytest.raises(service.CertificateFailed, match="not ready after"):
        await service.typeset(b"{}", limit=0.0)
    with pytest.raises(service.CertificateFailed, match="could not be typeset"):
        await service.typeset(b'{"words": {}, "timestamp": 0}')


def test_blocks__proof_of_every_leaf__is_that_of_the_whole_tree() -> None:
    leaves = [hash_of(index) for index in range(37)]
    whole = merkle.Tree(leaves)
    for size in (4, 8, 64):
        roots = blocks.Leaves([merkle.Tree(leaves[at : at + size]).root for at in range(0, 37, size)])
        for index in range(37):
            block, within = divmod(index, size)
            way = blocks._way(blocks.Leaves(leaves[block * size : (block + 1) * size]), roots, block, within)
            assert way.siblings == whole.proof(index)
