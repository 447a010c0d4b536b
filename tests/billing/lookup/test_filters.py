"""The filter language, arithmetic in the amount field, dates as they are typed, mistyped words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.billing.core.arithmetic import calculate, is_formula
from netbill_tui.billing.core.dates import parse_birth_date, parse_date
from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.lookup import filters
from netbill_tui.billing.lookup.filters import AGE, AMOUNT, CHOICE, DATE, NUMBER, TEXT, Condition, Field, Word
from netbill_tui.billing.lookup.search import near_words
from netbill_tui.errors import InvalidInput
from tests.conftest import TODAY

FIELDS = {
    "st": Field(CHOICE, "", ("overdue", "disputed")), "plan": Field(TEXT, ""), "tag": Field(TEXT, ""), "bal": Field(AMOUNT, ""),
    "days": Field(NUMBER, ""), "due": Field(DATE, ""), "last": Field(AGE, ""), "method": Field(CHOICE, "", ("cash", "card")),
}  # fmt: skip


def parse(text: str) -> filters.Filter:
    return filters.parse(text, FIELDS, ("days", "amount"), currency="EUR", today=TODAY)


@pytest.mark.parametrize(("text", "condition"), [
    ("st:overdue", Condition("st", "is", ("overdue",))),
    ("plan:Fibre*", Condition("plan", "like", ("fibre*",))),
    ('plan:"Fibre 100/40"', Condition("plan", "like", ("fibre 100/40",))),
    ("!tag:hold", Condition("tag", "like", ("hold",), True)),
    ("bal>50", Condition("bal", ">", (5000,))),
    ("bal<=12,50", Condition("bal", "<=", (1250,))),
    ("days>30", Condition("days", ">", (30,))),
    ("days:0", Condition("days", "=", (0,))),
    ("due<-30d", Condition("due", "<", ("2026-10-23",))),
    ("due<=+2w", Condition("due", "<=", ("2026-12-06",))),
    ("due:5nov", Condition("due", "=", ("2026-11-05",))),
    ("last:14d", Condition("last", "<", ("2026-11-08",))),
    ("last>1m", Condition("last", ">", ("2026-10-23",))),
    ("bal<-50", Condition("bal", "<", (-5000,))), ("tag:\u00dc", Condition("tag", "like", ("u",))),
    ("method:cash,card", Condition("method", "is", ("cash", "card"))),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_a_term_is_read(text: str, condition: Condition):
    assert parse(text).conditions == (condition,)


def test_words_quotes_and_order_are_read():
    made = parse('smith "john o\'brien" !ltd sort:-days bal>1')
    assert made.words == (Word(("smith",), False), Word(("john", "obrien"), True), Word(("ltd",), False, True))
    assert made.sort == ("days", True)
    assert len(made.conditions) == 1


@pytest.mark.parametrize(("text", "says"), [
    ("plna:x", "did you mean plan?"), ("zzz:1", "known are"), ("sort:dayz", "did you mean days?"), ("st:overdu", "did you mean overdue?"),
    ("bal>much", "not an amount"), ("days>x", "is a number"), ("due<soon", "not a date"), ("last:3", "not a span"), ('"open', "close every quote"),
    ("plan>x", "is text"), ("st:", "not a complete term"), ("bal >50", "not a complete term"), ("days", "not a complete term"), ("!", "not a complete term"),
    ("tag:,", "empty part"), ("plan:a,,b", "empty part"), ("sort>days", "Type an order as sort"), ("!sort:days", "Type an order as sort"), ("-smith", "not a complete term"),
    ("x" * 400, "shorter"),
], ids=lambda value: value[:12])  # fmt: skip
def test_a_mistake_names_what_to_type_and_is_never_ignored(text: str, says: str):
    with pytest.raises(InvalidInput, match=says.replace("?", r"\?")):
        parse(text)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_by_a_sentence(text: str):
    try:
        parse(text)
    except InvalidInput as error:
        assert str(error)[-1] in ".?"


@pytest.mark.parametrize(("pattern", "text", "fits"), [
    ("fibre*", "Fibre 100/40", True), ("*100*", "Fibre 100/40", True), ("fibre", "Fibre 100", False), ("a.c", "abc", False), ("*", "", True),
])  # fmt: skip
def test_a_star_stands_for_anything(pattern: str, text: str, fits: bool):
    assert filters.matches_pattern(pattern, text) is fits


@pytest.mark.parametrize(("typed", "cents"), [
    ("3*59.99-10", 16997), ("59,99 + 0,01", 6000), ("(2+3)*1.10", 550), ("100/4", 2500), ("12x9.90", 11880), ("0.1*3", 30),
    ("9" * 13 + "*1", 10**15 - 100),
])  # fmt: skip
def test_the_amount_field_calculates_exactly(typed: str, cents: int):
    assert is_formula(typed)
    assert calculate(typed, "EUR") == cents


@pytest.mark.parametrize(("typed", "says"), [
    ("10/3", "type 3.33 or 3.34"), ("5-10", "more than zero"), ("1/0", "divides by zero"), ("2**3", "cannot be calculated"),
    ("1,000*2", "two ways"), ("1.200+50", "two ways"), ("1+", "cannot be calculated"), ("(1+2", "cannot be calculated"), ("3*import", "cannot be calculated"), ("9" * 15 + "*9", "digits"),
])  # fmt: skip
def test_a_formula_that_makes_no_amount_is_refused(typed: str, says: str):
    with pytest.raises(InvalidInput, match=says):
        calculate(typed, "EUR")


@pytest.mark.parametrize("typed", ["12.50", "1,234.50", "12", "", "12.x", "12-", "-5"])
def test_a_plain_amount_is_no_formula(typed: str):
    assert not is_formula(typed)


@given(st.integers(1, 10**6), st.integers(1, 99), st.integers(0, 10**5))
def test_arithmetic_is_that_of_cents(price: int, count: int, off: int):
    formula = f"{count}*{format_amount(price, 'EUR')}-{format_amount(off, 'EUR')}"
    if count * price > off:
        assert calculate(formula, "EUR") == count * price - off


@pytest.mark.parametrize(("typed", "day"), [
    ("t", TODAY), ("-1", date(2026, 11, 21)), ("+7", date(2026, 11, 29)), ("5nov", date(2026, 11, 5)), ("5 Nov", date(2026, 11, 5)),
    ("2jan", date(2027, 1, 2)), ("30jun", date(2026, 6, 30)), ("5nov25", date(2025, 11, 5)), ("5-nov-2025", date(2025, 11, 5)),
    ("5 november 26", date(2026, 11, 5)), ("5sept", date(2026, 9, 5)), ("20261105", date(2026, 11, 5)), ("2026-11-05", date(2026, 11, 5)),
])  # fmt: skip
def test_a_date_is_typed_shortly(typed: str, day: date):
    assert parse_date(typed, TODAY) == day


@pytest.mark.parametrize("typed", ["01/02", "5", "nov", "31nov", "5foo", "5 maybe", "5 marchx", "29feb25", "2026-13-01"])
def test_a_date_with_two_readings_or_none_is_refused(typed: str):
    with pytest.raises(InvalidInput):
        parse_date(typed, TODAY)


@pytest.mark.parametrize(
    ("typed", "day"), [("7may71", date(1971, 5, 7)), ("1971-05-07", date(1971, 5, 7)), ("7may05", date(2005, 5, 7))]
)
def test_a_birth_date_is_of_the_past(typed: str, day: date):
    assert parse_birth_date(typed, TODAY) == day


@pytest.mark.parametrize("typed", ["2027-01-01", "7may"])
def test_a_birth_date_is_whole_and_not_ahead(typed: str):
    with pytest.raises(InvalidInput):
        parse_birth_date(typed, TODAY)


@pytest.mark.parametrize(("typed", "found"), [
    ("smtih", ["smith"]), ("simth", ["smith"]), ("smit", ["smith"]), ("smiith", ["smith"]), ("smath", ["smith"]), ("smith", ["smith"]),
    ("smth", ["smith"]), ("ostholm", ["ostholm"]), ("abc", []), ("qwertz", []),
])  # fmt: skip
def test_one_mistyped_letter_is_forgiven(typed: str, found: list[str]):
    assert near_words(typed, frozenset({"smith", "ostholm", "abd"})) == found
