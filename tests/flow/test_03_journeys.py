"""What people do in the web app, done by a real browser on the real system."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.flow.ears import Ears
from tests.flow.lists import committed_list
from tests.flow.people import arrive, connect, sign_in
from tests.flow.stage import TICKET, chain_of, create_raffle
from tests.flow.system import System
from tests.flow.wallet import FlowWallet

QUIET_BLOCKS = 5  # of a second: a page that asked every 2.5 s would ask in between
FINAL = 30_000  # milliseconds until a transaction is final and mirrored: a few 1-s blocks, on a busy machine


def _done(page: Page, title: str | re.Pattern[str]) -> Locator:
    """Wait until the transaction of that title has passed every stage; returns its card."""
    card = page.get_by_role("region", name=title).and_(page.get_by_test_id("transaction")).first
    expect(card).to_have_attribute("data-outcome", "done", timeout=FINAL)
    return card


def _sold(system: System, raffle_id: str) -> int:
    return int(system.get(f"/raffles/{raffle_id}")["tickets_sold"])


def test_list__nobody_signed_in__the_story_is_there(page: Page) -> None:
    page.goto("/")
    for title in (
        "Meadow opening raffle",
        "Ten cents a ticket",
        "Harvest raffle",
        "Too quiet a raffle",
        "Meadow giveaway",
    ):
        expect(page.get_by_role("link", name=title)).to_be_visible()


def test_buy__browser_wallet__tickets_are_seen_by_the_mirror(
    page: Page, wallet: FlowWallet, system: System
) -> None:
    raffle_id = system.story["open_raffle"]
    before = _sold(system, raffle_id)
    page.goto(f"/raffles/{raffle_id}")
    connect(page)
    page.get_by_label("Number of tickets").fill("2")
    page.get_by_role("button", name="Buy 2 tickets").click()
    expect(_done(page, re.compile("ticket"))).to_contain_text("Seen by Tombola")
    assert _sold(system, raffle_id) == before + 2


def test_buy__wallet_rejects__says_so_and_sends_nothing(
    page: Page, wallet: FlowWallet, system: System
) -> None:
    raffle_id = system.story["open_raffle"]
    before = _sold(system, raffle_id)
    page.goto(f"/raffles/{raffle_id}")
    connect(page)
    wallet.reject.add("eth_sendTransaction")
    page.get_by_role("button", name="Buy 1 ticket").click()
    card = page.get_by_test_id("transaction").first
    expect(card).to_have_attribute("data-outcome", "failed", timeout=FINAL)
    expect(card).to_contain_text(re.compile("reject|declin|refus|cancel", re.IGNORECASE))
    assert _sold(system, raffle_id) == before


def test_buy__custodial_wallet_of_a_new_user__is_confirmed(page: Page, system: System) -> None:
    raffle_id = system.story["open_raffle"]
    before = _sold(system, raffle_id)
    page.goto("/account")
    page.get_by_role("button", name="Create an account instead").click()
    page.get_by_label("E-mail").fill("newcomer@tombola.example")
    page.get_by_label("Password").fill("a long enough pass phrase")
    page.get_by_role("button", name="Create account").click()
    # The welcome grant arrives from the treasury as a transaction like any other.
    expect(page.get_by_role("definition").filter(has_text="5")).to_be_visible(timeout=FINAL)
    page.goto(f"/raffles/{raffle_id}")
    page.get_by_label("Number of tickets").fill("3")
    page.get_by_role("button", name="Buy 3 tickets").click()
    expect(_done(page, re.compile("ticket"))).to_contain_text("Final")
    assert _sold(system, raffle_id) == before + 3


def test_claim__any_wallet__sends_the_prize_to_its_winner(
    page: Page, wallet: FlowWallet, system: System
) -> None:
    raffle_id = int(system.story["drawn_raffle"])
    page.goto(f"/raffles/{raffle_id}")
    connect(page)
    page.get_by_role("button", name=re.compile("(Claim|Send) prize 2")).click()
    _done(page, re.compile("prize", re.IGNORECASE))
    assert system.contract("Raffle").functions.isClaimed(raffle_id, 1).call()


def test_release__custodial_beneficiary__tokens_arrive(page: Page, system: System) -> None:
    sign_in(page, system, "ana")
    me = page.request.get("/api/v1/me").json()["wallet_address"]
    (grant,) = system.get(f"/vesting/grants?beneficiary={me}")["items"]
    assert int(grant["releasable"]) > 0
    page.goto(f"/vesting/{grant['id']}")
    page.get_by_role("button", name="Release").click()
    _done(page, re.compile("release", re.IGNORECASE))
    released = system.contract("Vesting").functions.grantOf(int(grant["id"])).call()[2]
    assert released == int(grant["releasable"])


@pytest.mark.parametrize(("kind", "key"), [("raffle", "drawn_raffle"), ("contest", "contest")])
def test_verify__in_the_browser__everything_is_right_and_cheating_is_found(
    page: Page, system: System, kind: str, key: str
) -> None:
    page.goto(f"/verify/{kind}/{system.story[key]}")
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_attribute("data-outcome", "right", timeout=FINAL)
    checks = page.get_by_role("list", name="Checks").get_by_role("listitem")
    assert checks.count() >= 8
    proof = page.locator('[data-check="vrf-proof"]')
    expect(proof).to_have_attribute("data-outcome", "ok")
    page.get_by_role("switch", name="Try to cheat").click()
    for change in (
        "one bit of the random number",
        "one bit of Chainlink’s proof",
        "one entry",
        "one published winner",
    ):
        page.get_by_label(change).check()
        expect(verdict).to_have_attribute("data-outcome", "wrong", timeout=FINAL)


def test_verify__contest_with_another_file__says_it_is_not_the_committed_one(
    page: Page, system: System, tmp_path: Path
) -> None:
    original, changed = tmp_path / "entries.csv", tmp_path / "changed.csv"
    original.write_bytes(committed_list())
    changed.write_bytes(original.read_bytes() + b"\n")
    page.goto(f"/verify/contest/{system.story['contest']}")
    expect(page.get_by_test_id("verdict")).to_have_attribute("data-outcome", "right", timeout=FINAL)
    page.get_by_text("Do you have the list file?").click()
    page.get_by_label("List file", exact=True).set_input_files(original)
    expect(page.get_by_text("is the file that was committed, to the last byte")).to_be_visible()
    page.get_by_label("List file", exact=True).set_input_files(changed)
    expect(page.get_by_text("is not the file that was committed")).to_be_visible()


def test_contest__upload_announce_commit_draw_disqualify__an_alternate_moves_up(
    page: Page, context: BrowserContext, system: System, tmp_path: Path
) -> None:
    file = tmp_path / "comments.csv"
    names = [f"person{number}" for number in range(40)]
    file.write_text(
        "\n".join(["username,comment", *(f"@{name},hello" for name in names), "PERSON3,twice", ",empty"])
    )
    sign_in(page, system, "olga")
    page.goto("/contests/new")
    page.get_by_label("Name").fill("Small giveaway")
    page.get_by_label("Post or event").fill("https://social.example/meadow/posts/218")
    page.get_by_label("Rules").fill("One entry each.")
    page.get_by_label("Winners").fill("2")
    page.get_by_role("button", name="Make a draft").click()
    page.get_by_label("List of entries").set_input_files(file)
    page.get_by_role("button", name="Upload the list").click()
    counts = page.get_by_label("What was read from the list")
    expect(counts).to_contain_text(re.compile(r"42.*40.*1.*1", re.DOTALL))
    page.get_by_role("link", name="Next: Who counts").click()
    expect(page.get_by_text("40 of 40 people count.")).to_be_visible()
    page.get_by_label("Another rule").select_option(label="Your own people")
    page.get_by_role("button", name="Add the rule").click()
    page.get_by_label("Accounts", exact=True).fill("@person39")
    expect(page.get_by_text("39 of 40 people count.")).to_be_visible()
    page.get_by_role("link", name="Next: Prizes and rules").click()
    page.get_by_label("Prizes").fill("A weekend in the meadow")
    page.get_by_label("Alternates").fill("2")
    expect(page.get_by_text("Everything is kept.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Alternates")).to_have_value("2")
    page.get_by_role("link", name="Next: Price").click()
    expect(page.get_by_label("Price and balance")).to_contain_text(re.compile(r"Missing\s*0"))
    page.get_by_role("link", name="Next: Check and commit").click()
    expect(page.get_by_text("Winners: 2. Alternates: 2. Prizes: 1.")).to_be_visible()
    page.get_by_role("button", name="Announce the contest").click()
    expect(page.get_by_text("Cancel the contest")).to_be_visible()
    page.get_by_role("button", name="Commit the list and draw").click()
    places = page.get_by_role("list", name="Drawn places").get_by_role("listitem")
    expect(places).to_have_count(4, timeout=2 * FINAL)
    page.get_by_role("button", name="Disqualify place 1").click()
    page.get_by_label("Reason").fill("Works for the organiser")
    page.get_by_role("button", name="Disqualify", exact=True).last.click()
    expect(places.nth(2)).to_contain_text("Alternate, moved up: wins", timeout=FINAL)
    expect(places.nth(0)).to_contain_text("Disqualified: Works for the organiser")


def test_stages__of_the_custodial_wallet__come_over_the_stream_and_hardly_anything_is_asked(
    page: Page, context: BrowserContext, system: System
) -> None:
    arrive(context, system, "ben")
    ears = Ears(page)
    page.goto(f"/raffles/{system.story['open_raffle']}")
    ears.has("me")
    assert set(ears.addresses) == {system.url.replace("http", "ws") + "/api/v1/stream"}
    ears.wait("chain.block", 2)
    del ears.order[:]
    with system.slow_blocks(2):
        page.get_by_role("button", name="Buy 1 ticket").click()
        expect(_done(page, re.compile("ticket"))).to_contain_text("Final")
    for stage in ("created", "signed", "broadcast", "mined", "confirmed"):
        assert ears.count(f"intent.{stage}"), ears.order
    # Once at the start, and for what a stage brings: the hash, the block, the end. By asking it would be ten.
    assert ears.count("GET /intents/[0-9a-f-]{36}") <= 5, ears.order


def test_raffle__bought_from_elsewhere__is_seen_at_once_though_nobody_asks(
    page: Page, system: System
) -> None:
    raffle_id = create_raffle(system, "Bought from elsewhere", least=1, most=10)
    read = f"GET /raffles/{raffle_id}"
    ears = Ears(page)
    page.goto(f"/raffles/{raffle_id}")
    ears.has(f"raffle:{raffle_id}")
    # The poll that was on its way covers what happened before the stream was there.
    ears.wait(read, 2)
    del ears.order[:]
    ears.wait("chain.block", QUIET_BLOCKS)
    assert ears.count(read) == 0, ears.order
    chain = chain_of(system)
    bought = chain.contract("Raffle").functions.buyTickets(int(raffle_id), 3, chain.accounts[6])
    chain.send(bought, chain.accounts[6], 3 * TICKET)
    sold = page.get_by_role("term").filter(has_text="Tickets sold").locator("xpath=..")
    expect(sold).to_contain_text("3 of 10", timeout=10_000)
    assert ears.order.index("raffle.tickets_bought") < ears.order.index(read), ears.order
