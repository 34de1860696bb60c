"""The grammar of EIP-4361, and what a message has to say to link a wallet: each refusal with its reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.factors.relying_party import RelyingParty
from backend.links.expectation import STATEMENT, Expectation
from backend.links.message import MalformedMessageError, Message, parse

SITE = RelyingParty("tombola.example", "https://tombola.example", "tombola.example")
USER = UUID("0b5c6f0e-7a3e-4f5a-9b9c-3a5d2f1e8c77")
NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
GOOD = f"""\
tombola.example wants you to sign in with your Ethereum account:
0x70997970C51812dc3A010C7d01b50e0d17dc79C8

{STATEMENT}

URI: https://tombola.example/security
Version: 1
Chain ID: 137
Nonce: 8fK2mQp1Zt7Xw4Lb0Rs9
Issued At: 2026-11-21T12:00:00.000Z
Expiration Time: 2026-11-21T12:10:00.000Z
Request ID: {USER}"""
# The example of the standard itself, and forms that the grammar allows.
STANDARD = """\
https://example.com wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""
NO_STATEMENT = """\
service.org:8080 wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2


URI: did:key:z6Mk
Version: 1
Chain ID: 1
Nonce: 12345678
Issued At: 2021-09-30T16:25:24.5+02:00
Not Before: 2021-09-30T16:25:24Z
Request ID: """


def expecting(now: datetime = NOW) -> Expectation:
    return Expectation(SITE, 137, USER, now, NOW - timedelta(seconds=30))


@pytest.mark.parametrize("text", [GOOD, STANDARD, NO_STATEMENT], ids=["ours", "standard", "no statement"])
def test_parse__valid__says_what_it_says(text: str) -> None:
    message = parse(text)
    assert parse(str(message)) == message


def test_parse__every_field() -> None:
    message = parse(STANDARD)
    assert (message.scheme, message.domain, message.chain_id) == ("https", "example.com", 1)
    assert message.statement == "I accept the ExampleOrg Terms of Service: https://example.com/tos"
    assert message.issued_at == datetime(2021, 9, 30, 16, 25, 24, tzinfo=UTC)
    assert len(message.resources) == 2
    bare = parse(NO_STATEMENT)
    assert (bare.statement, bare.request_id, bare.domain) == (None, "", "service.org:8080")
    assert bare.issued_at == datetime(2021, 9, 30, 14, 25, 24, 500_000, tzinfo=UTC)
    assert str(parse(GOOD)) == GOOD


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


MALFORMED = {
    "empty": ("", "line 1 must be a domain"),
    "too long": (GOOD + "x" * 5000, "longer than 4096"),
    "carriage returns": (GOOD.replace("\n", "\r\n"), "only printable ASCII"),
    "tab": (changed("Version: 1", "Version:\t1"), "only printable ASCII"),
    "letter of another alphabet": (
        changed("tombola.example wants", "tоmbola.example wants"),
        "character 2 is",
    ),
    "zero-width space": (changed("Link this", "Link​ this"), "only printable ASCII"),
    "no domain": (changed("tombola.example wants", " wants"), "line 1 must be a domain"),
    "another sentence": (changed("wants you", "asks you"), "line 1 must be a domain"),
    "space in the domain": (changed("tombola.example wants", "tombola .example wants"), "line 1"),
    "path after the domain": (changed("tombola.example wants", "tombola.example/x wants"), "line 1"),
    "text after the sentence": (changed("account:\n0x", "account: hello\n0x"), "line 1"),
    "short address": (changed("dc79C8", "dc79C"), "line 2 must be an address"),
    "address without 0x": (changed("0x7099", "7099"), "line 2 must be an address"),
    "address in lower case": (
        changed("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"),
        "no right EIP-55 checksum",
    ),
    "address in upper case": (
        changed("70997970C51812dc3A010C7d01b50e0d17dc79C8", "70997970C51812DC3A010C7D01B50E0D17DC79C8"),
        "no right EIP-55 checksum",
    ),
    "one letter's case": (changed("C51812dc3A", "c51812dc3A"), "no right EIP-55 checksum"),
    "no line after the address": (changed("dc79C8\n\n", "dc79C8\n"), "line 3 must be empty"),
    "statement of two lines": (changed("my Tombola", "my\nTombola"), "line 5 must be empty"),
    "statement with a quote": (changed("my Tombola", 'my "Tombola"'), "the statement has characters"),
    "two empty lines before the URI": (changed("account.\n\n", "account.\n\n\n"), "must begin with “URI: ”"),
    "URI without scheme": (changed("https://tombola.example/security", "/security"), "is no URI"),
    "URI with a space": (changed("/security", "/se curity"), "is no URI"),
    "URI with a broken escape": (changed("/security", "/%zz"), "is no URI"),
    "no URI": (changed("URI: https://tombola.example/security\n", ""), "must begin with “URI: ”"),
    "no space after the colon": (changed("Version: 1", "Version:1"), "must begin with “Version: ”"),
    "version 2": (changed("Version: 1", "Version: 2"), "is no Version"),
    "version 1.0": (changed("Version: 1", "Version: 1.0"), "is no Version"),
    "chain in hex": (changed("Chain ID: 137", "Chain ID: 0x89"), "is no Chain ID"),
    "chain with a leading zero": (changed("Chain ID: 137", "Chain ID: 0137"), "is no Chain ID"),
    "negative chain": (changed("Chain ID: 137", "Chain ID: -137"), "is no Chain ID"),
    "fields swapped": (
        changed("Version: 1\nChain ID: 137", "Chain ID: 137\nVersion: 1"),
        "must begin with “Version: ”",
    ),
    "short nonce": (changed("8fK2mQp1Zt7Xw4Lb0Rs9", "8fK2mQp"), "is no Nonce"),
    "nonce with a hyphen": (changed("8fK2mQp1Zt7Xw4Lb0Rs9", "8fK2mQp1-Zt7Xw"), "is no Nonce"),
    "nonce twice": (
        changed("Issued At:", "Nonce: 8fK2mQp1Zt7X\nIssued At:"),
        "must begin with “Issued At: ”",
    ),
    "time without zone": (changed("12:00:00.000Z", "12:00:00.000"), "is no Issued At"),
    "time with a space": (changed("2026-11-21T12:00", "2026-11-21 12:00"), "is no Issued At"),
    "time as a number": (changed("2026-11-21T12:00:00.000Z", "1795262400"), "is no Issued At"),
    "a day that is none": (changed("2026-11-21T12:00", "2026-02-30T12:00"), "is no time that exists"),
    "an hour that is none": (changed("2026-11-21T12:10", "2026-11-21T25:10"), "is no time that exists"),
    "no issue time": (changed("Issued At: 2026-11-21T12:00:00.000Z\n", ""), "must begin with “Issued At: ”"),
    "expiration twice": (
        changed("Request ID:", "Expiration Time: 2027-11-21T12:10:00Z\nRequest ID:"),
        "is unknown, repeated or out of order",
    ),
    "not before after the request id": (
        GOOD + "\nNot Before: 2026-11-21T12:00:00Z",
        "is unknown, repeated or out of order",
    ),
    "request id with a slash": (changed(str(USER), "a/b"), "is no Request ID"),
    "unknown field": (GOOD + "\nColour: red", "is unknown, repeated or out of order"),
    "line feed at the end": (GOOD + "\n", "is unknown, repeated or out of order"),
    "resource that is no URI": (GOOD + "\nResources:\n- not a uri", "a resource must be a URI"),
    "text after the resources": (GOOD + "\nResources:\n- https://a.example\nmore", "is unknown, repeated"),
    "cut after the address": (GOOD[:107], "the message ends before"),
}


@pytest.mark.parametrize(("text", "said"), MALFORMED.values(), ids=MALFORMED)
def test_parse__malformed__refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(MalformedMessageError) as refused:
        parse(text)
    assert said in str(refused.value)


UNACCEPTABLE = {
    "another domain": (changed("tombola.example wants", "evil.example wants"), "it is for evil.example"),
    "a subdomain": (
        changed("tombola.example wants", "x.tombola.example wants"),
        "it is for x.tombola.example",
    ),
    "user info in the domain": (changed("tombola.example wants", "tombola.example@evil wants"), "it is for"),
    "another scheme": (
        changed("tombola.example wants", "http://tombola.example wants"),
        "its scheme is http",
    ),
    "another site's URI": (changed("URI: https://tombola.example/", "URI: https://evil.example/"), "its URI"),
    "a URI that begins like ours": (
        changed("URI: https://tombola.example/", "URI: https://tombola.example.evil/"),
        "its URI",
    ),
    "a URI with user info": (
        changed("URI: https://tombola.example/", "URI: https://tombola.example@evil/"),
        "its URI",
    ),
    "another chain": (changed("Chain ID: 137", "Chain ID: 1"), "it is for chain 1, not for chain 137"),
    "another statement": (changed(STATEMENT, "Give me your money."), "its statement is not"),
    "no statement": (changed(f"\n{STATEMENT}\n\n", "\n\n"), "its statement is not"),
    "another account": (changed(str(USER)[:8], "00000000"), "its request id is not your account's"),
    "no request id": (changed(f"\nRequest ID: {USER}", ""), "its request id is not your account's"),
    "resources": (GOOD + "\nResources:\n- https://a.example", "it names resources"),
    "issued in the future": (changed("12:00:00.000Z", "12:02:00.000Z"), "issued in the future"),
    "older than its nonce": (changed("12:00:00.000Z", "11:58:00.000Z"), "older than its nonce"),
    "expired": (changed("12:10:00.000Z", "12:00:30.000Z"), "it has expired"),
    "expired elsewhere": (changed("12:10:00.000Z", "14:00:00+02:00"), "it has expired"),
    "not valid yet": (
        changed("Request ID:", "Not Before: 2026-11-21T12:00:31Z\nRequest ID:"),
        "it is not valid yet",
    ),
}


@pytest.mark.parametrize(("text", "said"), UNACCEPTABLE.values(), ids=UNACCEPTABLE)
def test_expectation__well_formed_but_wrong__refused_with_the_reason(text: str, said: str) -> None:
    fault = expecting().fault(parse(text))
    assert fault is not None
    assert said in fault


def test_expectation__ours__accepted() -> None:
    assert expecting().fault(parse(GOOD)) is None
    assert expecting().fault(parse(changed("tombola.example wants", "https://tombola.example wants"))) is None
    assert (
        expecting().fault(parse(changed("https://tombola.example/security", "https://tombola.example")))
        is None
    )
    for time in ("11:59:00.000Z", "12:01:30.000Z"):
        assert expecting().fault(parse(changed("12:00:00.000Z", time))) is None


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=300))
@settings(max_examples=200, deadline=None)
def test_parse__any_text__a_message_or_a_reason(text: str) -> None:
    for candidate in (text, GOOD + text, text + GOOD):
        try:
            message = parse(candidate)
        except MalformedMessageError:
            continue
        else:
            assert str(parse(str(message))) == str(message)


@given(at=st.integers(0, len(GOOD) - 1), sign=st.characters(min_codepoint=32, max_codepoint=126))
@settings(max_examples=300, deadline=None)
def test_parse__one_character_changed__refused_or_says_something_else(at: int, sign: str) -> None:
    text = GOOD[:at] + sign + GOOD[at + 1 :]
    if text == GOOD:
        return
    try:
        assert parse(text) != parse(GOOD)
    except MalformedMessageError:
        return


def test_message__written__is_what_is_read() -> None:
    message = Message(
        domain="a.example",
        address="0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        uri="https://a.example",
        chain_id=1,
        nonce="12345678",
        issued_at=NOW,
        not_before=NOW,
        resources=("https://b.example",),
    )
    assert parse(str(message)) == message
