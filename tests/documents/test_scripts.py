"""Letters of other scripts: joined, ordered, embedded and found again as words; what cannot be written is named."""

import io
import os
import unicodedata
from pathlib import Path

import pytest
from pypdf import PdfReader

from netbill_tui.documents import typesetting
from netbill_tui.documents.pdf import invoice_pdf
from netbill_tui.documents.typesetting import Typesetter
from tests.documents.paper import printed, words_of

SCRIPTS = {
    "Greek": "Ελληνική Εταιρεία", "Cyrillic": "Афанасьев Пётр", "Arabic": "شركة محمد", "Hebrew": "חברת תקשורת",
    "Devanagari": "क्षेत्र संस्कृति", "Bengali": "স্ত্রী কোম্পানি", "Tamil": "தமிழ் நிறுவனம்", "Thai": "บริษัท น้ำใจ",
    "Chinese": "中文公司", "Japanese": "日本語 カタカナ", "Korean": "한국어 회사", "Georgian": "ქართული", "Armenian": "Հայերեն",
    "Gujarati": "ગુજરાતી", "Telugu": "తెలుగు", "Kannada": "ಕನ್ನಡ", "Malayalam": "മലയാളം", "Sinhala": "සිංහල", "Khmer": "ខ្មែរ",
    "Myanmar": "မြန်မာ", "Lao": "ລາວ", "Ethiopic": "አማርኛ", "Vietnamese": "Nguyễn Thị", "Polish": "Łódź Żółć",
}  # fmt: skip


def needs_font(words: str) -> None:
    """Skip where the machine has no font for the script; in CI it has."""
    if any(not typesetting.can_write(c) for c in words if c != " " and not unicodedata.combining(c)):
        if os.environ.get("CI"):
            pytest.fail("no font for it; .ci/run installs fonts-noto-core, fonts-droid-fallback and fonts-nanum")
        pytest.skip("no font of this script here: apt install fonts-noto-core fonts-droid-fallback fonts-nanum")


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_name_of_every_script_is_printed_and_found_again(script: str, tmp_path: Path):
    words = SCRIPTS[script]
    needs_font(words)
    drawn = invoice_pdf(printed(1, name=words))
    assert drawn.missing == ""
    text = words_of(drawn.content, tmp_path, "-raw")
    # What is written from the right stands between marks of its direction.
    plain = "".join(c for c in text if unicodedata.category(c) != "Cf")
    for word in unicodedata.normalize("NFC", words).split():
        assert word in plain
    fonts = [f.get_object() for f in PdfReader(io.BytesIO(drawn.content)).pages[0]["/Resources"]["/Font"].values()]
    assert ["/FontFile2" in f["/FontDescriptor"].get_object() for f in fonts] == [True] * len(fonts)


@pytest.mark.parametrize("script", ["Arabic", "Devanagari", "Bengali"])
def test_letters_are_joined_and_not_set_one_by_one(script: str):
    words = SCRIPTS[script]
    needs_font(words)
    setter = Typesetter()
    alone = sum(setter.width(c, 10) for c in words)
    assert setter.width(words, 10) < alone
    assert any(run.pieces for run in setter.line(words).runs)


def test_what_is_written_from_the_right_stands_in_its_order_beside_what_is_not():
    needs_font(SCRIPTS["Hebrew"])
    line = Typesetter().line("A שלום (12) B")
    assert [unicodedata.bidirectional(run.text.strip()[0]) for run in line.runs if run.text.strip()][0] == "L"
    drawn = [piece.written for run in line.runs for piece in run.pieces]
    assert "".join(drawn).replace(" ", "")[-4:] in ("םולש", "(םולש", "םולש)") or "םולש" in "".join(drawn)


def test_arabic_digits_run_from_the_left_within_words_that_do_not():
    words = "\u0634\u0631\u0643\u0629 \u0662\u0660\u0662\u0666"  # a company, 2026
    needs_font(words)
    digits = [run.text for run in Typesetter().line(words).runs if run.text.strip().isdigit()]
    assert digits == ["\u0662\u0660\u0662\u0666"]


def test_without_the_libraries_joined_letters_are_named_and_the_others_printed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(typesetting, "can_join", lambda: False)
    typesetting._line.cache_clear()
    try:
        drawn = invoice_pdf(printed(1, name="Łódź شركة"))
    finally:
        typesetting._line.cache_clear()
    assert set(drawn.missing) == set("شركة")


def test_a_letter_that_no_font_has_is_named():
    assert invoice_pdf(printed(1, name="A\U0001da01B")).missing == "\U0001da01"


def test_a_long_word_is_broken_between_letters_and_never_before_a_sign_of_the_letter():
    needs_font(SCRIPTS["Devanagari"])
    word = "क्षेत्रसंस्कृति" * 12
    setter = Typesetter()
    lines = setter.lines_of(word, 100, 9)
    assert "".join(lines) == word
    assert len(lines) > 3
    assert all(setter.width(line, 9) <= 112 for line in lines)
    assert [unicodedata.category(line[0]) in ("Mn", "Mc") for line in lines] == [False] * len(lines)
