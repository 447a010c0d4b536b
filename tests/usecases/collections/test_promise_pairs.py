"""Promises when the world moves: a second one, a payment that goes back, a debt that is gone without money; and policies in time."""

from datetime import timedelta

import pytest

from netbill_tui.billing.collections import policies as rules
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.usecases.collections import calls, fees, policies, promises, write_offs
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import credit_notes, payments
from tests.conftest import TODAY, Desk, sound
from tests.usecases.collections.ladders import go_to, night_on, sent, with_ladder


def promised(desk: Desk, days: int, amount: int | None = None) -> None:
    calls.outcome(desk.session, "C1", "m", "", desk.session.today() + timedelta(days=days), amount=amount)


def stands(desk: Desk) -> list[tuple[str, int]]:
    """State and what came of each promise, newest first."""
    return [(p.state, p.came) for p in promises.of_account(desk.session, "C1")]


def test_an_older_promise_is_graded_anew_and_holds_nothing_beside_a_newer_one(desk: Desk):
    desk.customer()
    desk.invoice("C1", 10000, due=-20)
    with_ladder(desk)
    promised(desk, 10, 5000)
    paid = desk.pay("C1", 5000, method="cheque", reference="CHQ 1")
    assert stands(desk) == [("kept", 5000)]
    promised(desk, 2, 5000)
    assert [p.holds_until for p in promises.of_account(desk.session, "C1")][1] is None
    go_to(desk, 1)
    payments.reverse(desk.session, paid.row.receipt, "bounced", returned=True)
    assert stands(desk) == [("open", 0), ("cancelled", 0)]
    for day in range(2, 9):
        night_on(desk, day)
    assert stands(desk) == [("broken", 0), ("cancelled", 0)]
    assert sent(desk), "nothing holds the ladder any more"
    sound(desk)


def test_an_older_promise_whose_day_is_over_is_broken_by_a_return(desk: Desk):
    desk.customer()
    desk.invoice("C1", 10000, due=-20)
    with_ladder(desk)
    promised(desk, 1, 5000)
    paid = desk.pay("C1", 5000, method="cheque", reference="CHQ 1")
    night_on(desk, 3)
    promised(desk, 2, 5000)
    payments.reverse(desk.session, paid.row.receipt, "bounced", returned=True)
    assert stands(desk) == [("open", 0), ("broken", 0)]
    desk.pay("C1", 10000)
    assert stands(desk) == [("kept", 10000), ("broken", 0)], "what came later is late for the first one"
    sound(desk)


def test_a_promise_of_nothing_is_refused(desk: Desk):
    desk.customer()
    with_ladder(desk)
    with pytest.raises(Refused, match="nothing to promise"):
        promised(desk, 10)
    desk.invoice("C1", 100, due=-3)
    for amount in (0, -1):
        with pytest.raises(InvalidInput, match="more than nothing|at least"):
            promised(desk, 10, amount)


def test_a_waiver_is_no_money(desk: Desk):
    desk.customer()
    desk.invoice("C1", 10000, due=-20)
    with_ladder(desk, fees={"invoice": "own"})
    night_on(desk, 0)
    promised(desk, 2, 10000)
    fees.waive(desk.session, "C1", fees.of_account(desk.session, "C1")[0].id, "good customer")
    night_on(desk, 3)
    assert stands(desk) == [("broken", 0)]
    sound(desk)


@pytest.mark.parametrize("gone", ["credit note", "write-off"])
def test_a_promise_over_what_is_owed_no_more_is_over(desk: Desk, gone: str):
    desk.customer()
    number = desk.invoice("C1", 10000, due=-100)
    with_ladder(desk)
    promised(desk, 5)
    if gone == "credit note":
        credit_notes.credit(desk.session, number, "never delivered")
    else:
        write_offs.write_off(desk.session, "C1", number, "moved away")
        night_on(desk, 6)
    assert stands(desk) == [("cancelled", 0)]
    assert accounts.card(desk.session, "C1").totals.promise_on is None
    assert not promises.needs_approval(desk.session, accounts.card(desk.session, "C1").customer)
    sound(desk)


def test_a_policy_begins_with_what_is_in_force_on_its_first_day(desk: Desk):
    session = desk.session
    desk.customer()
    policies.set_policy(session, "reminders", "book", {"courtesy": "1"})
    policies.set_policy(session, "reminders", "book", {"minimum": "20.00"}, from_on=TODAY + timedelta(days=60))
    assert policies.set_policy(session, "reminders", "book", {"gap": "4"})["minimum"] == "5.00"
    own = policies.set_policy(session, "reminders", "C1", {"minimum": "7.00"})
    assert (own["minimum"], own["gap"], own["courtesy"]) == ("7.00", "4", "1")
    later = policies.set_policy(session, "reminders", "business", {"gap": "5"}, from_on=TODAY + timedelta(days=61))
    assert (later["minimum"], later["gap"]) == ("20.00", "5")


@pytest.mark.parametrize(("currency", "least"), [("EUR", "5.00"), ("JPY", "5"), ("KWD", "5.000")])
def test_the_default_ladder_begins_at_five_in_every_currency(currency: str, least: str):
    assert rules.defaults("reminders", currency)["minimum"] == least
    assert rules.ladder(rules.cleaned("reminders", {}, currency), currency).minimum == int(least.replace(".", ""))


def test_a_ladder_without_steps_is_refused(sqlite_desk: Desk):
    with pytest.raises(InvalidInput, match="at least one step"):
        policies.set_policy(sqlite_desk.session, "reminders", "book", {"steps": " "})


def test_a_promise_comes_by_a_known_channel(sqlite_desk: Desk):
    sqlite_desk.customer()
    sqlite_desk.invoice("C1", 10000, due=-20)
    with pytest.raises(InvalidInput, match="channel"):
        calls.outcome(sqlite_desk.session, "C1", "m", "", TODAY, channel="pigeon")


def test_a_form_begins_with_what_is_overdue_else_with_what_is_open(desk: Desk):
    desk.customer()
    with pytest.raises(Refused, match="nothing to promise"):
        promises.proposed(desk.session, "C1")
    desk.invoice("C1", 1000, due=5)
    assert promises.proposed(desk.session, "C1") == (1000, False)
    desk.invoice("C1", 2500, due=-3)
    assert promises.proposed(desk.session, "C1") == (2500, True)
