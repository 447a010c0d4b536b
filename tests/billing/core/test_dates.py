"""Days: what is typed, what is shown, and which days an office works."""

from datetime import date

import pytest

from netbill_tui.billing.billing_run.accounts import Account
from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.billing.core.dates import dates_as_shown, next_business_day, parse_date
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.billing_run import posting
from tests.conftest import TODAY


@pytest.mark.parametrize(("typed", "day"), [
    ("2026-11-22", date(2026, 11, 22)), ("t", TODAY), ("today", TODAY), ("-1", date(2026, 11, 21)), ("+7", date(2026, 11, 29)),
    (" 2024-02-29 ", date(2024, 2, 29)),
])  # fmt: skip
def test_a_date_is_typed_in_few_keys(typed, day):
    assert parse_date(typed, TODAY) == day


@pytest.mark.parametrize(
    "typed", ["01/02/2026", "2026-02-30", "22.11.2026", "yesterday", "", "2026-1-1", "9999-01-01", "1899-12-31", "٢٠٢٦-01-01"]
)
def test_a_date_is_never_guessed(typed):
    with pytest.raises(InvalidInput, match="type"):
        parse_date(typed, TODAY)


def test_the_next_action_skips_the_weekend():
    assert next_business_day(date(2026, 11, 20), 2) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("issued", "due"), [("2026-11-20", "2026-11-20"), ("2026-11-21", "2026-11-23"), ("2026-11-22", "2026-11-23")]
)
def test_what_falls_due_on_a_weekend_falls_due_on_monday_and_a_friday_stays(issued: str, due: str):
    account = Account(1, "C1", "x", 0)
    rules_ = Rules(business_day=True)
    assert posting.due_on(account, date.fromisoformat(issued), rules_) == date.fromisoformat(due)
    assert posting.due_on(account, date.fromisoformat(issued), Rules()) == date.fromisoformat(issued)


@pytest.mark.parametrize(
    ("typed", "on", "meant"),
    [
        ("31dec", date(2027, 1, 2), date(2026, 12, 31)), ("2jan", date(2026, 12, 30), date(2027, 1, 2)),
        ("30jun", date(2026, 12, 29), date(2026, 6, 30)), ("29feb", date(2027, 5, 1), date(2028, 2, 29)),
    ],
)  # fmt: skip
def test_a_day_without_its_year_is_the_nearest(typed: str, on: date, meant: date):
    assert parse_date(typed, on) == meant


# Dates, times, numbers.


def test_dates_in_a_sentence_are_shown_as_the_screens_show_them():
    for given_, wanted in (
        ("It holds from 2026-11-29.", "It holds from 29 Nov 26."),
        ("2026-11-01 to 2026-11-30: 5", "01 Nov 26 to 30 Nov 26: 5"),
        ("netbill price A 5 --from 2026-11-29", "netbill price A 5 --from 2026-11-29"),
        ("Written to x/dues-2026-11-29.csv", "Written to x/dues-2026-11-29.csv"),
        ("Export this list: netbill dues --filter 'due>2026-11-10 due<2026-12-05'",) * 2,
        ("Saved for you: x1 = due>2026-11-10 due<2026-12-05.",) * 2,
        ("Nothing matches '2026-11-29'.",) * 2,
        ("type a date such as 2026-11-22.",) * 2,
        ("Written to /home/u/bank 2026-11-29/in.csv",) * 2,
        ("due 2026-11-29..2026-12-01",) * 2,
        ("0001-01-01",) * 2,
        (
            "The service starts on 2026-11-22; type that day or a later one.",
            "The service starts on 22 Nov 26; type that day or a later one.",
        ),
        ("2026-02-31", "2026-02-31"),
    ):
        assert dates_as_shown(given_) == wanted
