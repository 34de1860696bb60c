"""Whole journeys of people: each comes for one thing, and gets it."""

import json
import re
import zipfile
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.flow import qr
from tests.flow.keyboard import press, tab_to
from tests.flow.people import connect, log_in_of, sign_in
from tests.flow.stage import TICKET, chain_of, create_raffle, grant_with_cliff
from tests.flow.system import System
from tests.flow.wallet import FlowWallet
from tests.support.waiting import wait_until
from tools.story.steps import WEI

FINAL = 30_000
DRAWN = 90_000  # milliseconds: request, VRF word, its deadline, the drand round, and the keeper's three turns
SECONDS_TO_CLIFF = 30


def done(page: Page, title: str) -> Locator:
    """Wait until the transaction of that title has passed every stage; returns its card."""
    named = page.get_by_role("region", name=re.compile(title, re.IGNORECASE))
    card = named.and_(page.get_by_test_id("transaction")).first
    expect(card).to_have_attribute("data-outcome", "done", timeout=FINAL)
    return card


def test_doubter__from_the_certificate_s_qr_code__checks_everything_cheats_and_looks_somebody_up(
    page: Page, system: System
) -> None:
    contest = system.story["contest"]
    page.goto(f"/contests/{contest}/certificate")
    code = page.get_by_role("img", name="QR code of the public page of this draw")
    address = qr.read(code.screenshot())
    assert address == f"{system.url}/contests/{contest}"
    page.goto(address)
    page.get_by_role("link", name="Check this draw").first.click()
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_attribute("data-outcome", "right", timeout=FINAL)
    outcomes = {
        check.get_attribute("data-check"): check.get_attribute("data-outcome")
        for check in page.locator("[data-check]").all()
    }
    assert len(outcomes) >= 8
    assert set(outcomes.values()) <= {"ok", "skipped"}
    page.get_by_role("switch", name="Try to cheat").click()
    page.get_by_label("one entry").check()
    expect(verdict).to_have_attribute("data-outcome", "wrong", timeout=FINAL)
    expect(page.get_by_text("The cheat was found out.")).to_be_visible()
    page.get_by_role("switch", name="Try to cheat").click()
    expect(verdict).to_have_attribute("data-outcome", "right", timeout=FINAL)
    page.get_by_role("link", name="To the contest").click()
    # A name whose capitals are still the same name: the Turkish dotless i has the capital of another letter.
    winner = next(
        one
        for one in system.get(f"/contests/{contest}/winners")["items"]
        if one["account"].upper().casefold() == one["account"].casefold()
    )
    page.get_by_label("Your account").fill(f"@{winner['account'].upper()}")
    page.get_by_role("button", name="Look up").click()
    won = re.compile(rf"took part: entry .* It won place {winner['rank'] + 1}\b")
    expect(page.get_by_text(won)).to_be_visible()
    expect(page.get_by_text("Proved: your browser computed it from your name")).to_be_visible()


def test_entrant__with_an_e_mail_address_only__confirms_it_by_mail_and_holds_a_ticket(
    page: Page, system: System
) -> None:
    address = f"entrant-{uuid4().hex[:8]}@tombola.example"
    raffle = create_raffle(system, "For everybody with an address", least=1, most=50)
    page.goto(f"/raffles/{raffle}")
    page.get_by_role("link", name="Sign in with e-mail").click()
    page.get_by_role("button", name="Create an account instead").click()
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill("a long enough pass phrase")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="For everybody with an address")).to_be_visible()
    (mail,) = wait_until(lambda: system.mail(address, "verify_email"), 20, what="the mail with the link")
    token = re.findall(r"/verify-email(#\S+)", mail)[0]
    page.goto(f"/verify-email{token}")
    expect(page).to_have_url(f"{system.url}/verify-email")  # nobody copies the token by accident
    page.get_by_role("button", name="This address is mine").click()
    expect(page.get_by_role("status").filter(has_text="Your e-mail address is confirmed.")).to_be_visible()
    assert page.request.get("/api/v1/me").json()["email_verified"] is True
    page.goto(f"/raffles/{raffle}")
    wallet = page.request.get("/api/v1/me").json()["wallet_address"]
    wait_until(lambda: system.w3.eth.get_balance(wallet) > TICKET, 30, what="the welcome grant")
    page.get_by_role("button", name="Buy 1 ticket").click()
    done(page, "Buy 1 ticket")
    row = page.get_by_role("table").get_by_role("row").filter(has_text="you")
    expect(row).to_contain_text("0.01 POL")
    certificate = page.request.get(f"/api/v1/contests/{system.story['contest']}/certificate.pdf")
    assert certificate.ok
    assert certificate.body().startswith(b"%PDF-")


def test_player__connects_and_buys_the_last_tickets__the_draw_follows_and_the_prize_is_claimed(
    page: Page, wallet: FlowWallet, system: System
) -> None:
    raffle = create_raffle(system, "Three tickets and no more", least=1, most=3, prize=2 * WEI)
    page.goto(f"/raffles/{raffle}")
    connect(page)
    page.get_by_label("Number of tickets").fill("3")
    page.get_by_role("button", name="Buy 3 tickets").click()
    done(page, "Buy 3 tickets")
    step = page.get_by_role("list", name="Waiting for randomness").locator('[aria-current="step"]')
    expect(step).to_be_visible(timeout=FINAL)
    claim = page.get_by_role("button", name="Claim prize 1")
    expect(claim).to_be_visible(timeout=DRAWN)
    before = system.w3.eth.get_balance(wallet.account)
    claim.click()
    done(page, "Claim prize 1")
    gained = system.w3.eth.get_balance(wallet.account) - before
    assert 2 * WEI - WEI // 100 < gained <= 2 * WEI, "the prize, less the network's fee"
    expect(page.get_by_role("list", name="Winning tickets")).to_contain_text("Claimed")


def test_unlucky__too_few_tickets_are_sold__takes_back_what_was_paid(
    page: Page, wallet: FlowWallet, system: System
) -> None:
    raffle = create_raffle(system, "Too few will come", least=40, most=50, closes_in=20)
    page.goto(f"/raffles/{raffle}")
    connect(page)
    page.get_by_label("Number of tickets").fill("5")
    page.get_by_role("button", name="Buy 5 tickets").click()
    done(page, "Buy 5 tickets")
    refund = page.get_by_role("button", name="Claim refund of entry 1")
    expect(refund).to_be_visible(timeout=DRAWN)
    expect(page.get_by_text("Too few tickets were sold: 5 of at least 40.")).to_be_visible()
    before = system.w3.eth.get_balance(wallet.account)
    refund.click()
    done(page, "refund")
    gained = system.w3.eth.get_balance(wallet.account) - before
    assert 5 * TICKET - WEI // 100 < gained <= 5 * TICKET
    expect(page.get_by_text("Refunded", exact=True)).to_be_visible()


def test_keyboard__nothing_else_is_used__finds_a_raffle_connects_and_buys(
    page: Page, wallet: FlowWallet, system: System
) -> None:
    raffle = str(system.story["open_raffle"])
    before = int(system.get(f"/raffles/{raffle}")["tickets_sold"])
    page.goto("/")
    tab_to(page, page.get_by_role("link", name="Meadow opening raffle"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Connect a wallet"))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    tab_to(page, dialog.get_by_role("button", name="Flow Wallet"), most=10)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Connect a wallet")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, dialog.get_by_role("button", name="Flow Wallet"), most=10)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    tab_to(page, page.get_by_label("Number of tickets"))
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    tab_to(page, page.get_by_role("button", name="Buy 2 tickets"))
    page.keyboard.press("Enter")
    card = done(page, "Buy 2 tickets")
    tab_to(page, card.get_by_role("button", name=re.compile("Dismiss")))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("transaction")).to_have_count(0)
    assert int(system.get(f"/raffles/{raffle}")["tickets_sold"]) == before + 2


def test_keyboard__nothing_else_is_used__checks_a_draw_and_is_refused_to_cheat(
    page: Page, system: System
) -> None:
    page.goto(f"/contests/{system.story['contest']}/certificate")
    press(page, page.get_by_role("link", name="Check this draw"))
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_attribute("data-outcome", "right", timeout=FINAL)
    press(page, page.get_by_role("switch", name="Try to cheat"), "Space")
    expect(verdict).to_have_attribute("data-outcome", "wrong", timeout=FINAL)
    tab_to(page, page.get_by_label("one bit of the random number"), most=3)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    expect(verdict).to_have_attribute("data-outcome", "wrong", timeout=FINAL)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(verdict).to_have_attribute("data-outcome", "right", timeout=FINAL)


def test_owner_of_data__asks_for_a_copy__is_told_by_mail_and_finds_a_purchase_in_it(
    page: Page, system: System
) -> None:
    person = log_in_of(system, "ana")
    sign_in(page, system, "ana")
    page.goto("/account/privacy")
    page.get_by_role("button", name="Ask for a copy of my data").click()
    question = page.get_by_role("dialog", name="Is it you?")
    question.get_by_label("Password").fill(person["password"])
    question.get_by_role("button", name="Confirm").click()
    take = page.get_by_role("button", name="Download the copy (ZIP)")
    expect(take).to_be_visible(timeout=DRAWN)
    wait_until(lambda: len(system.mail(person["email"], "data_export")) == 1, 30, what="the mail")
    assert "/account/privacy" in system.mail(person["email"], "data_export")[0]
    with page.expect_download() as download:
        take.click()
    copy = zipfile.ZipFile(download.value.path())
    bought = json.loads(copy.read("transactions.json"))["intent"]
    assert any(one["kind"] == "buy_tickets" and one["state"] == "confirmed" for one in bought)
    assert json.loads(copy.read("account.json"))["user"][0]["email"] == person["email"]
    page.reload()
    expect(page.get_by_text("Copy of your data asked for").first).to_be_visible(timeout=FINAL)


def test_beneficiary__before_the_cliff_nothing__after_it_the_tokens_arrive(
    page: Page, wallet: FlowWallet, system: System
) -> None:
    """Last here: it moves the chain's time ahead of the clock, and draws that follow wait for the clock."""
    grant = grant_with_cliff(system, wallet.account, cliff_in=SECONDS_TO_CLIFF, amount=4_000 * WEI)
    token = chain_of(system).contract("Token", system.story["token"])
    before = token.functions.balanceOf(wallet.account).call()
    page.goto(f"/vesting/{grant}")
    connect(page)
    expect(page.get_by_text("Nothing can be released now.")).to_be_visible()
    expect(page.get_by_role("button", name="Release", exact=True)).to_have_count(0)
    system.rpc.call("evm_increaseTime", SECONDS_TO_CLIFF)
    release = page.get_by_role("button", name="Release", exact=True)
    expect(release).to_be_visible(timeout=FINAL)
    release.click()
    done(page, "release")
    arrived = token.functions.balanceOf(wallet.account).call() - before
    assert 1_000 * WEI <= arrived < 1_200 * WEI, "an hour of four is over, and a little more"
