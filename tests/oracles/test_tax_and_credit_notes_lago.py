"""Credit notes and coupons with tax: 4 cases of Lago, each typed into a book and billed."""

import json
from datetime import date, timedelta

import pytest

from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.catalogue import codes, tax_rates
from netbill_tui.usecases.receivables import credit_notes, documents
from netbill_tui.usecases.services import discounts, events, subscriptions
from tests.conftest import SHARED, Desk, shared

FILE = SHARED / "oracles" / "tax_and_credit_notes_lago.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
START = date(2026, 9, 1)  # a month of thirty days


def amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def bill(desk: Desk, on: date) -> None:
    issue.issue(desk.session, on, pause_s=0, catch_up="all")


def sell(desk: Desk, code: str, price: int, percent: str, **fields: str) -> int:
    session = desk.session
    if f"T{percent}" not in codes.tax_classes(session):
        tax_rates.add_rate(session, f"T{percent}", {"percent": percent, "name": f"VAT {percent}"})
    codes.store_code(session, {"code": code, "name": code, "tax_class": f"T{percent}"})
    codes.add_price(session, code, {"amount": amount(price), "from": "2020-01-01"})
    row = subscriptions.add(session, "C1", {"code": code, "start": START.isoformat(), **fields})
    assert row is not None
    return row.service.id


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_credit_gives_back_its_share_of_the_tax(case, sqlite_desk: Desk):
    shared("oracles", "tax_and_credit_notes_lago.json")
    desk = sqlite_desk
    desk.customer("C1", "Lago")
    if "lines" in case:
        for at, line in enumerate(case["lines"]):
            sell(desk, f"L{at}", line["amount"], line["tax_rate_percent"])
        for coupon in case["coupons_cents"]:
            discounts.discount(desk.session, "C1", {"amount": amount(coupon), "from": START.isoformat()})
        bill(desk, START)
        ((whole, _),) = documents.every(desk.session)
        sold = [n for n in whole.lines if n.kind == "recurring"]
        assert [n.amount - n.charged for n in sold] == [n["expected_coupon_share"] for n in case["lines"]]
        assert whole.head.tax == sum(n["expected_tax"] for n in case["lines"])
        return
    cycle = {"cycle": "weekly"} if case.get("period_days") == 7 else {}
    service = sell(desk, "PLAN", case["plan_amount_cents"], case["tax_rate_percent"], **cycle)
    bill(desk, START)
    ((whole, _),) = documents.every(desk.session)
    assert (whole.head.total - whole.head.tax, whole.head.tax) == (case["invoice"]["fees"], case["invoice"]["taxes"])
    if "unused_days" in case:
        end = START + timedelta(days=case["period_days"] - case["unused_days"])
        events.schedule_event(desk.session, service, "end", {"on": end.isoformat(), "policy": "days"})
        bill(desk, START + timedelta(days=60))
    else:
        for net in (case["already_credited_cents"], case["credited_amount_cents"]):
            credit_notes.credit(desk.session, whole.head.number, "line was down", lines={1: net})
    net, tax = desk.session.db.peewee.execute_sql("select total - tax, tax from credit_note order by id desc limit 1").fetchone()
    expected = case["expected_credit_note"]
    assert (net, tax, net + tax) == (expected["sub_total_excluding_taxes"], expected["taxes"], expected["total"])
