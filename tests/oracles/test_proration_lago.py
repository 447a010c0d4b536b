"""A part of a period: 16 cases of Lago, each a service as somebody types it, planned until its last day is billed.

Quarters and years of the calendar are the book's rule `calendar_month`; weeks of the calendar begin on the Monday from which the
service is typed, billed elsewhere until it began. Free days are a pause. A change that ends a plan is a change of the service.

Declared: the end day is not charged (docs/rules.md, *15 Proration*), so that the day of a termination is typed as the day after it.
"""

import json
from datetime import date, timedelta

import pytest

from netbill_tui.billing.catalogue.codes import Catalogue, Code, Rules
from netbill_tui.billing.catalogue.prices import Price
from netbill_tui.billing.services.subscriptions import Event
from tests.conftest import SHARED, Desk, shared
from tests.oracles.killbill import billed, typed

FILE = SHARED / "oracles" / "proration_lago.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
# Of a period of 30 days Lago charges 16 behind 15 free ones, its end day among them.
OURS = {"proration_lago-0019": 1500}


def book(amount: int, *, calendar: bool) -> Catalogue:
    prices = {"PLAN": (Price(1, "1990-01-01", None, "all", amount),), "OLD": (Price(2, "1990-01-01", None, "all", 0),)}
    rules = Rules(calendar_day=1, calendar_month=1) if calendar else Rules()
    return Catalogue({"PLAN": Code("PLAN", "Plan"), "OLD": Code("OLD", "Old plan")}, prices, (), rules)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_days_used_are_charged(case, sqlite_desk: Desk):
    shared("oracles", "proration_lago.json")
    calendar = case["billing_time"] == "calendar"
    made = book(case["plan_amount_cents"], calendar=calendar)
    began, first = date.fromisoformat(case["started_at"]), date.fromisoformat(case["billed_from"])
    end = date.fromisoformat(case["billed_to_inclusive"]) + timedelta(days=0 if case.get("replaced_by_next_subscription") else 1)
    fields = {"start": case.get("period_start") or case["started_at"], "cycle": case["interval"]}
    fields |= {
        "mode": "advance" if case["pay_in_advance"] else "arrears",
        "end": end.isoformat() if case.get("terminated_on") else "",
    }
    if calendar and case["interval"] == "weekly":
        fields |= {"start": (began - timedelta(days=began.weekday())).isoformat(), "billed_through": case["started_at"]}
    new = typed(sqlite_desk, fields, made)
    if case.get("trial_days"):
        free = (Event(0, began, "pause"), Event(0, began + timedelta(days=case["trial_days"]), "resume"))
        new = new._replace(events=(*new.events, *free))
    if case.get("period_start"):
        # An upgrade: before it ran another plan.
        new = new._replace(events=(new.events[0]._replace(code="OLD"), Event(0, began, "change", "PLAN"), *new.events[1:]))
    # What begins behind free days comes with the next invoice.
    lines = billed(new, first if case["pay_in_advance"] and not case.get("trial_days") else end, made)
    ours = sum(n.amount for n in lines if first.isoformat() <= n.first and n.end <= end.isoformat())
    assert ours == OURS.get(case["id"], case["expected_amount_cents"])
    assert OURS.get(case["id"]) != case["expected_amount_cents"], "a policy that is none"
