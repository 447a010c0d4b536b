"""Periods in a time zone: 96 cases of Lago, each a service as somebody types it, planned until the day of the case.

Its instants are local days of the customer's zone: a period ends there with the last second of a day, here with the day after.
Quarters, half-years and years of the calendar are the book's rule `calendar_month`; weeks of the calendar begin on the Monday from
which the service is typed. A service that began later than what its periods count from was billed elsewhere until then.

Declared: the day of a termination is not charged (docs/rules.md, *15 Proration*); a service that began after the day bills nothing yet.
"""

import json
from datetime import date, datetime, timedelta

import pytest

from netbill_tui.billing.billing_run.invoicing import BillLine
from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.billing.core.cycles import local_day
from tests.conftest import SHARED, Desk, shared
from tests.oracles.killbill import BOOK, billed, typed

FILE = SHARED / "oracles" / "billing_periods_lago.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
# What ended before the billing day is billed no period that begins after its end; Lago names the period around the day.
OURS = {"billing_periods_lago-0163": date(2021, 2, 28)}


def local(case, name: str) -> date | None:
    text = case[name].replace(" UTC", "+0000") if case.get(name) else ""
    return local_day(datetime.fromisoformat(text), case["timezone"]) if text else None


def last_billed(case, desk: Desk, on: date, mode: str, interval: str = "", *, whole: bool = False) -> BillLine:
    """The line that a service of the case is billed last by a day; of a whole period where only the calendar is asked."""
    calendar = case["billing_time"] == "calendar"
    book = BOOK.__class__(BOOK.codes, BOOK.prices, (), Rules(calendar_day=1, calendar_month=1) if calendar else Rules())
    counted_from, began = local(case, "subscription_at"), local(case, "started_at")
    if counted_from > on or (whole and calendar):
        # The calendar itself is asked, also for days before the service: of one that began long before.
        counted_from = counted_from.replace(year=counted_from.year - 4)
    if calendar and (interval or case["interval"]) == "weekly":
        counted_from -= timedelta(days=counted_from.weekday())
    over = local(case, "terminated_at")
    fields = {"start": counted_from.isoformat(), "cycle": interval or case["interval"], "mode": mode}
    if began and not whole:
        fields["billed_through"] = began.isoformat()
    if over is not None and over <= on:
        fields["end"] = over.isoformat()
    new = typed(desk, fields, book)
    lines = billed(new, on, book)
    # Where nothing was billed by the day, the first line is the one that comes.
    return lines[-1] if lines else billed(new, on + timedelta(days=800), book)[0]


def answer(case, desk: Desk) -> object:
    """What is expected, as a local day or a number of days."""
    what, on = case["quantity"], local(case, "billing_at")
    over = local(case, "terminated_at")
    runs = "advance" if case["pay_in_advance"] or case.get("current_usage") else "arrears"
    if what in ("period_start", "period_end"):
        if case["started_at"] is None:
            return None
        line = last_billed(case, desk, on, runs)
        end = date.fromisoformat(line.end)
        return date.fromisoformat(line.first) if what == "period_start" else end if end == over else end - timedelta(days=1)
    if what == "next_end_of_period":
        return date.fromisoformat(last_billed(case, desk, on, "advance", whole=True).end) - timedelta(days=1)
    if what == "previous_beginning_of_period":
        return date.fromisoformat(
            last_billed(case, desk, on, "advance" if case.get("current_period") else "arrears", whole=True).first
        )
    monthly = "monthly" if what == "usage_period_days" and case.get("bill_charges_monthly") else ""
    line = last_billed(case, desk, on, "arrears" if what == "usage_period_days" else runs, monthly, whole=True)
    return (date.fromisoformat(line.end) - date.fromisoformat(line.first)).days


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_period_runs_from_local_midnight(case, sqlite_desk: Desk):
    shared("oracles", "billing_periods_lago.json")
    expected = case.get("expected_denominator_days", case.get("expected"))
    if isinstance(expected, str):
        expected = local(case, "expected")
    assert OURS.get(case["id"]) != expected or expected is None, "a policy that is none"
    assert answer(case, sqlite_desk) == OURS.get(case["id"], expected)
