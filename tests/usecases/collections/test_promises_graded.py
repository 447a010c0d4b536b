"""Promises and arrangements in a book, graded by the payments themselves."""

from datetime import date, timedelta

import pytest

from netbill_tui.billing.collections.promises import Instalment
from netbill_tui.errors import InvalidInput, NeedsApproval, Refused
from netbill_tui.usecases.access import approvals
from netbill_tui.usecases.collections import calls, promises
from netbill_tui.usecases.receivables import overdue, payments
from tests.conftest import TODAY, Desk, sound
from tests.usecases.access.desks import enrolled
from tests.usecases.collections.ladders import go_to, night_on, sent, with_ladder


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def state(desk: Desk) -> str:
    return promises.of_account(desk.session, "C1")[0].state


def promised(desk: Desk, cents: int | None, by: int) -> None:
    calls.outcome(desk.session, "C1", "m", "", day(by), amount=cents)


@pytest.mark.parametrize(
    ("came", "graded"), [pytest.param((3000, 5000), "kept", id="28-kept"), ((7999,), "part"), ((), "broken")]
)
def test_28_a_promise_is_graded_the_day_after_by_what_came(desk: Desk, came: tuple[int, ...], graded: str):
    desk.customer()
    desk.invoice("C1", 8000, due=-20)
    with_ladder(desk)
    promised(desk, 8000, 10)
    for cents in came:
        desk.pay("C1", cents)
    night_on(desk, 10)
    assert state(desk) == ("kept" if graded == "kept" else "open")
    assert sent(desk) == []
    done = night_on(desk, 11)
    assert state(desk) == graded
    assert done.promises == ({} if graded == "kept" else {graded: 1})
    assert night_on(desk, 11).promises == {}
    assert bool(sent(desk)) == (graded == "broken")
    sound(desk)


def test_29_money_of_before_the_promise_does_not_count(desk: Desk):
    desk.customer()
    desk.invoice("C1", 16000, due=-20)
    with_ladder(desk)
    desk.pay("C1", 8000)
    promised(desk, 4000, 1)
    night_on(desk, 2)
    assert state(desk) == "broken"
    sound(desk)


def test_30_a_kept_promise_is_broken_when_its_cheque_comes_back(desk: Desk):
    desk.customer()
    desk.invoice("C1", 8000, due=-20)
    with_ladder(desk)
    promised(desk, 8000, 5)
    paid = desk.pay("C1", 8000, method="cheque", reference="CHQ 7")
    assert state(desk) == "kept"
    go_to(desk, 12)
    payments.reverse(desk.session, paid.row.receipt, "bounced", returned=True)
    assert state(desk) == "broken"
    assert desk.column("select on_date from promise_event order by id") == ["2026-11-22", "2026-12-04"]
    sound(desk)


def test_31_money_that_is_entered_late_judges_anew(desk: Desk):
    desk.customer()
    desk.invoice("C1", 8000, due=-20)
    with_ladder(desk)
    promised(desk, 8000, 5)
    night_on(desk, 6)
    assert state(desk) == "broken"
    assert overdue.queue(desk.session)[0].promise_on == "2026-11-27"
    go_to(desk, 8)
    desk.pay("C1", 8000, received=day(5).isoformat())
    assert state(desk) == "kept"
    sound(desk)


def test_a_promise_of_which_nothing_is_left_is_over_with_its_debt(desk: Desk):
    desk.customer()
    desk.invoice("C1", 8000, due=-20)
    with_ladder(desk)
    promised(desk, 8000, 1)
    night_on(desk, 2)
    go_to(desk, 2, "16:00")
    desk.pay("C1", 8000)
    assert state(desk) == "broken"
    night_on(desk, 3)
    assert desk.column("select promise_on from customer_total") == [None]
    sound(desk)


def test_half_of_what_is_overdue_is_the_least_and_a_new_promise_takes_the_place_of_the_old(desk: Desk):
    desk.customer()
    desk.invoice("C1", 8001, due=-20)
    with pytest.raises(InvalidInput, match="at least 40.01, 50 %"):
        promised(desk, 4000, 5)
    promised(desk, 4001, 5)
    promised(desk, None, 7)
    assert [(p.amount, p.state) for p in promises.of_account(desk.session, "C1")] == [(8001, "open"), (4001, "cancelled")]
    promises.cancel(desk.session, "C1", "customer called")
    assert desk.column("select promise_on from customer_total") == [None]
    with pytest.raises(Refused, match="no open promise"):
        promises.cancel(desk.session, "C1", "customer called")
    sound(desk)


def test_a_third_promise_within_half_a_year_is_decided_by_two(desk: Desk):
    desk.customer()
    desk.invoice("C1", 8000, due=-20)
    with_ladder(desk)
    for at in (0, 10):
        go_to(desk, at, "16:00")
        promised(desk, 8000, at + 1)
        night_on(desk, at + 2)
    go_to(desk, 20, "16:00")
    clerk = enrolled(desk, "kim", "clerk")
    with pytest.raises(NeedsApproval, match="approval"):
        calls.outcome(clerk, "C1", "m", "a third time", day(22))
    (waits,) = approvals.listed(desk.session)
    approvals.answer(desk.session, waits.id, approve=True)
    assert state(desk) == "open"
    assert desk.column("select count(*) from giving") == [0]
    sound(desk)


def arranged(desk: Desk) -> list[Instalment]:
    parts = [Instalment(day(n), 3000) for n in (10, 40, 70)]
    promises.arrange(desk.session, "C1", parts, "three parts")
    return parts


@pytest.mark.parametrize(("more", "graded"), [pytest.param(7000, "open", id="32-kept"), pytest.param(6000, "part", id="32-part")])
def test_32_an_instalment_is_kept_when_what_else_fell_due_is_paid_too(desk: Desk, more: int, graded: str):
    desk.customer()
    desk.invoice("C1", 9000, due=-20)
    with_ladder(desk)
    arranged(desk)
    go_to(desk, 9)
    desk.pay("C1", 3000)
    go_to(desk, 12)
    desk.invoice("C1", 4000, due=25, issued=day(12))
    go_to(desk, 39)
    desk.pay("C1", more)
    night_on(desk, 41)
    assert state(desk) == graded
    sound(desk)


def test_an_arrangement_holds_its_own_invoices_and_one_broken_part_ends_the_rest(desk: Desk):
    desk.customer()
    desk.invoice("C1", 9000, due=-20)
    with_ladder(desk, transit="0")
    arranged(desk)
    desk.invoice("C1", 2000, due=1, issued=day(0))
    for n in range(11):
        night_on(desk, n)
    assert [line.split()[2] for line in sent(desk)] == ["courtesy", "r1", "r2"]
    assert desk.column("select max(amount) from message") == [2000]
    night_on(desk, 11)
    assert state(desk) == "broken"
    night_on(desk, 12)
    assert desk.column("select max(amount) from message") == [11000]
    sound(desk)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([(10, 9000)], "2 to 24 instalments"),
        ([(10, 3000), (20, 3000)], "come to 60.00, and 90.00 is overdue"),
        ([(20, 3000), (10, 6000)], "comes behind"),
        ([(-1, 3000), (10, 6000)], "is over"),
        ([(1, 0), (10, 9000)], "more than zero"),
    ],
)
def test_an_arrangement_that_does_not_add_up_is_refused(desk: Desk, parts: list[tuple[int, int]], says: str):
    desk.customer()
    desk.invoice("C1", 9000, due=-20)
    with pytest.raises(InvalidInput, match=says):
        promises.arrange(desk.session, "C1", [Instalment(day(n), cents) for n, cents in parts])
    assert promises.of_account(desk.session, "C1") == []


def test_instalments_are_typed_as_amount_and_day(desk: Desk):
    typed = promises.read_parts(desk.session, "30.00 2026-12-01, 60 +20", "EUR")
    assert typed == (Instalment(date(2026, 12, 1), 3000), Instalment(date(2026, 12, 12), 6000))
    with pytest.raises(InvalidInput, match="not an instalment"):
        promises.read_parts(desk.session, "30.00", "EUR")
