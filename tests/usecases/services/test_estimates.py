"""What a customer's next bill is said to be, and what the run then issues."""

from datetime import date

import pytest

from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.services import estimates, events, orders
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import bill, serve, shop


def test_an_estimate_begins_where_another_program_stopped(desk: Desk):
    d = shop(desk)
    d.customer()
    fields = {"code": "A", "start": "2026-01-01", "billed_through": "2026-12-01"}
    new = orders.read_new(d.session, "C1", fields)
    plan = estimates.estimate_of(d.session, [new], estimates.account_of(d.session, "C1"), codes.load(d.session))
    assert [b.bill_date for b in plan.bills] == [date(2026, 12, 1), date(2027, 1, 1)]


@pytest.mark.parametrize("mode", ["advance", "arrears"])
@pytest.mark.parametrize("fee", ["0", "100"])
@pytest.mark.parametrize("day", ["2026-11-10", "2026-11-22", "2026-11-25"])
def test_the_next_bill_of_a_service_that_ends_is_what_the_run_issues(desk: Desk, mode: str, fee: str, day: str):
    """What is given back and the fee for leaving are documents too, where no invoice follows."""
    d = shop(desk)
    codes.store_code(d.session, {"code": "T", "name": "Term", "tax_class": "std", "minimum_months": "12", "leave_fee": fee})
    codes.add_price(d.session, "T", {"amount": "30", "from": "2020-01-01"})
    service = serve(d, code="T", start="2026-10-01", mode=mode)
    for first in ("2026-10-01", "2026-11-01"):
        bill(d, first)
    events.schedule_event(d.session, service, "end", {"on": day, "policy": "days"})
    planned = estimates.next_bill(d.session, "C1").bills
    before = d.column("select total from invoice") + d.column("select -total from credit_note")
    bill(d, max(day, str(d.session.today())))
    posted = d.column("select total from invoice") + d.column("select -total from credit_note")
    assert sum(b.total for b in planned) == sum(posted) - sum(before) != 0
    assert estimates.next_bill(d.session, "C1").bills == ()


def test_another_code_on_the_day_of_the_end_saves_no_fee_for_leaving(desk: Desk):
    d = shop(desk)
    codes.store_code(d.session, {"code": "T", "name": "Term", "tax_class": "std", "minimum_months": "12", "leave_fee": "100"})
    codes.add_price(d.session, "T", {"amount": "30", "from": "2020-01-01"})
    service = serve(d, code="T", start="2026-11-01")
    bill(d, "2026-11-01")
    events.schedule_event(d.session, service, "change", {"on": "2026-11-22", "code": "A"})
    events.schedule_event(d.session, service, "end", {"on": "2026-11-22", "policy": "days"})
    bill(d, "2026-11-22")
    assert "fee" in d.column("select kind from invoice_line union all select kind from credit_line")
    sound(d)
