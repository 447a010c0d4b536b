"""Text from outside is hostile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.cards import card_number_in, card_numbers_in, luhn
from netbill_tui.errors import InvalidInput
from netbill_tui.text import LOG_LIMIT, cell_width, clean, cut, fold, is_safe, query_words, right, scrub, search_words, visible

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


@pytest.mark.parametrize("groups", ["4111 1111 1111 1111", "3782 822463 10005", "3056 930902 5904", "5555 5555 5555 4444"])
@pytest.mark.parametrize("mark", ["_", "/", " / ", ":", "*", "+", "=", "|", "'", "x", "\u00b7", "\u00d7", "\u2800"])
def test_a_card_in_its_groups_is_one_whatever_stands_between_them(groups: str, mark: str):
    """Groups as a card shows them, and the same between each."""
    assert card_number_in(f"card {groups.replace(' ', mark)} please")


@pytest.mark.parametrize("mark", ["\u034f", "\ufe0e", "\ufe0f\u20e3", "\u3164", "\u115f", "\u0301", "\u180b", "\uffa0", "\u17b4"])
def test_what_is_not_seen_between_digits_hides_no_card(mark: str):
    for card in ("4111111111111111", "4111 1111 1111 1111"):
        assert card_number_in("".join(c + mark for c in card))
        assert card_number_in(f"{card[:4]}{mark}{card[4:]}")


@pytest.mark.parametrize("text", [
    "ports 4001, 4002, 4003, 4014", "years 2221/2222/2223/2230", "4111/1111/1111/1112", "5001-4-5001", "2026:11:30 22:15:00",
    "4111, 1111, 1111, 1111", "4111\n1111\n1111\n1111", "rooms 5100, 5101, 5102, 5105 and 5110", "10.0.0.1:5432/4111", "4242 / 4242 and 4242 : 4242",
])  # fmt: skip
def test_numbers_that_count_up_or_fail_luhn_are_no_card(text: str):
    assert not card_number_in(text)


@pytest.mark.parametrize(
    "char", ["\u034f", "\u3164", "\u115f", "\u1160", "\uffa0", "\u17b4", "\u180b", "\u2800", "\u2065", "\U000e0101"]
)
def test_a_character_that_shows_nothing_is_refused_and_made_visible(char: str):
    with pytest.raises(InvalidInput, match=rf"U\+{ord(char):04X}"):
        clean(f"Smi{char}th", "The name")
    assert visible(f"Smi{char}th") == f"Smi<{ord(char):04X}>th"


def test_a_variation_stands_behind_what_it_varies():
    assert clean("best \u2764\ufe0f wishes", "The note") == "best \u2764\ufe0f wishes"
    assert clean("\u845b\U000e0100\u57ce", "The name") == "\u845b\U000e0100\u57ce"
    assert clean("press 1\ufe0f\u20e3 or #\ufe0f\u20e3", "The note") == "press 1\ufe0f\u20e3 or #\ufe0f\u20e3"
    for hidden in ("1\ufe0f2", "a \ufe0f b", "\ufe0f"):
        with pytest.raises(InvalidInput, match=r"U\+FE0F"):
            clean(hidden, "The note")


def test_each_card_of_a_line_is_left_out_of_logs():
    assert scrub("paid 4111 1111 1111 1111 then 5555/5555/5555/4444 end") == "paid [card] then [card] end"
    assert scrub("5555/5555/5555/4444, 4111111111111111") == "[card], [card]"


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
