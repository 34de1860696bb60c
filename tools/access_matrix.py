"""Writes docs/access.md, every identifier and every route × every role: `python -m tools.access_matrix`.

It is made of the table the API enforces (`backend.auth.access`); a test compares the page with it, and
`tests/backend/reads/test_every_id_every_role.py` asks the API about each cell.
"""

import re
from collections import defaultdict
from pathlib import Path

from backend.auth.access import ACCESS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "access.md"
PUBLIC = {
    "raffle_id": "a raffle on chain",
    "plan_id": "a vesting plan on chain",
    "grant_id": "a grant on chain",
    "proposal_id": "a proposal on chain",
    "address": "an address on chain, or an entry of one's own list",
    "key": "a picture; the key cannot be guessed",
    "platform": "the name of a platform",
    "document": "terms or privacy notice",
    "consent": "the name of a consent",
    "snapshot_block": "a block",
    "topic": "what a statement is about",
    "token": "a sealed link; it cannot be guessed",
}
"""Identifiers of what everybody may see."""

_STAFF = {
    # word of the table → what anonymous, user, organiser, support, admin get
    "organiser": ("401", "403", "yes", "403", "yes"),
    "support": ("401", "403", "403", "yes", "yes"),
    "admin": ("401", "403", "403", "403", "yes"),
}
_EVERYBODY = {"anyone": ("yes",) * 5, "signed_in": ("401", *("yes",) * 4)}
_OTHERS = {"anyone": ("404",) * 5, "signed_in": ("401", *("404",) * 4)}


def identifiers_of(route: str) -> list[str]:
    """The names of the identifiers in a route's path."""
    return re.findall(r"{(\w+)}", route)


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([_HEAD, *_identifiers(), "", *_routes(), ""])


def _identifiers() -> list[str]:
    routes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for route, needed in ACCESS.items():
        for name in identifiers_of(route):
            if name not in PUBLIC:
                routes[name, needed].append(f"`{route}`")
    lines = [
        "## Identifiers of what belongs to somebody, asked for by somebody else\n",
        "| identifier | anonymous | user | organiser | support | admin | its owner | in |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (name, who), found in sorted(routes.items()):
        word, plus = who.rstrip("+"), " +" * who.endswith("+")
        staff = word in _STAFF
        cells = (_STAFF if staff else _OTHERS)[word]
        owner = "as their role" if staff else f"yes{plus}"
        shown = [cell + plus if cell == "yes" else cell for cell in cells]
        lines.append(f"| `{name}` | {' | '.join(shown)} | {owner} | {', '.join(found)} |")
    open_ones = ", ".join(f"`{name}` ({what})" for name, what in PUBLIC.items())
    return [*lines, "", f"Everybody's, so that there is nothing to refuse: {open_ones}."]


def _routes() -> list[str]:
    lines = [
        "## Routes\n",
        "| route | anonymous | user | organiser | support | admin |",
        "|---|---|---|---|---|---|",
    ]
    for route, who in ACCESS.items():
        word, plus = who.rstrip("+"), " +" * who.endswith("+")
        cells = (_STAFF | _EVERYBODY)[word]
        shown = [cell + plus if cell == "yes" else cell for cell in cells]
        lines.append(f"| `{route}` | {' | '.join(shown)} |")
    return lines


_HEAD = """# Who may do what

Written by `python -m tools.access_matrix` from the one table that the API enforces, `backend/auth/access.py`;
a test fails when this page is older than it. `tests/backend/reads/test_every_id_every_role.py` asks the running
application every cell of the first table, and checks afterwards that the row is as it was: a new route, or a
new kind of identifier, fails there until it has its line.

- **404** and not 403 for what is somebody else's: whether it exists is nobody's business. **401** without a
  session, **403** without the role.
- **+** also needs a session that proved itself again in the last five minutes (password, code or passkey),
  otherwise 403 `step_up_required` with the ways there are. `POST /intents` asks for it when something leaves
  the wallet.
- A contest is its organiser's until it is announced or committed on chain; from then on its page is
  everybody's, from the commit on its winners and bundle too. Lists show one's own only; what is public shows
  no e-mail and no user id.
- API keys: [scopes](../backend/api_keys/scopes.py) on top of this, and never a route with **+** or a role.
"""


if __name__ == "__main__":
    PAGE.write_text(page())
