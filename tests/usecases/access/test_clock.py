"""A clock that does not fit the book, who accepts it, and what was written under a wrong one."""

import uuid
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

import pytest

from netbill_tui.billing.core.clock import NEAR_US, problem_of
from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.errors import ClockProblem, InvalidInput, NotPermitted
from netbill_tui.usecases.access import clock, sign_in
from netbill_tui.usecases.books import backups
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts, notes, profiles
from netbill_tui.usecases.receivables import overdue, payments
from netbill_tui.usecases.receivables.ageing import ageing
from netbill_tui.usecases.verify import doctor
from netbill_tui.usecases.verify.book import verify
from tests.conftest import TODAY, Desk
from tests.usecases.access.desks import WORDS, at_desk, enrolled


def moved(session: Session, **by: float) -> Callable[[], None]:
    """Set the clock of a sitting; what is given sets it right again."""
    right = session.calendar.clock
    moment = right() + timedelta(**by)
    session.calendar.clock = lambda: moment

    def back() -> None:
        session.calendar.clock = right

    return back


def broken(desk: Desk) -> dict[str, list[str]]:
    return {c.name: c.broken for c in verify(desk.session) if c.broken}


@pytest.mark.parametrize(
    ("by", "fits", "ahead"),
    [
        ({"minutes": -5}, True, False), ({"minutes": -5, "seconds": -1}, False, False), ({"days": -3}, False, False),
        ({"days": 90}, True, False), ({"days": 90, "seconds": 1}, False, True), ({"days": 400}, False, True),
    ],
)  # fmt: skip
def test_a_clock_that_does_not_fit_the_last_entry_writes_nothing(
    sqlite_desk: Desk, by: dict[str, float], fits: bool, ahead: bool
):
    d = sqlite_desk
    d.customer()
    before = d.column("select seq from audit_head")
    moved(d.session, **by)
    if fits:
        d.pay("C1", 1000)
        return
    with pytest.raises(ClockProblem) as found:
        d.pay("C1", 1000)
    assert found.value.ahead == ahead
    assert ("If today really is" if ahead else "until you set the clock") in str(found.value)
    assert d.column("select seq from audit_head") == before
    assert accounts.card(d.session, "C1").totals.balance == 0
    # Reading goes on, and what a look leaves says nothing of the day.
    assert profiles.show_contact(d.session, "C1") == []
    with pytest.raises(ClockProblem):
        notes.add(d.session, "C1", "a note")


def test_whoever_may_accepts_the_clock_and_the_audit_says_so(desk: Desk):
    d = desk
    d.customer()
    cashier = enrolled(d, "kim", "cashier")
    moved(d.session, days=180)
    moved(cashier, days=180)
    with pytest.raises(NotPermitted, match="accept the clock"):
        clock.accept(cashier)
    with pytest.raises(ClockProblem, match="180 days ago"):
        d.pay("C1", 1000)
    clock.accept(d.session)
    d.pay("C1", 1000)
    assert d.column("select action from audit_event order by seq desc limit 2") == ["payment.record", "clock.accept"]
    assert broken(d) == {}


def test_a_clock_behind_wants_a_reason(desk: Desk):
    d = desk
    d.customer()
    moved(d.session, days=-3)
    with pytest.raises(InvalidInput, match="why the entries are wrong"):
        clock.accept(d.session)
    clock.accept(d.session, "the clock stood three days ahead")
    d.pay("C1", 1000)


@pytest.mark.parametrize("days", [1, 30, 400])
def test_what_was_written_under_a_wrong_clock_is_taken_back_and_the_book_is_sound_at_once(sqlite_desk: Desk, tmp_path, days: int):
    """As a payment of an older program, which asked no clock."""
    d = sqlite_desk
    d.customer()
    d.invoice("C1", 3000, due=-10)
    d.invoice("C1", 2000, due=5)
    d.session.settings = d.session.settings._replace(clock_days=0)
    right = moved(d.session, days=days)
    paid = d.pay("C1", 1000)
    right()
    assert paid.row.date == (TODAY + timedelta(days=days)).isoformat()
    assert broken(d) == {}
    assert next(f for f in doctor.examine(d.session, d.target) if f.name == "clock").state == "failed"
    payments.reverse(d.session, paid.row.receipt, "the clock was wrong")
    assert broken(d) == {}
    d.pay("C1", 3500)
    assert broken(d) == {}
    folder = tmp_path / "out"
    folder.mkdir(mode=0o700)
    assert backups.backup(d.session, str(folder)) is not None
    for ahead in (0, 1, days - 1, days, days + 1):
        d.session.calendar.as_of = TODAY + timedelta(days=ahead)
        found = ageing(d.session)
        assert sum(a for _, a in found.buckets.values()) == 1500, ahead
    d.session.calendar.as_of = None
    assert accounts.card(d.session, "C1").totals.balance == 1500


def test_a_server_whose_clock_differs_writes_nothing(sqlite_desk: Desk):
    d = sqlite_desk
    now = d.session.now_us()

    def asked(server_us: int) -> ClockProblem | None:
        return problem_of(now, now, server_us, timezone="UTC", most_days=90)

    assert asked(now + NEAR_US) is None
    for off in (1, -1):
        found = asked(now + off * (NEAR_US + 1))
        assert found is not None
        assert "server's" in str(found)
        assert not found.ahead


@pytest.mark.parametrize("accepted", [False, True])
def test_a_clock_far_ahead_forgets_no_sitting_that_verify_asks_for(desk: Desk, accepted: bool):
    desk.customer()
    desk.pay("C1", 100)
    first = at_desk(desk)
    enrolled(desk, "mira", "administrator")
    sign_in.sign_in(first, "mira", WORDS)
    sign_in.leave(first, "left")
    far = at_desk(desk)
    moved(far, days=401)
    sign_in.sign_in(far, "mira", WORDS)
    if accepted:
        clock.accept(far)
    with pytest.raises(ClockProblem) if not accepted else nullcontext():
        payments.record(far, PaymentRequest(uuid.uuid4().bytes, "C1", 100, "cash", confirmed="test"))
    # And once more, when the first ones could be forgotten by now.
    again = at_desk(desk)
    moved(again, days=402)
    sign_in.sign_in(again, "mira", WORDS)
    assert broken(desk) == {}


def test_what_is_no_entry_does_not_move_the_clock(sqlite_desk: Desk):
    d = sqlite_desk
    d.customer("C1", profile=(("pin", "1234"),))
    d.invoice("C1", 3000, due=-10)
    d.invoice("C1", 5000, due=20)
    right = moved(d.session, days=400)
    assert profiles.caller_matches(d.session, "C1", "pin", "1234")
    with pytest.raises(ClockProblem):
        d.pay("C1", 1000)
    # A list is computed, and the kept sums stay as the others see them.
    assert [(r.account, r.overdue) for r in overdue.queue(d.session)] == [("C1", 8000)]
    right()
    assert d.column("select overdue from customer_total where account = 'C1'") == [3000]
    assert [(r.account, r.overdue) for r in overdue.queue(d.session)] == [("C1", 3000)]
    d.pay("C1", 1000)
