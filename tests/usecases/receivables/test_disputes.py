"""A disputed invoice: listed, answered, withdrawn."""

import pytest

from netbill_tui.errors import NotFound, Refused
from netbill_tui.usecases.collections import calls, work_list
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import disputes, payments
from tests.conftest import Desk, sound


def test_a_dispute_names_its_invoice_is_listed_answered_and_withdrawn(desk: Desk):
    desk.customer("C1")
    first, second = desk.invoice("C1", 1000, due=-40), desk.invoice("C1", 2000, due=-20)
    assert disputes.start(desk.session, second, "The line was down") == second
    with pytest.raises(Refused, match="disputed already"):
        disputes.start(desk.session, second, "The line was down")
    (one,) = disputes.listed(desk.session)
    assert (one.number, one.account, one.open, one.reason) == (second, "C1", 2000, "The line was down")
    desk.pay("C1", 3000)
    assert [(i.number, i.open) for i in payments.open_invoices(desk.session, "C1")] == [(second, 2000)]
    assert accounts.card(desk.session, "C1").disputed == 2000
    # Answered: the credit that stands settles it.
    assert disputes.end(desk.session, second, "answered", "It was up, see the log") == second
    assert disputes.listed(desk.session) == []
    assert payments.open_invoices(desk.session, "C1") == []
    with pytest.raises(NotFound, match="is not disputed"):
        disputes.end(desk.session, first, "withdrawn", "They called")
    with pytest.raises(NotFound):
        disputes.start(desk.session, "INV-9", "The line was down")
    sound(desk)


def test_a_call_disputes_the_invoice_that_is_named_or_the_oldest_overdue(desk: Desk):
    desk.customer("C1")
    first, second = desk.invoice("C1", 1000, due=-40), desk.invoice("C1", 2000, due=-20)
    calls.outcome(desk.session, "C1", "d", "Not this one", invoice=second)
    calls.outcome(desk.session, "C1", "d", "Nor that one")
    assert [d.number for d in disputes.listed(desk.session, "C1")] == [second, first]
    assert work_list.work(desk.session) == []
    disputes.end(desk.session, first, "withdrawn", "They called")
    assert [r.account for r in work_list.work(desk.session)] == ["C1"]
    sound(desk)
