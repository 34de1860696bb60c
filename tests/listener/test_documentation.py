"""docs/listener*.md say what the program does: every message, option, exit code and name in them is checked."""

import re

from tests.listener.messages import Message, messages
from tests.support.processes import ROOT

ERRORS = (ROOT / "docs" / "listener-errors.md").read_text()
PAGE = (ROOT / "docs" / "listener.md").read_text()


def plain(text: str) -> str:
    """Without the marks of code, which messages have too."""
    return " ".join(text.replace("`", "").split())


def test_errors__every_message_of_the_source__is_explained() -> None:
    known = plain(ERRORS)
    found = messages()
    assert len(found) > 100
    missing = [message for message in found if plain(message.text) not in known]
    assert missing == [], "explain them in docs/listener-errors.md"


def test_errors__every_row__is_a_message_of_the_source() -> None:
    """Nothing is explained that is not said any more."""
    said = [plain(message.text) for message in messages()]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in ERRORS.splitlines() if line.startswith("| `")]
    assert len(rows) > 80
    assert [row for row in rows if not any(text in plain(row) or plain(row) in text for text in said)] == []


def test_messages__are_collected() -> None:
    """The collector sees literals, f-strings and log lines."""
    found = messages()
    assert Message("fork", "warning", next(m.where for m in found if m.text == "fork")) in found
    assert any(m.text == "no answer within … s" and m.error == "TransientError" for m in found)
    assert any(m.text == "Postgres refuses: …" and m.error == "print" for m in found)


def test_page__every_option__is_named() -> None:
    source = (ROOT / "listener" / "options.py").read_text()
    options = set(re.findall(r'add_argument\(\s*"(--[a-z-]+)"', source))
    assert len(options) > 12
    assert {option for option in options if option not in PAGE} == set()


def test_pages__every_link__leads_somewhere() -> None:
    for page in ("listener.md", "listener-errors.md"):
        text = (ROOT / "docs" / page).read_text()
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert target.startswith("http") or (ROOT / "docs" / target).exists(), f"{page} links to {target}"
