"""Money: what is typed, shown, rounded and split."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from netbill_tui.billing.catalogue.taxes import spread
from netbill_tui.billing.core.money import (
    CURRENCIES,
    exponent,
    format_amount,
    parse_amount,
    parse_positive,
    round_half_away,
    split,
)
from netbill_tui.errors import InvalidInput


@pytest.mark.parametrize(("typed", "currency", "minor"), [
    pytest.param("49.9", "EUR", 4990, id="one-decimal"),
    pytest.param("49,90", "EUR", 4990, id="comma"),
    pytest.param("1,234.50", "EUR", 123450, id="english-groups"),
    pytest.param("1.234,50", "EUR", 123450, id="german-groups"),
    pytest.param("1 234,50", "EUR", 123450, id="french-groups"),
    pytest.param(".5", "EUR", 50, id="no-whole-part"),
    pytest.param("1234", "EUR", 123400, id="whole"),
    pytest.param("60", "JPY", 60, id="no-decimals"),
    pytest.param("1.234", "KWD", 1234, id="three-decimals"),
    pytest.param(" 25.00 ", "USD", 2500, id="blanks-around"),
    pytest.param("0", "USD", 0, id="nothing"),
])  # fmt: skip
def test_an_amount_is_read_as_it_is_written(typed, currency, minor):
    assert parse_amount(typed, currency) == minor


@pytest.mark.parametrize("typed", [
    "", "abc", "1,234", "1.234", "1,23,4", "NaN", "1e3", "-5", "+5", "٣", "12.345", "1,23.4", "1'000", "0x10", "1234567890123456",
    "12.", "1.2.3", "1,,2", "１２", "--", ".", "1_000", "5 0", "12,34,567.00",
])  # fmt: skip
def test_what_is_no_amount_is_refused_with_what_to_type(typed):
    with pytest.raises(InvalidInput, match=r"type|smaller"):
        parse_amount(typed, "EUR")


def test_an_ambiguous_separator_names_both_readings():
    with pytest.raises(InvalidInput, match="type 1234 or 1.23"):
        parse_amount("1,234", "EUR")


def test_a_payment_is_more_than_nothing():
    with pytest.raises(InvalidInput, match="more than zero"):
        parse_positive("0.00", "EUR")


def test_an_unknown_currency_is_refused():
    with pytest.raises(InvalidInput, match="three letters"):
        exponent("XYZ")


@pytest.mark.parametrize(("minor", "currency", "shown"), [
    (6030, "USD", "60.30"), (-500, "EUR", "-5.00"), (60, "JPY", "60"), (1234, "KWD", "1.234"), (5, "EUR", "0.05"), (0, "EUR", "0.00"),
])  # fmt: skip
def test_an_amount_has_exactly_the_currencys_decimals(minor, currency, shown):
    assert format_amount(minor, currency) == shown


@given(st.integers(0, 10**13), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_shown_is_read_back(minor, currency):
    assert parse_amount(format_amount(minor, currency), currency) == minor


@given(st.integers(0, 10**12), st.sampled_from(["EUR", "KWD"]))
def test_groups_are_read_back(minor, currency):
    assert parse_amount(format_amount(minor, currency, grouped=True), currency) == minor


@given(st.text(max_size=30))
def test_no_text_does_worse_than_a_refusal(text):
    try:
        assert parse_amount(text, "EUR") >= 0
    except InvalidInput as refused:
        assert str(refused)


@given(st.fractions())
def test_rounding_mirrors_the_sign(value):
    assert round_half_away(-value) == -round_half_away(value)
    assert abs(Fraction(round_half_away(value)) - value) <= Fraction(1, 2)


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_a_split_loses_nothing_and_is_within_a_unit(amount, weights):
    parts = split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1


def test_ties_go_to_the_earlier_part():
    assert split(100, [Decimal(1)] * 3) == [34, 33, 33]


def test_currencies_are_those_of_the_maintenance_agency_with_their_decimals():
    published = {c.code: c.exponent for c in Currency if c.exponent is not None}
    funds = {"BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "XAD"}  # indexed units and units of account
    replaced = {"ANG", "BGN"}  # by XCG and EUR: books that were kept in them stay readable
    assert published.keys() - funds == (CURRENCIES - replaced) - funds
    assert {c: exponent(c) for c in CURRENCIES & published.keys()} == {c: published[c] for c in CURRENCIES & published.keys()}


def test_what_has_no_weight_is_spread_over_nobody_but_the_first():
    assert spread(7, [0, 0, 0]) == [7, 0, 0]
    assert spread(0, [0, 0]) == [0, 0]
    assert spread(7, []) == []


def test_cents_that_are_left_go_to_the_largest_remainders_with_both_signs():
    assert spread(10, [100, 33, -33]) == [10, 3, -3]
    assert spread(-10, [-100, 33, -33]) == [-10, 3, -3]
