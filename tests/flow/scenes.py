"""Every page of the web app in every state worth looking at: what accessibility and pictures go through.

A new page needs one line in SCENES; test_02_pages.py fails for a route that has none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.flow.people import connect
from tests.flow.places import place
from tests.flow.system import System
from tests.support.processes import ROOT

ROUTER = ROOT / "frontend" / "src" / "app" / "router.tsx"

SIZES = ((360, 780), (768, 1024), (1440, 900))
ENDS = (SIZES[0], SIZES[-1])
PATIENCE = 20_000


@dataclass(frozen=True)
class Scene:
    """One state of one page. `who` is nobody, somebody of the story, or `wallet` for a browser wallet.

    `sizes` are those where it differs; `place` is what of the story or of places.py stands for `$id` or `$address`,
    after `=` itself; `act` brings the open page into the state. `picture` is one in docs/pictures, and the page is compared
    with it unless it is `by_chance`: what the page consists of depends on who won, on the hour or on the machine.
    """

    name: str
    route: str
    who: str = "nobody"
    place: str = ""
    act: Callable[[Page], None] | None = None
    picture: bool = False
    by_chance: bool = False
    sizes: tuple[tuple[int, int], ...] = SIZES

    @property
    def checked_sizes(self) -> tuple[tuple[int, int], ...]:
        """Main pages at every size, other states at the ends: the whole takes minutes."""
        return self.sizes if self.picture or self.sizes != SIZES else ENDS

    def path(self, system: System) -> str:
        """Where a browser goes for it."""
        found = self.place[1:] if self.place[:1] in ("", "=") else place(system, self.place)
        return re.sub(r"\$(id|address)", found, self.route)

    def open(self, page: Page, system: System) -> None:
        """Show it, complete: nothing is loading any more."""
        page.goto(self.path(system))
        settle(page)
        if self.act:
            self.act(page)
            settle(page)


def settle(page: Page) -> None:
    """Wait until the page has its heading, its data and its fonts."""
    expect(page.locator("h1")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(".skel")).to_have_count(0, timeout=PATIENCE)
    page.evaluate("document.fonts.ready.then(() => undefined)")


def _connected(page: Page) -> None:
    connect(page)


def _press(name: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_role("button", name=name, exact=True).first.click()

    return act


def _wallet_dialog(page: Page) -> None:
    page.get_by_role("button", name="Connect wallet").click()
    expect(page.get_by_role("dialog")).to_contain_text("Local test wallet")


def _wrong_number(page: Page) -> None:
    connect(page)
    page.get_by_label("Number of tickets").fill("many")


def _checked(page: Page) -> None:
    expect(page.get_by_test_id("verdict")).to_have_attribute("data-outcome", "right", timeout=30_000)


def _cheated(page: Page) -> None:
    _checked(page)
    page.get_by_role("switch", name="Try to cheat").click()
    page.get_by_label("one published winner").check()
    expect(page.get_by_test_id("verdict")).to_have_attribute("data-outcome", "wrong", timeout=30_000)


def _looked_up(page: Page) -> None:
    page.get_by_label("Your account").fill("nobody_of_this_name")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text("is not in the list of this contest")).to_be_visible()


def _disqualifying(page: Page) -> None:
    page.get_by_role("button", name="Disqualify place 1").click()


def _unfolded(page: Page) -> None:
    for summary in page.locator("summary").all():
        summary.click()


def _every_rule(page: Page) -> None:
    """One rule of each kind, each with its fields."""
    expect(page.get_by_text(re.compile("people count"))).to_be_visible()
    rules = page.get_by_label("Another rule")
    for kind in rules.locator("option:not([value=''])").evaluate_all("all => all.map(({ value }) => value)"):
        rules.select_option(kind)
        page.get_by_role("button", name="Add the rule").click()


def _incomplete_form(page: Page) -> None:
    connect(page)
    page.get_by_role("button", name="Go on to the summary").click()
    expect(page.get_by_text("Something above is missing or not possible yet.")).to_be_visible()


def _new_token(page: Page) -> None:
    connect(page)
    page.get_by_role("button", name="Add a vesting plan").click()


def _all_users(page: Page) -> None:
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("table")).to_be_visible()


def _a_while_ago(page: Page) -> None:
    """So that the time of closing is as long as it will be: seconds take a line more."""
    expect(page.get_by_text(re.compile(r"minutes? ago")).first).to_be_visible(timeout=90_000)


def _looked_at(page: Page) -> None:
    expect(page.get_by_text("Still looking.")).to_have_count(0, timeout=PATIENCE)


def _ready_docs(page: Page) -> None:
    expect(page.get_by_role("heading", level=2).first).to_be_visible()


SCENES = (
    Scene("raffles", "/", picture=True),
    Scene("raffles-in-a-state-without-any", "/?state=drawing"),
    Scene("raffle-open", "/raffles/$id", place="open_raffle", picture=True),
    Scene("raffle-open-wallet", "/raffles/$id", "wallet", "open_raffle", _connected),
    Scene("raffle-open-wrong-number", "/raffles/$id", "wallet", "open_raffle", _wrong_number),
    Scene("raffle-open-custodial", "/raffles/$id", "ben", "open_raffle", _unfolded),
    Scene("raffle-in-dollars", "/raffles/$id", "ben", "dollar_raffle"),
    Scene("raffle-drawn", "/raffles/$id", place="drawn_raffle", picture=True),
    Scene("raffle-drawn-custodial", "/raffles/$id", "ana", "drawn_raffle"),
    Scene("raffle-refunded", "/raffles/$id", "ben", "refunded_raffle", _a_while_ago, picture=True),
    Scene("raffle-unknown", "/raffles/$id", place="=987654"),
    Scene("contests", "/contests", picture=True),
    Scene("contest", "/contests/$id", "nobody", "contest", _looked_up, picture=True),
    Scene("contest-of-mine", "/contests/$id", "olga", "contest", _disqualifying),
    Scene("contest-new-signed-out", "/contests/new"),
    Scene("contest-new", "/contests/new", "olga", picture=True),
    Scene("contest-new-incomplete", "/contests/new", "olga", act=_press("Make a draft")),
    Scene("prepare-signed-out", "/contests/$id/prepare", place="draft"),
    Scene("prepare-entries", "/contests/$id/prepare?step=entries", "olga", "draft"),
    Scene(
        "prepare-filters",
        "/contests/$id/prepare?step=filters",
        "olga",
        "draft",
        _every_rule,
        picture=True,
        sizes=ENDS,
    ),
    Scene("prepare-terms", "/contests/$id/prepare?step=terms", "olga", "draft"),
    Scene("prepare-price", "/contests/$id/prepare?step=price", "olga", "draft"),
    Scene("prepare-commit", "/contests/$id/prepare?step=commit", "olga", "draft"),
    Scene("prepare-committed", "/contests/$id/prepare", "olga", "contest"),
    Scene("certificate", "/contests/$id/certificate", place="contest", picture=True, sizes=ENDS),
    Scene("connections", "/connections", "olga"),
    Scene("connections-signed-out", "/connections"),
    Scene("claims-wallet", "/claims", "wallet", act=_connected),
    Scene("claims-custodial", "/claims", "ana", picture=True, by_chance=True, sizes=ENDS),
    Scene("claims-nobody", "/claims"),
    Scene("raffle-new", "/raffles/new", "wallet", act=_connected, picture=True, sizes=ENDS),
    Scene("raffle-new-incomplete", "/raffles/new", "wallet", act=_incomplete_form),
    Scene("vesting", "/vesting", picture=True),
    Scene("vesting-mine", "/vesting", "ana"),
    Scene("grant", "/vesting/$id", "ana", "grant", _unfolded, picture=True),
    Scene("plans", "/vesting/plans"),
    Scene("plan", "/vesting/plans/$id", place="plan", picture=True, sizes=ENDS),
    Scene("plan-new", "/vesting/new", "wallet", act=_connected),
    Scene("plan-new-incomplete", "/vesting/new", "wallet", act=_incomplete_form),
    Scene("tokens", "/tokens"),
    Scene("token", "/tokens/$address", place="token", picture=True, sizes=ENDS),
    Scene("token-unknown", "/tokens/$address", place="=0x00000000000000000000000000000000000000ab"),
    Scene("token-new", "/tokens/new", "wallet", act=_new_token, picture=True, sizes=ENDS),
    Scene("token-new-incomplete", "/tokens/new", "wallet", act=_incomplete_form),
    Scene("governance", "/governance"),
    Scene("governance-in-a-state-without-any", "/governance?state=canceled"),
    Scene(
        "proposal",
        "/governance/$id",
        "wallet",
        "proposal",
        _connected,
        picture=True,
        by_chance=True,
        sizes=ENDS,
    ),
    Scene("proposal-new", "/governance/new", "wallet", act=_connected),
    Scene("delegation", "/governance/delegate", "wallet", act=_connected),
    Scene("delegation-nobody", "/governance/delegate"),
    Scene("grant-before-cliff", "/vesting/$id", "nobody", "grant_before_cliff"),
    Scene("verify", "/verify", picture=True),
    Scene("verify-raffle", "/verify/raffle/$id", "nobody", "drawn_raffle", _checked, picture=True),
    Scene("verify-raffle-cheat", "/verify/raffle/$id", "nobody", "drawn_raffle", _cheated),
    Scene("verify-raffle-unknown", "/verify/raffle/$id", place="=987654"),
    Scene("verify-contest", "/verify/contest/$id", "nobody", "contest", _checked, picture=True),
    Scene("account-signed-out", "/account", picture=True),
    Scene("account-signed-out-incomplete", "/account", act=_press("Sign in")),
    Scene("account-register", "/account", act=_press("Create an account instead")),
    Scene("account-forgotten", "/account", act=_press("Forgotten your password?")),
    Scene("account-custodial", "/account", "ana", act=_press("Show as QR code"), picture=True),
    Scene("account-wallet", "/account", "wallet", act=_connected),
    Scene("wallet-dialog", "/account", act=_wallet_dialog),
    Scene("security-signed-out", "/account/security"),
    Scene("security", "/account/security", "olga", picture=True, by_chance=True),
    Scene("activity", "/account/activity", "ana"),
    Scene("intent", "/account/activity/$id", "ana", "intent"),
    Scene("my backing", "/account/backing", "olga", sizes=ENDS),
    Scene("credits", "/account/credits", "olga", picture=True, sizes=ENDS),
    Scene("limits", "/account/limits", "olga", act=_unfolded),
    Scene("profile", "/account/profile", "olga"),
    Scene("developers", "/account/developers", "olga"),
    Scene("privacy", "/account/privacy", "olga"),
    Scene("settings", "/settings", picture=True, sizes=ENDS),
    Scene("status", "/status", picture=True, by_chance=True, sizes=ENDS),
    Scene("backing", "/backing", sizes=ENDS),
    Scene("admin-for-others", "/admin", "olga"),
    Scene("admin", "/admin", "ada", act=_looked_at, picture=True, by_chance=True, sizes=ENDS),
    Scene("admin-users", "/admin/users", "ada", act=_all_users),
    Scene("admin-user", "/admin/users/$id", "ada", "user"),
    Scene("admin-intents", "/admin/intents", "ada"),
    Scene("admin-jobs", "/admin/jobs", "ada"),
    Scene("admin-freezes", "/admin/freezes", "ada"),
    Scene("admin-limits", "/admin/limits", "ada"),
    Scene("admin-incidents", "/admin/incidents", "ada"),
    Scene("admin-differences", "/admin/differences", "ada"),
    Scene("admin-credits", "/admin/credits", "ada"),
    Scene("admin-fees", "/admin/fees", "ada"),
    Scene("analytics", "/analytics", "ada", picture=True, by_chance=True),
    Scene("analytics-of-a-day-as-tables", "/analytics?range=24h", "ada", act=_press("Show table")),
    Scene("analytics-of-oneself", "/analytics/mine", "olga"),
    Scene("analytics-of-a-time-of-ones-own", "/analytics/mine?range=own", "olga"),
    Scene("cancel-export", "/cancel-export#a-token-of-a-mail"),
    Scene("cancel-export-without-token", "/cancel-export"),
    Scene("verify-email", "/verify-email#a-token-of-a-mail"),
    Scene("verify-email-without-token", "/verify-email"),
    Scene("reset-password", "/reset-password#a-token-of-a-mail"),
    Scene("no-such-page", "/no/such/page"),
    Scene("api-description", "/api/v1/docs", act=_ready_docs, sizes=SIZES[:1]),
)


def routes() -> set[str]:
    """The web app's routes, as its router lists them. Fails where it makes one in a way not known here."""
    source = ROUTER.read_text()
    found = re.findall(r"\.\.\.at\('([^']+)'\)", source)
    made = len(re.findall(r"\bcreateRoute\(", source))
    assert len(found) == made, (
        f"{made} routes are made in {ROUTER.name}, but {len(found)} have the form …at('/path')"
    )
    return set(found)


def bare(route: str) -> str:
    """The route of a scene, without query and fragment."""
    return re.split(r"[?#]", route)[0]
