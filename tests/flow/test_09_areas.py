"""One journey through each area beside raffles and contests: issuing, governance, administration, languages."""

import re
from uuid import uuid4

from playwright.sync_api import Browser, Locator, Page, expect

from tests.flow.accessibility import wider_than_window
from tests.flow.keyboard import press
from tests.flow.people import connect, log_in_of, new_context, sign_in
from tests.flow.stage import chain_of, failed_job, governance_token, lend_votes, propose, votes_before
from tests.flow.system import System
from tests.flow.wallet import FlowWallet
from tests.support.waiting import wait_until
from tools.story.steps import WEI

FINAL = 30_000
ENOUGH_VOTES = 50_000_000 * WEI
"""To propose, and for the quorum alone."""


def done(page: Page, title: str) -> Locator:
    """Wait until the transaction of that title has passed every stage; returns its card."""
    named = page.get_by_role("region", name=re.compile(title, re.IGNORECASE))
    card = named.and_(page.get_by_test_id("transaction")).first
    expect(card).to_have_attribute("data-outcome", "done", timeout=FINAL)
    return card


def test_issuer__launches_a_token_and_grants_of_it__both_pages_show_it(
    page: Page, wallet: FlowWallet, system: System
) -> None:
    page.goto("/tokens/new")
    connect(page)
    page.get_by_label("Name").fill("Orchard")
    page.get_by_label("Symbol").fill("ORCH")
    page.get_by_label("Supply at creation").fill("1000000")
    page.get_by_role("button", name="Go on to the summary").click()
    page.get_by_role("button", name="Launch the token").click()
    expect(page).to_have_url(re.compile(r"/tokens/0x[0-9a-fA-F]{40}$"), timeout=FINAL)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Orchard")
    token = page.url.rpartition("/")[2]
    holders = page.get_by_role("region", name="Holders").get_by_role("table")
    expect(holders.get_by_role("cell", name="1,000,000", exact=True)).to_be_visible()
    page.goto("/vesting/new")
    page.get_by_label("Token’s address").fill(token)
    page.get_by_label("Vesting starts").fill("2030-01-01T00:00")
    page.get_by_label("Beneficiary").fill(system.w3.eth.accounts[7])
    page.get_by_label("Amount").fill("2500.5")
    page.get_by_role("button", name="Go on to the summary").click()
    page.get_by_role("button", name="Create the plan").click()
    expect(page).to_have_url(re.compile(r"/vesting/plans/\d+$"), timeout=FINAL)
    expect(page.get_by_role("region", name="Grants", exact=True)).to_contain_text("2,500.5 ORCH")
    (grant,) = system.get(f"/vesting/grants?beneficiary={system.w3.eth.accounts[7]}&token={token}")["items"]
    assert int(grant["amount"]) == 25_005 * WEI // 10


def test_administrator__sees_a_failed_job_runs_it_again_and_looks_somebody_up(
    page: Page, system: System
) -> None:
    job = failed_job(system)
    sign_in(page, system, "ada")
    page.get_by_role("link", name="Administration").click()
    expect(page.get_by_role("heading", name="Administration", level=1)).to_be_visible()
    page.get_by_role("link", name="To the failed jobs").click()
    again = page.get_by_role("button", name=f"Run again: job {job}", exact=True)
    again.click()
    expect(again).to_have_count(0)
    page.get_by_role("link", name="Users", exact=True).click()
    page.get_by_label("E-mail address or account id").fill("ana@")
    page.get_by_role("button", name="Search", exact=True).click()
    question = page.get_by_role("dialog", name="Is it you?")
    question.get_by_label("Password").fill(log_in_of(system, "ada")["password"])
    question.get_by_role("button", name="Confirm").click()
    page.get_by_role("link", name="ana@tombola.example").click()
    expect(page.get_by_role("heading", name="ana@tombola.example")).to_be_visible()
    expect(page.get_by_text("Neither the account nor its wallet is frozen.")).to_be_visible()
    expect(page.get_by_text("Its wallet is frozen.", exact=True)).to_have_count(0)


def test_language__german_is_chosen__every_page_and_the_next_visit_speak_it(page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("Language of pages").select_option(label="Deutsch")
    expect(page.get_by_role("heading", name="Einstellungen", level=1)).to_be_visible()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("navigation").get_by_role("link", name="Verlosungen")).to_be_visible()
    page.get_by_role("link", name="Meadow opening raffle").click()
    expect(page.get_by_role("heading", name="Meadow opening raffle", level=1)).to_be_visible()


def test_right_to_left__on_a_phone_in_the_longest_words__nothing_scrolls_sideways(
    browser: Browser, system: System
) -> None:
    phone = new_context(browser, system, viewport={"width": 360, "height": 780}, locale="de-DE")
    page = phone.new_page()
    story = system.story
    for path in (
        "/",
        f"/raffles/{story['drawn_raffle']}",
        f"/contests/{story['contest']}",
        f"/vesting/{story['grant']}",
        f"/tokens/{story['token']}",
        "/governance",
        "/settings",
        "/status",
    ):
        page.goto(path)
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator(".skel")).to_have_count(0)
        page.evaluate("() => { document.documentElement.dir = 'rtl' }")
        assert wider_than_window(page) == [], path
    phone.close()


def test_holder__by_the_custodial_wallet__delegates_votes_and_finds_both_in_the_activity(
    page: Page, system: System
) -> None:
    sign_in(page, system, "ana")
    me = page.request.get("/api/v1/me").json()["wallet_address"]
    chain = chain_of(system)
    receipt = chain.send(governance_token(system).functions.transfer(me, WEI), chain.accounts[1])
    wait_until(lambda: system.mirrored(receipt["blockNumber"]), 60, what="the token in the mirror")
    page.goto("/governance/delegate")
    expect(page.get_by_text("Nobody votes with your tokens.")).to_be_visible()
    page.get_by_role("button", name="Delegate", exact=True).click()
    done(page, "Delegate")
    wait_until(lambda: votes_before(system, me) >= WEI, 60, what="votes that count")
    proposal = propose(system, f"Keep the quorum ({uuid4().hex[:6]})")
    page.goto(f"/governance/{proposal}")
    page.get_by_label("Against", exact=True).check(timeout=FINAL)
    page.get_by_label("Reason, if you like").fill("Not now.")
    page.get_by_role("button", name="Vote", exact=True).click()
    done(page, "Vote")
    expect(page.get_by_text(re.compile("You voted: Against, with .* TMB"))).to_be_visible()
    (vote,) = system.get(f"/governance/proposals/{proposal}/votes")["items"]
    assert (vote["voter"], vote["support"], vote["reason"]) == (me, 0, "Not now.")
    page.goto("/account/activity")
    expect(page.get_by_role("link", name="Vote on a proposal").first).to_be_visible()
    expect(page.get_by_role("link", name="Delegate the votes of the tokens you hold").first).to_be_visible()


def test_holder__delegates_proposes_and_votes__the_proposal_passes_and_is_executed(
    page: Page, wallet: FlowWallet, system: System
) -> None:
    """Last here: it moves the chain's time ahead of the clock. The vote and what follows is done by keyboard."""
    percent = "4" if system.get("/governance")["quorum_percent"] == "5" else "5"
    title = f"A quorum of {percent} % ({uuid4().hex[:6]})"
    lend_votes(system, wallet.account, ENOUGH_VOTES)
    page.goto("/governance/delegate")
    connect(page)
    expect(page.get_by_text("Nobody votes with your tokens.")).to_be_visible()
    page.get_by_role("button", name="Delegate", exact=True).click()
    done(page, "Delegate")
    # The governor asks for the votes of the second before.
    wait_until(lambda: votes_before(system, wallet.account) >= ENOUGH_VOTES, 60, what="votes that count")
    page.get_by_role("link", name="New proposal").click()
    page.get_by_label("Kind of action").select_option(label="Set the quorum")
    page.get_by_label("Percent of the supply").fill(percent)
    page.get_by_role("button", name="Add this action").click()
    page.get_by_label("Name of the proposal").fill(title)
    page.get_by_role("button", name="Make the proposal").click()
    done(page, "Propose")
    page.get_by_role("link", name="Proposals", exact=True).click()
    page.get_by_role("link", name=title).click()
    expect(page.get_by_label("For", exact=True)).to_be_visible(timeout=FINAL)
    press(page, page.get_by_label("For", exact=True), "Space")
    press(page, page.get_by_role("button", name="Vote", exact=True))
    done(page, "Vote")
    expect(page.get_by_text(re.compile("You voted: For, with [0-9,]+0,000,000 TMB"))).to_be_visible()
    settings = system.get("/governance")
    system.rpc.call("evm_increaseTime", int(settings["voting_period"]))
    queue = page.get_by_role("button", name="Queue", exact=True)
    expect(queue).to_be_visible(timeout=FINAL)
    press(page, queue)
    done(page, "Queue")
    expect(page.get_by_text("In the timelock. It can be executed")).to_be_visible()
    delay, queued = int(settings["timelock_delay"]), chain_of(system).now()
    system.rpc.call("evm_increaseTime", delay)
    # What is asked of the chain goes by its last block, which comes a moment after its time was moved.
    wait_until(lambda: chain_of(system).now() > queued + delay, 60, what="a block after the delay")
    # The page goes by the clock, which the chain's time is ahead of.
    page.clock.set_fixed_time((chain_of(system).now() + 60) * 1000)
    execute = page.get_by_role("button", name="Execute", exact=True)
    expect(execute).to_be_visible(timeout=FINAL)
    press(page, execute)
    done(page, "Execute")
    expect(page.get_by_text("Executed", exact=True).first).to_be_visible()
    assert chain_of(system).contract("Governor").functions.quorumNumerator().call() == int(percent)
    page.get_by_role("link", name="Proposals", exact=True).click()
    expect(page.get_by_text(re.compile(f"^{percent} % of [0-9,]+ TMB$"))).to_be_visible()
