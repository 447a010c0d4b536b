"""Text from outside is hostile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.errors import InvalidInput
from netbill_tui.text import (
    LOG_LIMIT,
    card_number_in,
    card_numbers_in,
    cell_width,
    clean,
    cut,
    fold,
    is_safe,
    luhn,
    query_words,
    right,
    scrub,
    search_words,
    visible,
)

HOSTILE = [
    "a\x1b]2;pwned\x1b\\b", "a\x1b]52;c;cHduZWQ=\x07b", "a\x9b31mb", "a\u202egnp.exe", "a\x7fb", "a\x00b", "a\u2028b", "a\u2029b",
    "a\ufeffb", "a\u200bb", "a\u2066b", "a\U000e0041b", "a\ud800b", "a\ufdd0b", "a\u061cb", "a\u200fb", "a\tb", "a\rb", "\x1b[2J",
    "x" + "\u0301\u0302\u0303\u0304\u0305", "a\u200d", "\u200db", "1\u200d2", "a\u00adb", "a\u180eb", "\x1bP1$r\x1b\\", "\x1b_x\x1b\\",
]  # fmt: skip
KIND = [
    "Zoë",
    "O'Brien",
    "王小明",
    "محمد الأحمد",
    "אמיר",
    "प्रिया",
    "👨\u200d👩\u200d👧",
    "می\u200cخواهم",
    "[red]Acme [/ Ltd",
    "Straße",
    "a\u0301",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_refused_at_the_door_and_shown_where_it_is(text):
    with pytest.raises(InvalidInput, match="without it"):
        clean(text, "The name")
    shown = visible(text)
    assert is_safe(shown) or "\u0301" in text
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E for c in shown)


@pytest.mark.parametrize("text", KIND)
def test_names_of_every_script_are_taken(text):
    assert clean(text, "The name")
    assert visible(clean(text, "The name")) == clean(text, "The name")


def test_notes_may_have_lines_and_names_may_not():
    assert clean("one\ntwo", "The note", newlines=True) == "one\ntwo"
    with pytest.raises(InvalidInput, match="U\\+000A"):
        clean("one\ntwo", "The name")


def test_what_is_too_long_is_refused_with_the_limit():
    with pytest.raises(InvalidInput, match="at most 300"):
        clean("x" * 301, "The name")


@given(st.text(max_size=60))
def test_what_is_shown_never_addresses_the_terminal(text):
    shown = visible(text)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert "\u202e" not in shown


@given(st.text(max_size=60), st.integers(1, 40))
def test_a_cell_is_exactly_as_wide_as_it_should_be(text, width):
    assert cell_width(cut(visible(text), width)) == width


def test_a_number_that_does_not_fit_is_never_cut():
    assert right("1234.56", 5) == "#####"
    assert right("12.00", 8) == "   12.00"


def test_names_are_found_without_accents_and_apostrophes():
    assert fold("Ångström Øster Łucja STRASSE ß") == "angstrom oster lucja strasse ss"
    assert search_words("O'Brien, Zoë") == ["obrien", "zoe", "brien"]
    assert query_words("O\u2019BRIEN zoe") == ["obrien", "zoe"]


@pytest.mark.parametrize("account", ["DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "DE89-3704-0044-0532-0130-00", "RS35 2600 0560 1001 6113 79",
                                     "FO62 6460 0001 6316 34", "EG38 0019 0005 0000 0000 2631 8000 2"])  # fmt: skip
def test_a_bank_account_in_a_note_is_no_card_and_leaves_no_log(account: str):
    words = f"Please send it to {account} by Friday"
    assert clean(words, "The note") == words
    assert scrub(words) == "Please send it to [bank account] by Friday"


@pytest.mark.parametrize("before", ["NL ", "DK ", "FI ", "me ", "de ", "no", "Karte: at "])
def test_two_letters_before_a_card_make_no_account_of_it(before: str):
    for middle in range(2000):
        number = f"55672359{middle:07d}"
        number += next(d for d in "0123456789" if luhn(number + d))
        shown = " ".join(number[n : n + 4] for n in range(0, 16, 4))
        assert card_number_in(f"{before}{shown}"), shown
        assert card_number_in(f"{before}{shown} 12.27"), shown


@pytest.mark.parametrize(
    "number", ["+4915123456787", "+49 151 23456787", "00 49 151 23456787", "(+49 151 23456787)", "+ 49 151 2345 6787"]
)
def test_a_telephone_number_in_a_note_is_no_card(number: str):
    assert luhn("4915123456787")
    assert clean(f"ring {number} after 5", "The note") == f"ring {number} after 5"
    assert card_number_in("the number 4915123456787"), "without its sign it is 13 digits of a card's range"


@pytest.mark.parametrize(
    "card", ["4111111111111111", "5555 5555 5555 4444", "378282246310005", "30569309025904", "6759649826438453"]
)
@pytest.mark.parametrize("before", ["+", "+ ", "00 ", "+49 151 23456789 ", "+55 "])
def test_a_sign_before_a_card_makes_no_telephone_number_of_it(before: str, card: str):
    assert card_number_in(f"ring {before}{card} after 5")


def test_long_texts_are_looked_through_in_time_that_grows_with_them():
    # Not a time, a size: what is looked at is bounded.
    for text in ("a-" * 100_000, "//" + ":" * 100_000, "+1" * 100_000, "DE89370400440532013000 " * 10_000):
        assert len(scrub(text)) < 2 * LOG_LIMIT
    many = "DE89370400440532013000 " * 1000
    assert card_numbers_in(many) == []


def test_a_card_beside_a_bank_account_is_still_one():
    for words in (
        "DE89 3704 0044 0532 0130 00 4111 1111 1111 1111",
        "4111111111111111 DE89370400440532013000",
        "DE88 4111 1111 1111 1111 00",
    ):
        with pytest.raises(InvalidInput, match="card number"):
            clean(words, "The note")
