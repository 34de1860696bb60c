"""Contests through the API: a list becomes a draft, a committed root, winners, and a bundle to verify."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from backend.contests import reveal
from backend.settings import Settings
from listener.chain.draw import merkle
from listener.chain.draw.entries import read_entries
from listener.chain.draw.sums import SumTree
from listener.chain.draw.terms import text_hash
from listener.chain.draw.winners import winners as winning_numbers
from tests.backend.reads.contest_kit import DRAFT, URL, Person, draw, opening_of, set_intent
from tests.backend.reads.facts import ADDRESSES, CHAIN_ID, ChainOfFacts, event
from tools.run.postgres import DatabaseUris

DATA = Path("tests/data")


def disqualified(rank: int, reason: str, organiser: bytes) -> Any:
    return event("Contest", "RankDisqualified", contestId=1, rank=rank, organiser=organiser, reason=reason)


async def all_items(person: Person, path: str) -> list[Any]:
    items, cursor = [], None
    while True:
        page = await person.get(path, limit=100, **({} if cursor is None else {"cursor": cursor}))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


async def test_ten_thousand_rows__from_file_to_winners__exactly_as_expected(
    olga: Person, client: AsyncClient, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    expected = json.loads((DATA / "participants-10k.expected.json").read_text())
    file = (DATA / "participants-10k.csv").read_bytes()

    contest = await olga.draft(file, winners=5, alternates=5)
    rejections = await all_items(olga, f"/{contest['id']}/rejections")
    intent = await olga.commit(contest)
    opening = opening_of(database.superuser, intent)
    seed = draw(facts, opening)
    people = await all_items(olga, f"/{contest['id']}/openings")
    winners = (await client.get(f"{URL}/{contest['id']}/winners")).json()["items"]
    bundle = (await client.get(f"{URL}/{contest['id']}/bundle")).json()

    assert contest["counts"] == {
        "rows": expected["rows"],
        "accepted": expected["accepted"],
        "duplicates": expected["duplicates"],
        "rejected": expected["blank_account"] + expected["wrong_field_count"],
        "unique": expected["unique_accounts"],
        "rejected_for": {
            "blank_account": expected["blank_account"],
            "wrong_field_count": expected["wrong_field_count"],
        },
    }
    committed = await olga.get(f"/{contest['id']}")
    list_file = (await olga.http.get(f"{URL}/{contest['id']}/entries.csv")).content
    assert committed["list_sha256"] == "0x" + hashlib.sha256(list_file).hexdigest()
    assert (contest["list_sha256"], committed["account_column"]) == (None, "account")
    assert [(entry.key, entry.account) for entry in read_entries(list_file).entries] == [
        (person["account_key"], person["account"]) for person in people
    ]
    assert len(rejections) == 73
    joined = "\n".join(person["account_key"] for person in people)
    digest = expected["sha256_of_unique_accounts_in_first_seen_order_joined_by_newline"]
    assert hashlib.sha256(joined.encode()).hexdigest() == digest
    assert [winner["index"] for winner in winners] == winning_numbers(seed, 7978, 10)
    assert [winner["account"] for winner in winners] == [
        people[winner["index"]]["account"] for winner in winners
    ]
    assert [winner["alternate"] for winner in winners] == [False] * 5 + [True] * 5
    assert len(bundle["leaves"]) == 7978
    assert merkle.root_of([bytes.fromhex(leaf[2:]) for leaf in bundle["leaves"]]) == opening.config[1]


async def test_commit__fixes_everything_the_contract_is_told(
    olga: Person, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    contest = await olga.draft()
    intent = await olga.commit(contest)
    _, root, entries, winners, alternates, rules, list_sha256, exclusions, post = opening_of(
        database.superuser, intent
    ).config
    committed = await olga.get(f"/{contest['id']}")

    assert (intent["kind"], intent["state"]) == ("open_contest", "created")
    assert (entries, winners, alternates, exclusions) == (4, 2, 2, bytes(32))
    assert rules == text_hash(DRAFT["rules"])
    assert post == text_hash(DRAFT["post_reference"])
    assert "0x" + list_sha256.hex() == committed["list_sha256"]
    assert list_sha256 == hashlib.sha256(b"account\nana\n@Ben\ndora\nemil\n").digest()
    assert (committed["state"], committed["step"]) == ("processing", "committing")
    assert committed["root"] == "0x" + root.hex()
    assert committed["intent_id"] == intent["id"]
    assert (contest["root"], contest["state"], contest["contest_number"]) == (None, "draft", None)


async def test_state__follows_the_mirror_there_and_back(
    olga: Person, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    contest = await olga.draft()
    opening = opening_of(database.superuser, await olga.commit(contest))
    before = facts.head

    opened = facts.block(*opening.opened(9, draw_number=3), final=before)
    drawing = await olga.get(f"/{contest['id']}")
    facts.roll_back(before)
    rolled_back = await olga.get(f"/{contest['id']}")
    draw(facts, opening, contest_id=9)
    facts.block(final=facts.head)
    drawn = await olga.get(f"/{contest['id']}")

    assert (drawing["step"], drawing["contest_number"], drawing["draw_number"]) == ("drawing", "9", 3)
    assert (drawing["opened_block"], drawing["final"]) == (opened, False)
    assert drawing["draw"]["commitment"] == drawing["commitment"]
    assert drawing["draw"]["seed"] is None
    assert (rolled_back["step"], rolled_back["contest_number"]) == ("committing", None)
    assert (drawn["state"], drawn["final"]) == ("completed", True)


async def test_bundle__every_opening_proves_its_entry(
    olga: Person, client: AsyncClient, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    names = [f"user {number}" for number in range(23)]
    contest = await olga.draft(json.dumps(names), winners=3, alternates=4)
    draft_bundle = await olga.http.get(f"{URL}/{contest['id']}/bundle")
    opening = opening_of(database.superuser, await olga.commit(contest))
    before = (await client.get(f"{URL}/{contest['id']}/bundle")).json()
    seed = draw(facts, opening)

    bundle = (await client.get(f"{URL}/{contest['id']}/bundle")).json()
    again = (await client.get(f"{URL}/{contest['id']}/bundle")).json()

    assert (draft_bundle.status_code, draft_bundle.json()["code"]) == (409, "contest_not_committed")
    assert (before["contest_id"], before["openings"]) == (None, [])
    assert before["leaves"] == bundle["leaves"]
    assert again == bundle
    assert (bundle["chain_id"], bundle["contest_id"], bundle["entries"]) == (CHAIN_ID, "1", 23)
    assert bundle["contract"] == ADDRESSES["Contest"]
    assert (bundle["rules"], bundle["post_reference"]) == (DRAFT["rules"], DRAFT["post_reference"])
    assert bundle["commitment"] == "0x" + opening.commitment.hex()
    assert [opened["index"] for opened in bundle["openings"]] == winning_numbers(seed, 23, 7)
    for opened in bundle["openings"]:
        assert opened["account_key"] == names[opened["index"]]
        leaf = merkle.leaf_hash(
            chain_id=bundle["chain_id"],
            contract=bundle["contract"],
            contest_key=bytes.fromhex(bundle["contest_key"][2:]),
            index=opened["index"],
            id_hash=merkle.id_hash(bytes.fromhex(opened["salt"][2:]), opened["account_key"]),
        )
        assert "0x" + leaf.hex() == bundle["leaves"][opened["index"]]
        proof = [bytes.fromhex(sibling[2:]) for sibling in opened["proof"]]
        root = bytes.fromhex(bundle["root"][2:])
        assert merkle.verify(root=root, n=23, index=opened["index"], leaf=leaf, proof=proof)


async def test_disqualify__the_next_alternate_moves_up(
    olga: Person, otto: Person, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    contest = await olga.draft()
    opening = opening_of(database.superuser, await olga.commit(contest))
    path = f"/{contest['id']}/disqualify"
    too_early = await olga.post(path, {"rank": 0, "reason": "staff"})
    draw(facts, opening)

    accepted = await olga.post(path, {"rank": 1, "reason": "  Staff, sorry ✋ "}, key="once")
    repeated = await olga.post(path, {"rank": 1, "reason": "  Staff, sorry ✋ "}, key="once")
    stranger = await otto.post(path, {"rank": 0, "reason": "mine!"})
    no_rank = await olga.post(path, {"rank": 4, "reason": "staff"})
    facts.block(disqualified(1, "Staff, sorry ✋", opening.organiser))
    twice = await olga.post(path, {"rank": 1, "reason": "staff"})
    winners = (await olga.get(f"/{contest['id']}/winners"))["items"]
    shown = await olga.get(f"/{contest['id']}")
    file = await otto.http.get(f"{URL}/{contest['id']}/winners.csv")

    assert (too_early.status_code, too_early.json()["code"]) == (409, "contest_not_drawn")
    assert accepted.status_code == 202, accepted.text
    assert (accepted.json()["kind"], accepted.json()["params"]["reason"]) == (
        "disqualify_rank",
        "Staff, sorry ✋",
    )
    assert repeated.json()["id"] == accepted.json()["id"]
    assert (stranger.status_code, stranger.json()["code"]) == (404, "contest_not_found")
    assert (no_rank.status_code, no_rank.json()["code"]) == (422, "rank_unknown")
    assert (twice.status_code, twice.json()["code"]) == (409, "rank_already_disqualified")
    assert [(winner["rank"], winner["standing"], winner["disqualified"]) for winner in winners] == [
        (0, True, None),
        (1, False, "Staff, sorry ✋"),
        (2, True, None),
        (3, False, None),
    ]
    assert [(item["rank"], item["reason"]) for item in shown["disqualified"]] == [(1, "Staff, sorry ✋")]
    lines = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert lines[0] == ["place", "entry", "account", "weight", "drawn_as", "standing", "disqualified"]
    assert [(line[0], *line[4:]) for line in lines[1:]] == [
        ("1", "winner", "yes", ""),
        ("2", "winner", "no", "Staff, sorry ✋"),
        ("3", "alternate", "yes", ""),
        ("4", "alternate", "no", ""),
    ]


async def test_winners_file__not_drawn__refused(olga: Person) -> None:
    contest = await olga.draft()
    answer = await olga.http.get(f"{URL}/{contest['id']}/winners.csv")
    assert (answer.status_code, answer.json()["code"]) == (409, "contest_not_drawn")


async def test_disqualify__reason_the_contract_refuses__refused_here(olga: Person) -> None:
    contest = await olga.draft()
    for reason in ("", "   ", "é" * 129, "a\0b", "\ud800"):
        answer = await olga.http.post(
            f"{URL}/{contest['id']}/disqualify",
            content=json.dumps({"rank": 0, "reason": reason}),
            headers={"Idempotency-Key": "k", "content-type": "application/json"},
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text


async def test_commit__same_key_one_effect__other_key_refused(olga: Person) -> None:
    contest = await olga.draft()
    first = await olga.post(f"/{contest['id']}/commit", key="mine")
    again = await olga.post(f"/{contest['id']}/commit", key="mine")
    other = await olga.post(f"/{contest['id']}/commit", key="another")

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "contest_committed")


async def test_weights__read_shown_and_rejected_with_reasons(
    olga: Person, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    rows = "user,tickets\nana,5\n@Ben,1\nAna,9\nclara,none\ndora,3\nemil,1\n"
    contest = await olga.draft(rows, weight_column="tickets", winners=1, alternates=3)
    rejections = await olga.get(f"/{contest['id']}/rejections")
    await olga.commit(contest)
    committed = await olga.get(f"/{contest['id']}")
    list_file = (await olga.http.get(f"{URL}/{contest['id']}/entries.csv")).content
    people = await all_items(olga, f"/{contest['id']}/openings")
    bundle = await olga.get(f"/{contest['id']}/bundle")

    assert (committed["entries"], committed["total_weight"], committed["weight_column"]) == (
        4,
        "10",
        "weight",
    )
    assert list_file == b"account,weight\nana,5\n@Ben,1\ndora,3\nemil,1\n"
    assert read_entries(list_file, weight_column="weight").weights == [5, 1, 3, 1]
    assert [(item["row"], item["reason"]) for item in rejections["items"]] == [(5, "bad_weight")]
    assert [(person["account"], person["weight"]) for person in people] == [
        ("ana", "5"),
        ("@Ben", "1"),
        ("dora", "3"),
        ("emil", "1"),
    ]
    assert (bundle["total_weight"], bundle["weights"]) == ("10", ["5", "1", "3", "1"])
    leaves = [bytes.fromhex(leaf[2:]) for leaf in bundle["leaves"]]
    assert "0x" + SumTree(leaves, [5, 1, 3, 1]).root.hex() == bundle["root"]


async def test_repeats__too_early_or_not_mine_or_none__refused(
    olga: Person, otto: Person, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    contest = await olga.draft()
    too_early = await olga.post(f"/{contest['id']}/repeats")
    draw(facts, opening_of(database.superuser, await olga.commit(contest)))

    unweighted = await olga.post(f"/{contest['id']}/repeats")
    stranger = await otto.post(f"/{contest['id']}/repeats")

    assert (too_early.status_code, too_early.json()["code"]) == (409, "contest_not_drawn")
    assert (unweighted.status_code, unweighted.json()["code"]) == (409, "nothing_repeats")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "contest_not_found")


async def test_draws_for_post__counts_this_organisers_draws(
    olga: Person, otto: Person, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    openings = [
        opening_of(database.superuser, await person.commit(await person.draft()))
        for person in (olga, olga, otto)
    ]
    for number, (opening, drawn) in enumerate(zip(openings, (1, 2, 1), strict=True), start=1):
        facts.block(*opening.opened(number, draw_number=drawn))

    shown = {item["contest_number"]: item for item in (await olga.get(""))["items"]}

    counted = {number: (item["draw_number"], item["draws_for_post"]) for number, item in shown.items()}
    assert counted == {"1": (1, 2), "2": (2, 2), "3": (1, 1)}


async def test_failed_opening__is_shown_to_its_owner_and_can_be_tried_again(
    olga: Person, client: AsyncClient, database: DatabaseUris
) -> None:
    contest = await olga.draft()
    intent = await olga.commit(contest)
    set_intent(database.superuser, intent, "rejected", "The wallet has no POL for gas.")

    failed = await olga.get(f"/{contest['id']}")
    visitor = await client.get(f"{URL}/{contest['id']}")
    second = await olga.commit(contest)
    committing = await olga.get(f"/{contest['id']}")

    assert (failed["state"], failed["failure"]) == ("failed", "The wallet has no POL for gas.")
    assert visitor.status_code == 404
    assert second["id"] != intent["id"]
    assert committing["step"] == "committing"
    assert committing["contest_key"] != failed["contest_key"]
    assert committing["root"] != failed["root"]


async def test_visibility__drafts_are_their_owners_alone(
    olga: Person, otto: Person, client: AsyncClient, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    draft = await olga.draft(title="Draft")
    public = await olga.draft(title="Public")
    opening = opening_of(database.superuser, await olga.commit(public))
    draw(facts, opening)
    paths = ("", "/rejections", "/rejections.csv", "/openings", "/imports", "/entries.csv")

    for path in paths:
        answer = await otto.http.get(f"{URL}/{draft['id']}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "contest_not_found"), path
        visitor = await client.get(f"{URL}/{draft['id']}{path}")
        assert visitor.status_code == (404 if path == "" else 401), path
    for path in paths[1:]:
        answer = await otto.http.get(f"{URL}/{public['id']}{path}")
        assert answer.status_code == 404, path
    for path in (f"/{draft['id']}/commit", f"/{public['id']}/commit"):
        assert (await otto.post(path)).status_code == 404
    assert (await client.post(f"{URL}/{draft['id']}/commit")).status_code == 401
    assert (await otto.http.delete(f"{URL}/{draft['id']}")).status_code == 404

    def titles(page: Any) -> list[str]:
        return [contest["title"] for contest in page["items"]]

    assert titles((await client.get(URL)).json()) == ["Public"]
    assert titles(await otto.get("")) == ["Public"]
    assert titles(await otto.get("", mine="true")) == []
    assert titles(await olga.get("")) == ["Public", "Draft"]
    assert titles(await olga.get("", state="draft")) == ["Draft"]
    assert titles(await olga.get("", limit=1)) == ["Public"]
    assert titles(await olga.get("", cursor=(await olga.get("", limit=1))["next_cursor"])) == ["Draft"]
    assert (await client.get(URL, params={"mine": "true"})).status_code == 401
    shown = (await client.get(f"{URL}/{public['id']}")).json()
    assert (shown["mine"], shown["intent_id"]) == (False, None)


@pytest.mark.parametrize("path", ["", "/winners", "/bundle"])
async def test_public_read__token_that_is_not_valid__401_as_the_description_says(
    client: AsyncClient, path: str
) -> None:
    answer = await client.get(f"{URL}/{uuid4()}{path}", headers={"authorization": "Bearer forged"})
    described = (await client.get("/api/v1/openapi.json")).json()["paths"]

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert "401" in described[f"{URL}/{{contest_id}}{path}"]["get"]["responses"]


async def test_rejections__row_reason_and_text__and_no_formula_survives(olga: Person) -> None:
    rows = "username,comment\nana,ok\n=cmd|' /C calc'!A0,a,b\n @SUM(1),c,d\nben,ok\nclara,ok\ndora,ok\n,-1\n"
    contest = await olga.draft(rows)

    first = await olga.get(f"/{contest['id']}/rejections", limit=2)
    rest = await olga.get(f"/{contest['id']}/rejections", limit=2, cursor=first["next_cursor"])
    download = await olga.http.get(f"{URL}/{contest['id']}/rejections.csv")

    assert [(item["row"], item["reason"]) for item in first["items"] + rest["items"]] == [
        (3, "wrong_field_count"),
        (4, "wrong_field_count"),
        (8, "blank_account"),
    ]
    assert first["items"][0]["text"] == "=cmd|' /C calc'!A0,a,b"
    assert rest["next_cursor"] is None
    assert download.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.reader(io.StringIO(download.content.decode("utf-8-sig"))))
    assert lines[0] == ["file", "row", "reason", "detail", "text"]
    assert [line[4] for line in lines[1:]] == ["'=cmd|' /C calc'!A0,a,b", "' @SUM(1),c,d", ",-1"]


BAD_DRAFTS: list[tuple[dict[str, Any], str]] = [
    ({"winners": 0}, "winners"),
    ({"winners": "many"}, "winners"),
    ({"winners": 10_001}, "winners"),
    ({"alternates": -1}, "alternates"),
    ({"title": " "}, "title"),
    ({"title": None}, "title"),
    ({"rules": "a\0b"}, "no text"),
    ({"rules": "x" * 20_001}, "rules"),
    ({"language": "tlh"}, "language"),
    ({"colour": "red"}, "colour"),
]


async def test_draft__bad_input__says_what_to_do_and_leaves_nothing(
    olga: Person, client: AsyncClient
) -> None:
    for changes, words in BAD_DRAFTS:
        answer = await olga.make(**changes)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text
        assert words in answer.json()["detail"]
    prizes = await olga.make(prizes=["A bicycle", "A helmet", "A bell"])
    assert (prizes.status_code, prizes.json()["code"]) == (422, "too_many_prizes")
    assert (await client.post(URL, json=DRAFT)).json()["code"] == "not_signed_in"
    assert (await olga.get("", mine="true"))["items"] == []


async def test_draft__changed_until_committed(olga: Person, otto: Person, database: DatabaseUris) -> None:
    contest = await olga.draft(title="Old", rules="One.\r\nTwo.\r\n", prizes=["A bicycle"])
    path = f"{URL}/{contest['id']}"
    changed = await olga.http.patch(
        path, json={"title": "New", "winners": 1, "language": "pt", "rules": None}
    )
    stranger = await otto.http.patch(path, json={"title": "Mine"})
    too_few = await olga.http.patch(path, json={"winners": 1, "prizes": ["A bicycle", "A helmet"]})
    opening = opening_of(database.superuser, await olga.commit(contest))
    late = await olga.http.patch(path, json={"title": "Newer"})

    assert (contest["rules"], contest["language"]) == ("One.\nTwo.", "en")
    shown = changed.json()
    assert (shown["title"], shown["winners"], shown["language"], shown["rules"], shown["prizes"]) == (
        *("New", 1, "pt", "One.\nTwo."),
        ["A bicycle"],
    )
    assert (stranger.status_code, too_few.status_code) == (404, 422)
    assert opening.config[5] == text_hash("One.\nTwo.")
    assert (late.status_code, late.json()["code"]) == (409, "contest_committed")


async def test_commit__too_few_accounts__says_how_many(olga: Person) -> None:
    contest = (await olga.make()).json()
    nobody = await olga.post(f"/{contest['id']}/commit")
    await olga.bring(contest, "username\nana\nANA\n@ana\nben\n")
    few = await olga.post(f"/{contest['id']}/commit")

    assert (nobody.status_code, nobody.json()["code"]) == (422, "too_few_entries")
    assert (few.json()["code"], few.json()["unique"], few.json()["needed"]) == ("too_few_entries", 2, 4)


async def test_commit__weights_beyond_what_can_be_drawn__refused(olga: Person) -> None:
    contest = (await olga.make()).json()
    await olga.bring(contest, f"username,weight\nana,{2**63 - 1}\nben,1\nclara,1\ndora,1\n")
    answer = await olga.post(f"/{contest['id']}/commit")
    assert (answer.status_code, answer.json()["code"]) == (422, "weights_too_large")


async def test_openings__salts_open_the_leaves(olga: Person) -> None:
    contest = await olga.draft()
    too_early = await olga.http.get(f"{URL}/{contest['id']}/openings")
    await olga.commit(contest)
    bundle = await olga.get(f"/{contest['id']}/bundle")

    people = await all_items(olga, f"/{contest['id']}/openings")

    assert (too_early.status_code, too_early.json()["code"]) == (409, "contest_not_committed")
    assert [(person["account_key"], person["account"]) for person in people] == [
        ("ana", "ana"),
        ("ben", "@Ben"),
        ("dora", "dora"),
        ("emil", "emil"),
    ]
    for person in people:
        leaf = merkle.leaf_hash(
            chain_id=CHAIN_ID,
            contract=bundle["contract"],
            contest_key=bytes.fromhex(bundle["contest_key"][2:]),
            index=person["index"],
            id_hash=merkle.id_hash(bytes.fromhex(person["salt"][2:]), person["account_key"]),
        )
        assert "0x" + leaf.hex() == bundle["leaves"][person["index"]]


async def test_delete__a_draft_goes_with_its_list__a_committed_one_stays(olga: Person) -> None:
    draft, committed = await olga.draft(), await olga.draft()
    await olga.commit(committed)

    gone = await olga.http.delete(f"{URL}/{draft['id']}")
    stays = await olga.http.delete(f"{URL}/{committed['id']}")

    assert gone.status_code == 204
    assert (await olga.http.get(f"{URL}/{draft['id']}")).status_code == 404
    assert (stays.status_code, stays.json()["code"]) == (409, "contest_committed")
    assert [item["id"] for item in (await olga.get("", mine="true"))["items"]] == [committed["id"]]


async def test_draft__as_many_as_an_account_may_have__409_until_one_is_gone(
    settings: Settings, olga: Person, otto: Person, database: DatabaseUris
) -> None:
    first = await olga.draft()
    for _ in range(settings.drafts_per_user - 1):
        await olga.draft()

    refused = await olga.make()
    await otto.draft()
    set_intent(database.superuser, await olga.commit(first), "rejected", "The wallet has no POL for gas.")
    still_refused = await olga.make()
    await olga.commit(first)
    accepted = await olga.make()
    full = await olga.make()

    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_drafts")
    assert "Delete or cancel one" in refused.json()["detail"]
    assert (still_refused.status_code, accepted.status_code, full.status_code) == (409, 201, 409)
    assert (await olga.http.delete(f"{URL}/{accepted.json()['id']}")).status_code == 204
    assert (await olga.make()).status_code == 201


async def test_draft__many_at_the_same_time__no_more_drafts_than_allowed(
    settings: Settings, olga: Person
) -> None:
    for _ in range(settings.drafts_per_user - 1):
        await olga.draft()

    answers = await asyncio.gather(*(olga.make() for _ in range(4)))

    assert [answer.status_code for answer in answers].count(201) == 1


async def test_bundle__first_asked_for_by_many__tree_is_built_once(
    olga: Person, facts: ChainOfFacts, database: DatabaseUris, monkeypatch: pytest.MonkeyPatch
) -> None:
    contest = await olga.draft()
    draw(facts, opening_of(database.superuser, await olga.commit(contest)))
    built = []

    def counted(leaves: bytes, indexes: Sequence[int], weights: Sequence[int]) -> dict[int, reveal.Proof]:
        built.append(indexes)
        return compute(leaves, indexes, weights)

    compute = reveal._compute
    monkeypatch.setattr(reveal, "_compute", counted)
    bundles = await asyncio.gather(*(olga.get(f"/{contest['id']}/bundle") for _ in range(12)))

    assert len(built) == 1
    assert all(bundle == bundles[0] for bundle in bundles)
    assert len(bundles[0]["openings"]) == 4


async def test_winners__not_drawn_yet__nobody(
    olga: Person, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    contest = await olga.draft()
    assert (await olga.get(f"/{contest['id']}/winners"))["items"] == []
    facts.block(*opening_of(database.superuser, await olga.commit(contest)).opened(1))
    assert (await olga.get(f"/{contest['id']}/winners"))["items"] == []
