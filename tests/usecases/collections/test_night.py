"""The night: messages and fees by the ladder in force, once, on both engines; the reasons of what is not done."""

from datetime import timedelta

import pytest

from netbill_tui.billing.collections.policies import SWITCH
from netbill_tui.billing.core.money import Tally
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.collections import calls, holds, night, policies
from netbill_tui.usecases.receivables import disputes, payments
from tests.conftest import TODAY, Desk, sound
from tests.usecases.collections.ladders import go_to, listed_in, night_on, quiet, sent, with_ladder


def everything(desk: Desk) -> list[object]:
    tables = ("message", "message_event", "outbox", "late_fee", "charge", "promise_event", "note", "collection_reason")
    counts: list[object] = [desk.column(f"select count(*) from {table}")[0] for table in tables]
    return [*counts, *desk.column("select seq from audit_head")]


def test_nothing_happens_before_the_owner_set_and_activated_it(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40)
    with pytest.raises(Refused, match="not active"):
        night_on(desk, 0)
    assert night.preview(desk.session).count == 0
    policies.set_policy(desk.session, "reminders", "book", {})
    ahead = night.preview(desk.session)
    assert (ahead.count, ahead.messages) == (1, {("r2", "letter"): Tally(1, 3000)})
    with pytest.raises(InvalidInput, match="would do 1, not 2"):
        night.activate(desk.session, 2)
    assert not policies.switches(desk.session).active
    night.activate(desk.session, 1)
    assert night_on(desk, 0).messages == ahead.messages
    policies.turn(desk.session, SWITCH, False)
    with pytest.raises(Refused, match="not active"):
        night_on(desk, 1)
    sound(desk)


def test_the_ladder_climbs_a_step_at_a_time_and_a_night_done_twice_adds_nothing(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-1)
    with_ladder(desk, transit="0")
    for day in range(30):
        night_on(desk, day)
        stands = everything(desk)
        night_on(desk, day)
        assert everything(desk) == stands
    assert sent(desk) == ["C1 11-22 r1 letter", "C1 11-28 r2 letter", "C1 12-05 final letter"]
    sound(desk)


def test_one_message_lists_all_that_is_overdue_and_tells_what_is_disputed_apart(desk: Desk):
    desk.customer()
    first = desk.invoice("C1", 3000, due=-9)
    desk.invoice("C1", 2000, due=-8)
    disputes.start(desk.session, first, "never connected")
    desk.invoice("C1", 1500, due=-2)
    with_ladder(desk, transit="0")
    night_on(desk, 0)
    assert listed_in(desk, "r2") == [[2000, 1500]]
    (body,) = desk.column("select body from message")
    assert f"In dispute, and not part of the total: {first}" in str(body)
    assert "Total past due: 35.00 EUR" in str(body)


def test_the_reason_of_what_is_not_sent_is_kept_once_and_goes_when_it_goes(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40)
    with_ladder(desk)
    holds.hold(desk.session, "C1", TODAY + timedelta(days=2), "waits for the technician")
    for day in range(3):
        night_on(desk, day)
    assert desk.column("select reason || ' ' || since_on from collection_reason") == [f"hold: waits for the technician {TODAY}"]
    night_on(desk, 3)
    assert desk.column("select reason from collection_reason") == []
    assert sent(desk) == ["C1 11-25 r2 letter"]
    sound(desk)


@pytest.mark.parametrize(("outcome", "goes"), [("d", False), ("e", False), ("n", True), ("l", True)])
def test_a_call_in_which_somebody_answered_stops_the_message_of_that_day(desk: Desk, outcome: str, goes: bool):
    desk.customer()
    desk.invoice("C1", 3000, due=-40)
    desk.invoice("C1", 1000, due=-30)
    with_ladder(desk)
    go_to(desk, 0, "14:30")
    calls.outcome(desk.session, "C1", outcome, "said that it is wrong")
    assert bool(night_on(desk, 0).messages) == goes
    night_on(desk, 1)
    assert len(sent(desk)) == 1


def test_money_that_came_ends_the_ladder_and_a_returned_payment_is_told_the_day_after(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-20)
    with_ladder(desk, transit="0")
    night_on(desk, 0)
    go_to(desk, 2, "16:00")
    paid = desk.pay("C1", 3000)
    for day in range(3, 10):
        night_on(desk, day)
    payments.reverse(desk.session, paid.row.receipt, "bounced", returned=True)
    for day in range(10, 30):
        night_on(desk, day)
    assert sent(desk) == ["C1 11-22 r2 letter", "C1 12-02 final letter"]
    go_to(desk, 30, "16:00")
    paid = desk.pay("C1", 3000)
    payments.reverse(desk.session, paid.row.receipt, "bounced again", returned=True)
    for day in range(31, 40):
        night_on(desk, day)
    assert sent(desk)[2:] == ["C1 12-23 returned letter"]
    sound(desk)


def test_quiet_days_defer_and_none_of_a_customer_switches_off(desk: Desk):
    desk.customer("C1")
    desk.customer("C2", "Other")
    desk.customer("C3", "A firm", kind="business")
    for account in ("C1", "C2", "C3"):
        desk.invoice(account, 3000, due=-20)
    with_ladder(desk)
    quiet(desk, quiet="sunday monday", holidays="2026-11-24")
    policies.set_policy(desk.session, "reminders", "C2", {}, none=True)
    policies.set_policy(desk.session, "reminders", "business", {"steps": "only +5 letter"})
    for day in range(5):
        night_on(desk, day)
    assert sent(desk) == ["C1 11-25 r2 letter", "C3 11-25 only letter"]
    sound(desk)


def test_a_policy_holds_from_its_day_and_its_newest_version(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-3)
    with_ladder(desk, transit="0", steps="a +10")
    policies.set_policy(desk.session, "reminders", "book", {"steps": "b +5"}, from_on=TODAY + timedelta(days=1))
    for day in range(4):
        night_on(desk, day)
    assert sent(desk) == ["C1 11-24 b letter"]


@pytest.mark.parametrize(
    ("kind", "scope", "typed", "says"),
    [
        ("reminders", "book", {"steps": "final +14 after 5; r1 +20"}, "final comes after a reminder, and none stands before it"),
        ("reminders", "book", {"steps": "r2 +7; r1 +1"}, r"r1 \(\+1\) stands behind r2 \(\+7\)"),
        ("reminders", "book", {"steps": "r1 +1 pigeon"}, "'pigeon' is not a word of a step"),
        ("reminders", "book", {"steps": "off +30 suspend"}, "off comes after a reminder"),
        ("reminders", "book", {"minimum": "1e3"}, "minimum: "),
        ("reminders", "book", {"colour": "red"}, "'colour' is not a value of reminders"),
        ("reminders", "martians", {}, "martians"),
        ("days", "book", {"quiet": "monday tuesday wednesday thursday friday saturday sunday"}, "more than 31 days in a row"),
        ("days", "book", {"holidays": "christmas"}, "'christmas' is not a holiday"),
        ("days", "residential", {}, "whole book"),
        ("fees", "book", {"flat": "5.00"}, "billing code"),
        ("fees", "book", {"mode": "flat", "code": "LATE"}, "flat amount"),
        ("fees", "book", {"mode": "flat", "flat": "5", "code": "NOPE"}, "NOPE"),
        ("fees", "book", {"mode": "percent", "rate": "101", "code": "LATE"}, "rate"),
        ("snacks", "book", {}, "no kind of policy"),
    ],
)
def test_a_policy_that_cannot_hold_is_refused_with_a_sentence(desk: Desk, kind: str, scope: str, typed: dict, says: str):
    from netbill_tui.errors import NetbillError

    with pytest.raises(NetbillError, match=says):
        policies.set_policy(desk.session, kind, scope, typed)
    assert policies.listed(desk.session) == []


def test_the_message_is_in_the_language_of_the_customer_with_the_instructions_of_the_book(desk: Desk):
    desk.customer("C1", "Jos\u00e9 $amount", language="es")
    desk.invoice("C1", 123456, due=-20)
    rules.set_rule(desk.session, "instructions", "Pay at the counter.")
    with_ladder(desk)
    night_on(desk, 0)
    ((subject,), (body,)) = desk.column("select subject from message"), desk.column("select body from message")
    assert str(subject).startswith("Recordatorio de ")
    assert "Jos\u00e9 $amount" in str(body)
    assert "1.234,56" in str(body)
    assert "Pay at the counter." in str(body)


def test_a_night_between_two_batches_that_is_stopped_goes_on_with_the_next(desk: Desk):
    for n in range(7):
        desk.customer(f"C{n}", f"Customer {n}")
        desk.invoice(f"C{n}", 3000, due=-20)
    with_ladder(desk)
    stopped = night.collect(desk.session, pause_s=0, should_stop=lambda: True)
    assert stopped.stopped
    night.collect(desk.session, pause_s=0)
    assert len(sent(desk)) == 7
    assert len(set(sent(desk))) == 7


def test_a_preview_of_a_later_day_says_what_would_go_if_nobody_paid_and_changes_nothing(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=4)
    with_ladder(desk, transit="0")
    before = everything(desk)
    steps = {n: list(night.preview(desk.session, TODAY + timedelta(days=n)).messages) for n in (0, 5, 11)}
    assert steps == {0: [], 5: [("r1", "letter")], 11: [("r2", "letter")]}
    assert everything(desk) == before
    with pytest.raises(InvalidInput, match="is over"):
        night.preview(desk.session, TODAY - timedelta(days=1))
