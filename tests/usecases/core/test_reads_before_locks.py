"""On a server a posting reads before it locks: whatever happens between the two, the book is as if it had read under its locks."""

import uuid
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.errors import DuplicateSuspected, NotPermitted, RequestMismatch, SessionEnded
from netbill_tui.usecases.access import operators, sittings
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.customers import accounts, changes, notes
from netbill_tui.usecases.receivables import disputes, payments
from tests.conftest import Desk, sound
from tests.usecases.access.desks import enrolled


def neighbour(desk: Desk) -> Desk:
    """The same operator at another desk, on a line of its own."""
    session = open_book(desk.target, clock=desk.session.calendar.clock)
    session.operator, session.vault = desk.session.operator, desk.session.vault
    return replace(desk, session=session)


@contextmanager
def between(desk: Desk, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]):
    """Let `act` happen once, when the desk has read and is about to lock; yields how often the desk has locked."""
    real, locked = desk.session.db._ask, []

    def ask(statement: bytes) -> object:
        if any(b"pg_advisory_xact_lock" in waiting for waiting in desk.session.db._flight.waiting):
            locked.append(statement)
            if len(locked) == 1:
                act()
        return real(statement)

    monkeypatch.setattr(desk.session.db, "_ask", ask)
    yield locked
    monkeypatch.undo()


def test_money_of_others_between_read_and_lock_is_no_reason_to_read_again(postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk, other = postgres_desk, neighbour(postgres_desk)
    for account in ("C1", "C2"):
        desk.customer(account)
        desk.invoice(account, 3000, due=-10)
    with between(desk, monkeypatch, lambda: (other.pay("C2", 1000), notes.add(other.session, "C2", "rang"))) as locked:
        payment = desk.pay("C1", 2000)
    assert len(locked) == 1
    assert [(s.invoice, s.amount) for s in payment.allocated] == [("INV-000001", 2000)]
    assert desk.column("select receipt from payment order by id") == ["R-10001", "R-10002"]
    assert sound(desk)


@pytest.mark.parametrize(("act", "still_open"), [
    (lambda other: other.pay("C1", 1000), {"INV-000002": 2500}),
    (lambda other: other.invoice("C1", 500, due=-90), {"INV-000002": 4000}),
    (lambda other: disputes.start(other.session, "INV-000001", "not his"), {"INV-000001": 3000, "INV-000002": 500}),
    (lambda other: changes.change(other.session, "C1", {"town": "Northfield"}), {"INV-000002": 3500}),
], ids=["paid", "invoiced", "disputed", "changed"])  # fmt: skip
def test_what_touches_the_account_between_read_and_lock_is_seen(
    postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch, act: Callable[[Desk], object], still_open: dict[str, int]
):
    """The payment of 35.00 settles what it would have settled had it come behind the other act."""
    desk, other = postgres_desk, neighbour(postgres_desk)
    desk.customer()
    desk.invoice("C1", 3000, due=-10)
    desk.invoice("C1", 4000, due=-5)
    with between(desk, monkeypatch, lambda: act(other)) as locked:
        desk.pay("C1", 3500)
    assert len(locked) >= 2, "it was read again under the locks"
    rows = desk.session.db.peewee.execute_sql("select number, open from open_item order by number").fetchall()
    assert dict(rows) == still_open
    assert sound(desk)


def test_the_same_payment_from_two_desks_is_asked_about(postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk, other = postgres_desk, neighbour(postgres_desk)
    desk.customer()
    with between(desk, monkeypatch, lambda: other.pay("C1", 1000)), pytest.raises(DuplicateSuspected):
        payments.record(desk.session, PaymentRequest(uuid.uuid4().bytes, "C1", 1000, "cash"))
    assert desk.column("select amount from payment") == [1000]
    assert sound(desk)


def test_the_same_request_from_two_desks_posts_once(postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk, other = postgres_desk, neighbour(postgres_desk)
    desk.customer()
    uid = uuid.uuid4().bytes
    with between(desk, monkeypatch, lambda: other.pay("C1", 1000, request_id=uid)):
        assert desk.pay("C1", 1000, request_id=uid).repeated
    with between(desk, monkeypatch, lambda: other.pay("C1", 700, request_id=b"0" * 16)), pytest.raises(RequestMismatch):
        desk.pay("C1", 900, request_id=b"0" * 16)
    assert desk.column("select amount from payment order by id") == [1000, 700]
    assert sound(desk)


@pytest.mark.parametrize("ends", ["disabled", "ended"])
def test_who_may_no_more_posts_nothing(postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch, ends: str):
    desk = postgres_desk
    desk.customer()
    clerk = replace(desk, session=enrolled(desk, "mira", "cashier"))

    def act() -> None:
        if ends == "disabled":
            operators.disable(desk.session, "mira")
        else:
            sittings.end(desk.session, clerk.session.sitting.id)

    with between(clerk, monkeypatch, act), pytest.raises((NotPermitted, SessionEnded)):
        clerk.pay("C1", 1000)
    assert desk.column("select count(*) from payment") == [0]
    assert sound(desk)


def test_a_promise_made_between_read_and_lock_is_judged(postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk, other = postgres_desk, neighbour(postgres_desk)
    desk.customer()
    desk.invoice("C1", 3000, due=-10)
    day = desk.session.today() + timedelta(days=3)
    with between(desk, monkeypatch, lambda: calls.outcome(other.session, "C1", "m", "Friday", day)):
        desk.pay("C1", 3000)
    assert accounts.card(desk.session, "C1").totals.balance == 0
    assert desk.column("select promise_on from customer_total") == [None]
    assert sound(desk)


def test_a_request_that_another_desk_posted_while_this_one_read_is_answered_and_not_suspected(
    postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """It looks like a second entry of itself."""
    desk, other = postgres_desk, neighbour(postgres_desk)
    desk.customer()
    uid, real, posted = uuid.uuid4().bytes, desk.session.db.together, []

    def together(*reads: object) -> object:
        if len(reads) > 3 and not posted:
            posted.append(other.pay("C1", 1000, request_id=uid, confirmed=None))
        return real(*reads)

    monkeypatch.setattr(desk.session.db, "together", together)
    again = payments.record(desk.session, PaymentRequest(uid, "C1", 1000, "cash"))
    assert again.repeated
    assert desk.column("select amount from payment") == [1000]
