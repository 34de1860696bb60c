"""What goes wrong for people who use the web app, and what it then says and does."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.flow.people import arrive, connect, sign_in
from tests.flow.stage import TICKET, chain_of, create_raffle
from tests.flow.system import System
from tests.flow.wallet import FlowWallet
from tests.support.waiting import wait_until

FINAL = 30_000
BLOCK = 15_000
BACK = 60_000  # milliseconds until a killed process is started again and ready, on a busy machine


@pytest.fixture
def raffle(page: Page, wallet: FlowWallet, system: System) -> str:
    """The open raffle, on the page of somebody with a connected browser wallet; its id."""
    raffle_id = str(system.story["open_raffle"])
    page.goto(f"/raffles/{raffle_id}")
    connect(page)
    return raffle_id


@pytest.fixture
def ben(context: BrowserContext, system: System) -> None:
    """The browser belongs to Ben, who has a Tombola wallet."""
    arrive(context, system, "ben")


@pytest.fixture
def api_again(system: System) -> Iterator[None]:
    """The next test finds an API that answers."""
    yield
    wait_until(lambda: system.is_ready, BACK / 1000, what="the API to be back")


def card(page: Page) -> Locator:
    """The newest transaction on the page."""
    return page.get_by_test_id("transaction").first


def expect_stage(page: Page, words: str, timeout: float = 10_000) -> None:
    """Wait until the newest transaction is at the stage with these words."""
    expect(card(page).locator('[aria-current="step"]')).to_contain_text(words, timeout=timeout)


def expect_known(page: Page) -> None:
    """Wait until the page has asked a node about the transaction, and keeps what is in it."""
    expect_stage(page, "Sent; waiting for a block")
    kept = "JSON.parse(localStorage.getItem('tombola.transactions'))[0].sent"
    wait_until(lambda: page.evaluate(kept), 60, what="what is in the transaction kept")


def lose(page: Page) -> None:
    """Let the two minutes pass after which a transaction that no node knows counts as dropped."""
    for _ in range(2):
        with page.expect_response(
            lambda answer: "eth_getTransactionCount" in (answer.request.post_data or "")
        ):
            page.clock.run_for(800)
        page.clock.fast_forward(121_000)
    expect(card(page)).to_have_attribute("data-outcome", "dropped")


def sold(system: System, raffle_id: str) -> int:
    return int(system.get(f"/raffles/{raffle_id}")["tickets_sold"])


def buy(page: Page, count: int = 1) -> None:
    page.get_by_label("Number of tickets").fill(str(count))
    page.get_by_role("button", name=re.compile(f"Buy {count} ticket")).click()


def test_network__wallet_on_another_one__is_switched_and_buying_goes_on(
    page: Page, wallet: FlowWallet, raffle: str
) -> None:
    wallet.change_chain(page, 1)
    expect(page.get_by_role("button", name="Wrong network")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Buy 1 ticket"))).to_have_count(0)
    wallet.reject.add("wallet_switchEthereumChain")
    page.get_by_role("button", name="Switch to Local chain").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("reject", re.IGNORECASE))
    wallet.reject.clear()
    page.get_by_role("button", name="Switch to Local chain").click()
    expect(page.get_by_role("button", name="Buy 1 ticket")).to_be_enabled()
    assert wallet.sent == []


def test_account__changed_in_the_wallet__the_other_one_buys(
    page: Page, wallet: FlowWallet, raffle: str, system: System
) -> None:
    other = system.w3.eth.accounts[6]
    wallet.change_account(page, other)
    shown = page.get_by_role("button", name=f"Browser wallet {other[:6]}")
    expect(shown).to_be_visible()
    buy(page)
    expect(card(page)).to_have_attribute("data-outcome", "done", timeout=FINAL)
    entries = system.get(f"/raffles/{raffle}/entries?limit=100")["items"]
    assert entries[-1]["buyer"] == other


def test_funds__custodial_wallet_has_too_little__says_so_before_anything_is_sent(
    page: Page, ben: None, system: System
) -> None:
    raffle_id = str(system.story["open_raffle"])
    before = sold(system, raffle_id)
    page.goto(f"/raffles/{raffle_id}")
    buy(page, 90)
    expect(card(page)).to_have_attribute("data-outcome", "failed", timeout=FINAL)
    expect(card(page)).to_contain_text(re.compile(r"needs 9 POL.* has [0-9.]+ POL"))
    assert sold(system, raffle_id) == before


def test_simulation__sold_out_meanwhile__custodial_wallet_is_told_before_anything_is_sent(
    page: Page, ben: None, system: System
) -> None:
    raffle_id = create_raffle(system, "Gone while you looked", least=1, most=3)
    page.goto(f"/raffles/{raffle_id}")
    button = page.get_by_role("button", name="Buy 1 ticket", exact=True)
    expect(button).to_be_enabled()
    with system.paused("listener"):
        chain = chain_of(system)
        last = chain.contract("Raffle").functions.buyTickets(int(raffle_id), 3, chain.accounts[6])
        chain.send(last, chain.accounts[6], 3 * TICKET)
        button.click()
        expect(card(page)).to_have_attribute("data-outcome", "failed", timeout=FINAL)
    expect(card(page)).to_contain_text(re.compile("Tickets are no longer sold|sold out|RaffleNotOpen|left"))
    expect(card(page).get_by_text("Transaction", exact=False)).to_have_count(0)
    entries = system.get(f"/raffles/{raffle_id}/entries")["items"]
    assert {entry["buyer"] for entry in entries} <= {chain.accounts[6]}


def test_step_up__refused_and_wrong__nothing_leaves_the_custodial_wallet(page: Page, system: System) -> None:
    sign_in(page, system, "ben")
    receiver = system.w3.eth.account.create().address
    page.get_by_label("Recipient").fill(receiver)
    page.get_by_label(re.compile("Amount in")).fill("0.01")
    page.get_by_role("button", name="Send", exact=True).click()
    question = page.get_by_role("dialog", name="Is it you?")
    question.get_by_label("Password").fill("not the pass phrase of anybody")
    question.get_by_role("button", name="Confirm").click()
    expect(question.get_by_text(re.compile("password", re.IGNORECASE)).last).to_be_visible()
    page.keyboard.press("Escape")
    expect(card(page)).to_have_attribute("data-outcome", "failed", timeout=FINAL)
    assert system.w3.eth.get_balance(receiver) == 0
    assert page.request.get("/api/v1/intents?limit=1").json()["items"][0]["params"].get("to") != receiver


def test_server__down_and_back__page_says_so_and_recovers_by_itself(
    page: Page, context: BrowserContext, ben: None, api_again: None, system: System
) -> None:
    raffle_id = str(system.story["open_raffle"])
    other = context.new_page()
    other.goto("/contests")
    other.wait_for_load_state("networkidle")
    before = sold(system, raffle_id)
    page.goto(f"/raffles/{raffle_id}")
    button = page.get_by_role("button", name="Buy 2 tickets")
    page.get_by_label("Number of tickets").fill("2")
    expect(button).to_be_enabled()
    banner = page.get_by_text(
        re.compile(r"The server does not answer\. (Shown as of .*|What you see is from before); trying again")
    )
    with system.without("api"):
        expect(banner).to_be_visible(timeout=FINAL)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        button.click()
        expect_stage(page, "Asking your Tombola wallet")
        # The code of another page is the server's too: without it there is a page that says so, not the browser's.
        other.get_by_role("link", name="Tokens").first.click()
        expect(other.get_by_text("The server cannot be reached.")).to_be_visible(timeout=FINAL)
    expect(other.get_by_role("heading", level=1, name="Tokens")).to_be_visible(timeout=BACK)
    expect(banner).to_have_count(0, timeout=BACK)
    expect(card(page)).to_have_attribute("data-outcome", "done", timeout=FINAL)
    assert sold(system, raffle_id) == before + 2, "asked again and again, bought once"


def test_mirror__stands_still__page_says_how_far_behind_until_it_catches_up(
    page: Page, system: System
) -> None:
    with system.paused("listener"):
        system.rpc.call("anvil_mine", 40)
        page.clock.set_fixed_time((time.time() + 300) * 1000)
        page.goto("/")
        banner = page.get_by_text(re.compile(r"This page is \d+ blocks behind the chain"))
        expect(banner).to_be_visible(timeout=BLOCK)
        behind = int(re.findall(r"\d+", banner.inner_text())[0])
        cursor = int(system.get("/status")["listener"]["cursor_block"])
        assert 40 <= behind <= system.w3.eth.block_number - cursor
    expect(banner).to_have_count(0, timeout=FINAL)


def test_session__ends_while_a_form_is_filled_in__nothing_written_is_lost(
    page: Page, context: BrowserContext, system: System
) -> None:
    sign_in(page, system, "olga")
    page.goto("/contests/new")
    page.get_by_label("Name").fill("Written before the session ended")
    page.get_by_label("Post or event").fill("https://social.example/meadow/posts/219")
    page.get_by_label("Rules").fill("One entry each, however long it takes to write this.")
    page.get_by_label("Winners").fill("2")
    context.clear_cookies()
    page.get_by_role("button", name="Make a draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended. What you wrote is kept")
    page.get_by_role("link", name="Sign in with e-mail").click()
    person = system.people["olga"]
    page.get_by_label("E-mail").fill(person["email"])
    page.get_by_label("Password").fill(person["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Name")).to_have_value("Written before the session ended")
    page.get_by_role("button", name="Make a draft").click()
    expect(page.get_by_role("heading", name="Written before the session ended")).to_be_visible()


def test_reload__while_the_wallet_s_transaction_waits__is_followed_to_its_end(
    page: Page, wallet: FlowWallet, raffle: str, system: System
) -> None:
    before = sold(system, raffle)
    with system.no_new_blocks() as chain:
        buy(page)
        expect_stage(page, "Sent; waiting for a block")
        page.reload()
        expect_stage(page, "Sent; waiting for a block")
        chain.call("evm_mine")
        expect(card(page)).to_have_attribute("data-outcome", "done", timeout=BLOCK)
    assert sold(system, raffle) == before + 1
    assert len(wallet.sent) == 1


def test_reload__while_the_custodial_wallet_buys__is_followed_and_bought_once(
    page: Page, ben: None, system: System
) -> None:
    raffle_id = str(system.story["open_raffle"])
    before = sold(system, raffle_id)
    page.goto(f"/raffles/{raffle_id}")
    with system.no_new_blocks():
        buy(page)
        expect_stage(page, "Sent; waiting for a block", timeout=BLOCK)
        page.reload()
        expect_stage(page, "Sent; waiting for a block")
    expect(card(page)).to_have_attribute("data-outcome", "done", timeout=FINAL)
    assert sold(system, raffle_id) == before + 1


def test_replaced__sped_up_in_the_wallet__the_page_follows_the_one_that_counts(
    page: Page, wallet: FlowWallet, raffle: str, system: System
) -> None:
    before = sold(system, raffle)
    with system.no_new_blocks() as chain:
        buy(page)
        expect_known(page)
        faster = wallet.speed_up()
        chain.call("evm_mine")
        expect(card(page)).to_have_attribute("data-outcome", "done", timeout=BLOCK)
    expect(card(page).locator(f'[title="{faster}"]')).to_be_visible()
    expect(card(page)).to_contain_text("Your wallet sent it again with another fee.")
    assert sold(system, raffle) == before + 1


def test_dropped__by_every_node__is_told_comes_back_by_itself_or_is_sent_again_and_counts_once(
    page: Page, wallet: FlowWallet, raffle: str, system: System
) -> None:
    before = sold(system, raffle)
    page.clock.install()
    with system.no_new_blocks() as chain:
        buy(page)
        expect_known(page)
        dropped = wallet.drop()
        lose(page)
        expect(card(page)).to_contain_text(
            "No node has known this transaction for 2 minutes. It paid nothing so far."
        )
        wallet.send_by_itself(dropped)
        expect_stage(page, "Sent; waiting for a block")
        wallet.drop()
        lose(page)
        page.reload()
        expect(card(page)).to_have_attribute("data-outcome", "dropped")
        wallet.reject.add("eth_sendTransaction")
        page.get_by_role("button", name="Send it again").click()
        expect(card(page).get_by_role("alert")).to_have_text("You declined in your wallet. Nothing was sent.")
        wallet.reject.clear()
        page.get_by_role("button", name="Send it again").click()
        expect_stage(page, "Sent; waiting for a block")
        chain.call("evm_mine")
        expect(card(page)).to_have_attribute("data-outcome", "done", timeout=BLOCK)
    assert sold(system, raffle) == before + 1
    numbers = [system.w3.eth.get_transaction(wallet.sent[-1])["nonce"], int(dropped["nonce"], 16)]
    assert numbers[0] == numbers[1], "of two with one number, a chain takes one"


def test_replaced__cancelled_in_the_wallet_while_the_page_is_closed__the_next_visit_says_so(
    page: Page, wallet: FlowWallet, raffle: str, system: System
) -> None:
    before = sold(system, raffle)
    with system.no_new_blocks() as chain:
        buy(page)
        expect_known(page)
        page.goto("about:blank")
        wallet.cancel()
        chain.call("anvil_mine", 3)
        page.goto(f"/raffles/{raffle}")
        expect(card(page)).to_have_attribute("data-outcome", "failed", timeout=BLOCK)
    expect(card(page)).to_contain_text("You cancelled it in your wallet")
    assert sold(system, raffle) == before


def test_replaced__by_a_payment_to_somebody__the_page_names_what_took_its_place(
    page: Page, wallet: FlowWallet, raffle: str, system: System
) -> None:
    before = sold(system, raffle)
    with system.no_new_blocks() as chain:
        buy(page)
        expect_known(page)
        other = wallet.replace({"to": system.w3.eth.accounts[6], "value": "0x1"})
        chain.call("evm_mine")
        expect(card(page)).to_have_attribute("data-outcome", "failed", timeout=BLOCK)
    expect(card(page)).to_contain_text("Another transaction of this account took its number")
    expect(card(page)).to_contain_text(other)
    assert sold(system, raffle) == before
    expect(page.get_by_role("button", name="Buy 1 ticket", exact=True)).to_be_enabled()


def test_reorganisation__takes_the_purchase_back__the_page_says_so(
    page: Page, wallet: FlowWallet, raffle: str, system: System
) -> None:
    before = sold(system, raffle)
    with system.no_new_blocks() as chain:
        buy(page)
        expect_stage(page, "Sent; waiting for a block")
        chain.call("evm_mine")
        expect(card(page)).to_have_attribute("data-outcome", "done", timeout=BLOCK)
        assert sold(system, raffle) == before + 1
        chain.call("anvil_reorg", 1, [])
        chain.call("anvil_dropAllTransactions")
        chain.call("evm_mine")
        expect(card(page)).to_have_attribute("data-outcome", "failed", timeout=BLOCK)
    expect(card(page)).to_contain_text("The chain was reorganised, and the transaction is no longer in it")
    wait_until(lambda: sold(system, raffle) == before, 15, what="the mirror to take the purchase back")
