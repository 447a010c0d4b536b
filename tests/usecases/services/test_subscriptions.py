"""Services of an account: sold, shown, ended, and what comes next."""

import json
from datetime import date

import pytest

from netbill_tui.billing.services.proration import fraction
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.services import charges, estimates, events, subscriptions
from tests.conftest import TODAY, Desk
from tests.usecases.billing_run.shop import bill, serve, shop


def test_a_suspended_service_is_shown_so_and_is_not_suspended_twice(desk: Desk):
    d = shop(desk)
    s = serve(d)
    for kind, shown, again in (
        ("suspend", "suspended", "suspended"),
        ("restore", "active", "connected"),
        ("pause", "paused", "paused"),
    ):
        events.schedule_event(d.session, s, kind, {"on": TODAY.isoformat(), "reason": "asked for"})
        assert subscriptions.find_service(d.session, s)[1].status == shown
        with pytest.raises(Refused, match=f"{again} on {TODAY} already"):
            events.schedule_event(d.session, s, kind, {"on": TODAY.isoformat(), "reason": "asked for"})


def test_the_audit_of_a_sale_tells_its_own_price_only_where_there_is_one(desk: Desk):
    d = shop(desk)
    serve(d)
    serve(d, price="24", reason="loyal")
    told = [json.loads(str(t)) for t in d.column("select detail from audit_event where action = 'service.add' order by seq")]
    assert [t["own_price"] for t in told] == ["", "fixed 2400"]


def test_what_comes_next_of_an_account_may_be_a_charge_alone(desk: Desk):
    d = shop(desk)
    d.customer()
    assert estimates.next_bill(d.session, "C1").bills == ()
    codes.store_code(d.session, {"code": "V", "name": "Visit", "kind": "one-time"})
    charges.charge(d.session, "C1", {"code": "V", "amount": "35", "on": str(TODAY)})
    (one,) = estimates.next_bill(d.session, "C1").bills
    assert [n.amount for n in one.lines] == [3500]


@pytest.mark.parametrize(("left", "fees"), [("2026-08-31", [2500]), ("2026-09-01", [])])
def test_who_leaves_on_the_last_day_of_the_term_pays_no_fee(sqlite_desk: Desk, left: str, fees: list[int]):
    d = shop(sqlite_desk)
    fields = {"code": "T", "name": "Term", "minimum_months": "3", "leave_fee": "25"}
    codes.store_code(d.session, fields)
    codes.add_price(d.session, "T", {"amount": "30", "from": "2020-01-01"})
    s = serve(d, code="T", start="2026-06-01")
    for month in ("06", "07", "08"):
        bill(d, f"2026-{month}-01")
    events.schedule_event(d.session, s, "end", {"on": left})
    bill(d, "2026-09-01")
    assert d.column("select amount from invoice_line where kind = 'fee'") == fees


@pytest.mark.parametrize("weight", ["x", "1234567890", "\u0661", "1.5", "-1"])
def test_the_weight_of_a_part_is_a_whole_number(sqlite_desk: Desk, weight: str):
    d = shop(sqlite_desk)
    with pytest.raises(InvalidInput, match="Type the weight of A as a whole number"):
        codes.store_code(d.session, {"code": "BOTH", "name": "Both", "kind": "bundle", "parts": f"A={weight}"})
    codes.store_code(d.session, {"code": "BOTH", "name": "Both", "kind": "bundle", "parts": "A=123456789"})


def test_a_service_that_begins_with_its_period_is_not_free_before_its_first_anchor():
    month = date(2026, 9, 1), date(2026, 10, 1)
    assert fraction(date(2026, 9, 1), date(2026, 9, 10), *month, "free", date(2026, 9, 1)) == (9, 30)
    assert fraction(date(2026, 9, 5), date(2026, 10, 1), *month, "free", date(2026, 9, 5)) == (0, 1)
