"""Calls: outcomes, promises, disputes, and the day on which an account comes back."""

from datetime import timedelta

import pytest

from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.customers import notes
from netbill_tui.usecases.receivables import overdue
from tests.conftest import TODAY, Desk


def test_a_promise_is_for_today_or_the_days_that_are_allowed(desk: Desk):
    desk.customer()
    desk.invoice("C1", 5000, due=-10)
    last = TODAY + timedelta(days=14)
    for wrong in (TODAY - timedelta(days=1), last + timedelta(days=1)):
        with pytest.raises(InvalidInput, match=f"from {TODAY} to {last}"):
            calls.outcome(desk.session, "C1", "m", "will pay", promise_on=wrong)
    with pytest.raises(InvalidInput, match="A promise needs a day"):
        calls.outcome(desk.session, "C1", "m", "will pay")
    for right in (TODAY, last):
        calls.outcome(desk.session, "C1", "m", "will pay", promise_on=right)
        assert overdue.queue(desk.session)[0].promise_on == right.isoformat()


def test_a_call_moves_the_account_to_its_next_day(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40)
    assert [r.account for r in overdue.queue(desk.session, work=True)] == ["C1"]
    assert calls.outcome(desk.session, "C1", "n").isoformat() == "2026-11-24"
    assert overdue.queue(desk.session, work=True) == []
    row = overdue.queue(desk.session)[0]
    assert (row.last_contact, row.last_contact_on, row.next_action_on) == ("no answer", "2026-11-22", "2026-11-24")
    assert [n.outcome for n in notes.of_customer(desk.session, "C1")] == ["no answer"]


def test_a_promise_has_a_day_and_a_dispute_a_reason(desk: Desk):
    desk.customer()
    with pytest.raises(Refused, match="undisputed"):
        calls.outcome(desk.session, "C1", "d", "line was down")
    desk.invoice("C1", 3000, due=-40)
    for wrong in ({"key": "m"}, {"key": "m", "promise_on": TODAY.replace(year=2027)}, {"key": "d"}, {"key": "x"},
                  {"key": "n", "promise_on": TODAY}):  # fmt: skip
        with pytest.raises(InvalidInput):
            calls.outcome(desk.session, "C1", **wrong)
    calls.outcome(desk.session, "C1", "m", "after salary", TODAY.replace(day=29))
    assert overdue.queue(desk.session)[0].promise_on == "2026-11-29"
    calls.outcome(desk.session, "C1", "d", "line was down")
    row = overdue.queue(desk.session)[0]
    assert (row.stage, row.disputed) == ("disputed", 3000)
    with pytest.raises(InvalidInput, match="card number"):
        notes.add(desk.session, "C1", "card is 4111 1111 1111 1111")
    with pytest.raises(InvalidInput, match="empty"):
        notes.add(desk.session, "C1", "  ")
