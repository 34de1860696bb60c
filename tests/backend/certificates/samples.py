"""Facts of certificates: an ordinary one, and what is typed to break a layout."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from backend.certificates.facts import Facts, FallenOut, Moment, Place
from backend.certificates.qr import qr_of
from backend.certificates.wording import Words, worded

ACCOUNTS = ("ana.garcia", "Ben_Müller", "Мария", "שלום", "مرحبا", "नमस्ते", "ปลา", "🎉party🎉", "李雷", "한국")


def _hash(byte: int) -> str:
    return "0x" + bytes([byte, byte ^ 0x5A] * 16).hex()


def _moment(block: int, minute: int) -> Moment:
    return Moment(block, datetime(2026, 11, 22, 18, minute, 7, tzinfo=UTC), _hash(block % 256))


FACTS = Facts(
    url="https://tombola.example/contests/7c1f2a60-3f4b-4e55-9d8e-2f60b8b7a001",
    title="Meadow giveaway: three hampers for the harvest festival",
    rules="One entry per account.\nMention two friends.\n\nStaff may not take part.",
    post="https://social.example/posts/217",
    organiser="0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    chain_id=137,
    contract="0x5FbDB2315678afecb367f032d93F642f64180aa3",
    contest_number=217,
    draw_number=1,
    draws_for_post=1,
    rules_hash=_hash(1),
    list_sha256=_hash(2),
    root=_hash(3),
    exclusion_root=_hash(4),
    commitment=_hash(5),
    entries=7978,
    total_weight=None,
    excluded={"too_few_mentions": 1204, "staff": 3},
    opened=_moment(65_312_400, 1),
    requested=_moment(65_312_400, 1),
    drawn=_moment(65_312_871, 17),
    vrf_request_id=int(_hash(6), 16),
    vrf_word=_hash(7),
    drand_round=14_402_118,
    seed="0x5fe7f977e71dba2ea1a68e21057beebb9be2ac30c6410aa38d4f3fbe41dcffd2",
    winners=(
        Place(0, 0, "ana.garcia", 4021, "Big hamper"),
        Place(1, 2, "Ben_Müller", 17, "Small hamper"),
        Place(2, 3, "maria_k", 7001, "Small hamper"),
    ),
    alternates=(Place(None, 4, "joe", 12),),
    fallen=(FallenOut(1, "second.account", 5120, "A second account of the same person"),),
)


def many(count: int) -> Facts:
    """So many winners, of all scripts."""
    winners = tuple(Place(at, at, f"{ACCOUNTS[at % len(ACCOUNTS)]}{at}", at * 7) for at in range(count))
    return replace(FACTS, winners=winners, alternates=(), fallen=())


HOSTILE = replace(
    FACTS,
    title='#eval("1+1") $x$ @ref *not bold* \\ "quotes" ' + "W" * 400,
    rules="".join(
        f"{at}. #panic() // no comment */ [x](y) `z` {'long' * 9} 李雷 🎉 שלום\n" for at in range(150)
    ),
    post="https://social.example/" + "x" * 470,
    winners=tuple(Place(at, at, name * 3, at) for at, name in enumerate(ACCOUNTS)),
    fallen=(
        FallenOut(11, "a\u202eb\x00c\u200b\ue000" + "z" * 300, 3, 'because\u2028of #read("/etc/passwd")'),
    ),
)


def words_of(facts: Facts, language: str = "en") -> Words:
    """What the template is given."""
    return worded(facts, language, qr_of(facts.url))
