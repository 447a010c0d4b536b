"""Credit of an account is used wherever an invoice is open."""

import uuid
from pathlib import Path

import pytest

from netbill_tui.errors import Refused
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.lookup import lists
from netbill_tui.usecases.receivables import apply_credit, disputes, overdue, payments
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import balance, bill, serve, shop


def test_credit_never_stands_beside_what_is_overdue(desk: Desk):
    """A payment that bounces opens its invoice again: the credit of the account settles it, whatever it came from."""
    shop(desk)
    serve(desk, start="2026-09-01")
    bill(desk, "2026-09-01")
    paid = desk.pay("C1", 3600)
    desk.pay("C1", 3000)
    assert accounts.card(desk.session, "C1").totals.credit == 3000
    payments.reverse(desk.session, paid.row.receipt, "no funds", returned=True)
    totals = accounts.card(desk.session, "C1").totals
    assert (totals.credit, totals.open, balance(desk)) == (0, 600, 600)
    assert [r.account for r in overdue.queue(desk.session)] == [r.account for r in lists.every(desk.session, "overdue")]
    sound(desk)


def test_credit_is_applied_by_hand_once(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    number = desk.invoice("C1", 1000, due=-40)
    disputes.start(desk.session, number, "The line was down")
    desk.pay("C1", 1500)
    with pytest.raises(Refused, match="no open invoice that is not disputed"):
        apply_credit.apply_credit(desk.session, "C1")
    later = desk.invoice("C1", 400, due=-3)
    request_id = uuid.uuid4().bytes
    for _ in range(2):
        made = apply_credit.apply_credit(desk.session, "C1", request_id=request_id)
        assert (made.used, made.left) == (400, 1100)
    assert desk.column(f"select a.amount from allocation a join invoice i on i.id = a.invoice_id where i.number = '{later}'") == [
        400
    ]
    assert desk.column("select count(*) from audit_event where action = 'credit.apply'") == [1]
    with pytest.raises(Refused):
        apply_credit.apply_credit(desk.session, "C1")
    sound(desk)


def test_what_credit_would_settle_is_shown_before_it_is_used(desk: Desk):
    desk.customer()
    desk.pay("C1", 5000)
    with pytest.raises(Refused, match="has no open invoice"):
        apply_credit.apply_credit(desk.session, "C1")
    desk.invoice("C1", 3000, due=-3)
    look = apply_credit.apply_credit(desk.session, "C1", dry_run=True)
    assert (look.used, look.left) == (3000, 2000)
    assert desk.column("select count(*) from allocation") == [0]
    made = apply_credit.apply_credit(desk.session, "C1")
    assert (made.used, made.left, made.overdue) == (3000, 2000, 0)
