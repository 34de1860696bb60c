"""The certificate as a document: its texts, its figures, its QR code, and that nothing typed can break it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from string import Formatter

import pypdfium2
import pytest
import segno
import typst
from PIL import Image

from backend.certificates.facts import Facts
from backend.certificates.glyphs import covered, drawable
from backend.certificates.qr import QUIET_ZONE
from backend.certificates.typeset import typeset
from backend.certificates.wording import TEXTS, texts
from backend.contests.exclusions import PRIVATE_REASONS
from backend.filters.kinds import CODES
from backend.languages import LANGUAGES
from tests.backend.certificates.samples import FACTS, HOSTILE, many, words_of

BREAK = "\u200b"


def pdf_of(facts: Facts = FACTS, language: str = "en") -> bytes:
    return typeset(json.dumps(words_of(facts, language)), int(facts.drawn.time.timestamp()))


def text_of(pdf: bytes) -> str:
    """All pages' texts, one space wherever there is white space, without the places where long words may break."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return re.sub(r"\s+", " ", " ".join(pages).replace(BREAK, "").replace("\ufffe", ""))


def picture_of(pdf: bytes, scale: float) -> Image.Image:
    """The first page in grey."""
    found: Image.Image = pypdfium2.PdfDocument(pdf)[0].render(scale=scale).to_pil().convert("L")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_certificate__each_language__says_everything(language: str) -> None:
    found = text_of(pdf_of(language=language))

    told = (
        *(FACTS.title, FACTS.post, FACTS.organiser, FACTS.contract, FACTS.rules_hash, FACTS.list_sha256),
        *(FACTS.root, FACTS.exclusion_root, FACTS.commitment, FACTS.seed, FACTS.vrf_word or "", FACTS.url),
        *(f"0x{FACTS.vrf_request_id:064x}", str(FACTS.drand_round), FACTS.opened.transaction),
        *(FACTS.drawn.transaction, str(FACTS.drawn.block), "ana.garcia", "Ben_Müller", "Big hamper", "joe"),
        *("second.account", "A second account of the same person", "4021", "18:17:07 UTC"),
        texts(language)["title"],
        texts(language)["reason_too_few_mentions"],
        "One entry per account.",
    )
    assert [one for one in told if re.sub(r"\s+", " ", one) not in found] == []


def test_certificate__number_of_the_draw__final_or_not() -> None:
    assert "Draw 1 of 1 for this post Drawn" not in text_of(pdf_of())
    assert "Draw 1 of 1 for this post" in text_of(pdf_of())
    later = replace(FACTS, draws_for_post=2)
    assert "Draw 1 of 2 for this post: not the final one" in text_of(pdf_of(later))
    assert "Ziehung 1 von 2 für diesen Beitrag: nicht die letzte" in text_of(pdf_of(later, "de"))


def test_certificate__without_a_vrf_word_or_exclusions__says_so() -> None:
    found = text_of(pdf_of(replace(FACTS, vrf_word=None, excluded={}, winners=())))
    assert "none came in time: drand alone decided" in found
    assert "Left out nobody" in found
    assert "Every rank fell out: nobody wins." in found


def test_certificate__same_facts__same_bytes() -> None:
    assert pdf_of() == pdf_of()
    assert pdf_of() != pdf_of(replace(FACTS, seed=FACTS.root))


def test_certificate__qr__is_the_code_of_the_public_page() -> None:
    """Every module, read from the rendered page, is that of the code for the URL."""
    code = segno.make(FACTS.url, error="m", micro=False)
    modules = [list(row) for row in code.matrix]
    size, scale = len(modules), 6.0
    page = picture_of(pdf_of(), scale)
    millimetre = page.width / 210
    edge = 31 * millimetre  # as wide as the template makes it, at the right margin
    module = edge / (size + 2 * QUIET_ZONE)
    left, top = page.width - 17 * millimetre - edge, 15 * millimetre

    def is_dark(row: int, column: int) -> bool:
        at = (left + (column + QUIET_ZONE + 0.5) * module, top + (row + QUIET_ZONE + 0.5) * module)
        return int(page.getpixel((round(at[0]), round(at[1])))) < 128

    read = [[is_dark(row, column) for column in range(size)] for row in range(size)]
    assert read == [[bool(dark) for dark in row] for row in modules]


def test_certificate__markup_and_strange_signs__only_shown() -> None:
    found = text_of(pdf_of(HOSTILE))

    assert '#eval("1+1") $x$ @ref *not bold* \\ "quotes"' in found
    assert '#read("/etc/passwd")' in found
    assert "‹U+202E›" in found
    assert "‹U+0000›" in found
    assert "z" * 300 in found.replace(" ", "")
    assert "149. #panic()" in found


def test_certificate__long_words__stay_within_the_margins() -> None:
    document = pypdfium2.PdfDocument(pdf_of(HOSTILE))
    margin = 16 * 72 / 25.4
    for page in document:
        width, _ = page.get_size()
        for box in (item.get_bounds() for item in page.get_objects() if item.type == 1):
            assert margin < box[0] <= box[2] < width - margin


def test_certificate__ten_thousand_winners__all_there_under_a_header_on_each_page() -> None:
    facts = many(10_000)
    document = pypdfium2.PdfDocument(pdf_of(facts))
    pages = [page.get_textpage().get_text_bounded() for page in document]

    lists = [page for page in pages if "ana.garcia" in page]
    assert len(lists) > 100
    assert all("Account" in page for page in lists)
    assert "ana.garcia9990" in pages[-1] + pages[-2]


def test_certificate__sign_without_a_glyph__is_an_error_not_an_empty_box() -> None:
    words = words_of(FACTS)
    words["title"] = "\U00010384"  # Ugaritic: no font of ours has it
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        typeset(json.dumps(words), 0)


def test_drawable__what_the_fonts_have__stays() -> None:
    for kept in (
        "ana",
        "Ünï",
        "Следите",
        "שלום",
        "مرحبا",
        "नमस्ते",
        "ปลา",
        "🎉",
        "👩‍👩‍👧",
        "☕️",
        "李雷",
        "한국",
        "カナ",
    ):
        assert drawable(kept) == kept
    assert drawable("a\u202eb") == "a‹U+202E›b"
    assert drawable("\U00010384") == "‹U+10384›"
    assert drawable("a\r\nb", lines=True) == "a\nb"
    assert drawable("a\nb") == "a b"
    assert drawable("w" * 40).replace(BREAK, "") == "w" * 40
    assert ord("A") in covered()
    assert 0x10384 not in covered()


def test_texts__every_language__same_keys_and_placeholders() -> None:
    def shape(language: str) -> dict[str, set[str]]:
        return {
            key: {name for _, name, _, _ in Formatter().parse(words) if name is not None}
            for key, words in texts(language).items()
        }

    assert {path.stem for path in TEXTS.iterdir()} == set(LANGUAGES)
    for language in LANGUAGES:
        assert shape(language) == shape("en"), language
        assert all(words.strip() == words and words for words in texts(language).values())


def test_texts__every_reason_of_a_filter__has_words() -> None:
    codes = {code for kind in CODES.values() for code in kind}
    assert codes == {key.removeprefix("reason_") for key in texts("en") if key.startswith("reason_")}
    assert codes > PRIVATE_REASONS


def test_numbers_and_dates__as_the_language_writes_them() -> None:
    facts = replace(FACTS, entries=1_234_567)
    assert isinstance(FACTS.drawn.time, datetime)
    assert "1,234,567" in text_of(pdf_of(facts))
    assert "1.234.567" in text_of(pdf_of(facts, "de"))
    assert "22. November 2026" in text_of(pdf_of(facts, "de"))
    assert "22 novembre 2026" in text_of(pdf_of(facts, "fr"))
    assert "22 de noviembre de 2026, 18:17:07 UTC" in text_of(pdf_of(facts, "es"))
