"""The work list: who stands on it, when an account comes up again, and what the dashboard counts of it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from netbill_tui.billing.receivables.ageing import BUCKETS
from netbill_tui.billing.receivables.overdue import OUTCOMES, next_action
from netbill_tui.db.core.engine import Database
from netbill_tui.db.receivables import overdue as overdue_rows
from netbill_tui.usecases.collections import calls, work_list
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.lookup import lists
from netbill_tui.usecases.receivables import overdue, payments
from tests.conftest import TODAY, Desk


def twin(desk: Desk) -> Session:
    """A second session of the same operator."""
    other = open_book(desk.target, clock=desk.session.calendar.clock)
    other.operator, other.vault = desk.session.operator, desk.session.vault
    return other


def test_a_payment_between_two_reads_of_the_queue_is_no_crash(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk.customer()
    desk.invoice("C1", 3000, due=-10)
    desk.customer("C2")
    desk.invoice("C2", 2000, due=-10)
    other = twin(desk)
    real: Callable[..., object] = overdue_rows.queued

    def pay_first(db: Database, *rest: object, **more: object) -> object:
        monkeypatch.setattr(overdue_rows, "queued", real)
        if db.kind == "postgres":
            payments.record(other, payments.PaymentRequest(b"x" * 16, "C1", 3000, "cash"))
        return real(db, *rest, **more)

    monkeypatch.setattr(overdue_rows, "queued", pay_first)
    assert [r.account for r in overdue.queue(desk.session)] == ["C1", "C2"], "one view for both reads"
    other.db.close()


def test_a_promise_stands_after_another_call_on_every_date(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40)
    calls.outcome(desk.session, "C1", "m", "", TODAY + timedelta(days=9))
    calls.outcome(desk.session, "C1", "l")
    assert overdue.queue(desk.session)[0].promise_on == "2026-12-01"
    desk.session.calendar.as_of = TODAY + timedelta(days=5)
    assert overdue.queue(desk.session)[0].promise_on == "2026-12-01"
    assert overdue.queue(desk.session, work=True) == []


@pytest.mark.parametrize("name", [None, *(b for b, _, _ in BUCKETS)])
def test_the_terms_of_a_bucket_bring_its_accounts(desk: Desk, name: str | None):
    for days in (1, 30, 31, 60, 61, 90, 91, 400):
        desk.customer(f"C{days}")
        desk.invoice(f"C{days}", 1000, due=-days)
    terms = overdue.bucket_terms(name)
    found = {r.account for r in lists.every(desk.session, "overdue", lists.read_filter(desk.session, "overdue", terms))}
    youngest, oldest = next(((a, b) for n, a, b in BUCKETS if n == name), (1, None))
    wanted = {f"C{d}" for d in (1, 30, 31, 60, 61, 90, 91, 400) if (youngest or 0) <= d <= (10**6 if oldest is None else oldest)}
    assert found == wanted


@pytest.mark.parametrize(
    ("key", "again"),
    [
        ("n", date(2026, 11, 24)),
        ("l", date(2026, 11, 23)),
        ("w", date(2026, 11, 23)),
        ("e", date(2026, 11, 23)),
        ("s", date(2026, 11, 21)),
    ],
)
def test_an_account_comes_up_again_after_its_days_or_working_days(key: str, again: date):
    assert next_action(OUTCOMES[key], date(2026, 11, 20)) == again  # a Friday


def test_the_dashboard_counts_the_work_list_as_the_list_itself(desk: Desk):
    for n, (cents, act) in enumerate(((3000, ""), (499, ""), (4000, "n"), (5000, "d"), (6000, "m"), (7000, "half"))):
        desk.customer(f"C{n}")
        desk.invoice(f"C{n}", cents, due=-40 - n)
        if act in ("n", "d"):
            calls.outcome(desk.session, f"C{n}", act, "line was down" if act == "d" else "")
        elif act == "m":
            calls.outcome(desk.session, f"C{n}", "m", "", TODAY)
        elif act == "half":
            calls.outcome(desk.session, f"C{n}", "d", "line was down")
            desk.invoice(f"C{n}", 100, due=-1)
    work = overdue.queue(desk.session, work=True)
    assert work_list.work_sums(desk.session) == (len(work), sum(r.overdue for r in work))
    assert [r.account for r in work] == ["C5", "C0"]
    assert [r.account for r in overdue.queue(desk.session, limit=3)] == ["C5", "C4", "C3"]
