"""What a service taken over from another program is billed next."""

from datetime import date

from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.services import estimates, orders
from tests.conftest import Desk
from tests.usecases.billing_run.shop import shop


def test_an_estimate_begins_where_another_program_stopped(desk: Desk):
    d = shop(desk)
    d.customer()
    fields = {"code": "A", "start": "2026-01-01", "billed_through": "2026-12-01"}
    new = orders.read_new(d.session, "C1", fields)
    plan = estimates.estimate_of(d.session, [new], estimates.account_of(d.session, "C1"), codes.load(d.session))
    assert [b.bill_date for b in plan.bills] == [date(2026, 12, 1), date(2027, 1, 1)]
