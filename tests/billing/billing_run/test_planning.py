"""What is billed, by rule: the worked examples of docs/rules.md, and properties that hold for every date."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbill_tui.billing.billing_run.accounts import Held, SharedTimeline
from netbill_tui.billing.billing_run.invoicing import OneOff
from netbill_tui.billing.billing_run.planning import plan_customer
from netbill_tui.billing.catalogue.prices import CannotBill, Price, PriceOverride
from netbill_tui.billing.core.cycles import Cycle, schedule
from netbill_tui.billing.services.discounts import Discount
from netbill_tui.billing.services.proration import share
from netbill_tui.billing.services.subscriptions import Event, Service, timeline_of
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.services import events
from tests.billing.billing_run.cases import SPAN, START, D, assert_every_day_once, book, customer, histories, lines, service
from tests.billing.billing_run.simulation import ACCOUNT, Customer
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import bill, serve, shop

# The examples of docs/rules.md, one each.


def test_a_stub_costs_its_days_of_the_period_that_would_have_held_it():
    one = customer(book(), service(D(2026, 2, 20), 15))
    assert lines(one.bill(D(2026, 2, 20))) == [("A", "2026-02-20", "2026-03-15", 4928)]


def test_a_change_in_mid_period_gives_back_29_99_and_charges_40_00():
    one = customer(book(), service(D(2026, 2, 15)))
    one.bill(D(2026, 2, 15))
    one.happen(1, Event(9000, D(2026, 3, 1), "change", "B"))
    assert one.bill(D(2026, 3, 1)) == [], "both wait for the next invoice"
    (bill,) = one.bill(D(2026, 3, 15))
    assert lines([bill], "credit") == [("A", "2026-03-01", "2026-03-15", -2999)]
    assert lines([bill], "recurring") == [("B", "2026-03-01", "2026-03-15", 4000), ("B", "2026-03-15", "2026-04-15", 7999)]
    assert bill.net == 1001 + 7999


def test_a_second_change_of_the_same_day_replaces_the_first():
    one = customer(book(), service(D(2026, 2, 15)))
    one.bill(D(2026, 2, 15))
    one.happen(1, Event(9000, D(2026, 3, 1), "change", "B"))
    one.happen(1, Event(9001, D(2026, 3, 1), "change", "T"))
    (bill,) = one.bill(D(2026, 3, 15))
    assert {code for code, *_ in lines([bill], "recurring")} == {"T"}


def test_an_anchor_that_changes_makes_one_stub():
    one = customer(book(), service(D(2026, 1, 10)))
    one.bill(D(2026, 1, 10))
    one.happen(1, Event(9000, D(2026, 1, 20), "anchor", number=1))
    found = lines(one.bill(D(2026, 4, 1)))
    assert [(f, e) for _, f, e, _ in found] == [
        ("2026-02-10", "2026-03-01"), ("2026-03-01", "2026-04-01"), ("2026-04-01", "2026-05-01"),
    ]  # fmt: skip
    assert found[0][3] == share(5999, 19, 28)


def test_suspended_access_stops_charging_with_the_next_period_and_skipped_ones_stay_skipped():
    one = customer(book(), service(D(2026, 1, 1), code="S"))
    one.bill(D(2026, 1, 1))
    one.happen(1, Event(9000, D(2026, 1, 10), "suspend", policy="stop"))
    assert one.bill(D(2026, 2, 1)) == []
    one.happen(1, Event(9001, D(2026, 3, 20), "restore"))
    assert lines(one.bill(D(2026, 4, 1))) == [("S", "2026-04-01", "2026-05-01", 3000)]


def test_leaving_before_the_end_of_the_term_costs_the_fee_once():
    one = customer(book(), service(D(2026, 1, 1), code="T"))
    one.bill(D(2026, 1, 1))
    one.happen(1, Event(9000, D(2026, 1, 20), "end", policy="days"))
    bills = [*one.bill(D(2026, 1, 20)), *one.bill(D(2026, 2, 20)), *one.bill(D(2027, 2, 20))]
    assert [a for _, _, _, a in lines(bills, "fee")] == [5000]


@pytest.mark.parametrize(("first_bill", "dates"), [
    pytest.param("stub", [("2026-03-15", 1)], id="at-once"),
    pytest.param("stub+full", [("2026-03-15", 2)], id="with-the-first-full-period"),
    pytest.param("defer", [("2026-04-01", 2)], id="when-that-begins"),
])  # fmt: skip
def test_the_first_bill_is_what_the_book_says(first_bill, dates):
    one = customer(book(first_bill=first_bill), service(D(2026, 3, 15), 1))
    bills = one.bill(D(2026, 3, 15)) or one.bill(D(2026, 4, 1))
    assert [(b.bill_date.isoformat(), len(b.lines)) for b in bills] == dates


def test_in_arrears_the_period_that_ended_is_billed_and_an_end_bills_the_rest():
    one = customer(book(), service(D(2026, 3, 10), mode="arrears"))
    assert one.bill(D(2026, 4, 9)) == []
    assert lines(one.bill(D(2026, 4, 10))) == [("A", "2026-03-10", "2026-04-10", 5999)]
    one.happen(1, Event(9000, D(2026, 4, 25), "end", policy="days"))
    (bill,) = one.bill(D(2026, 4, 25))
    assert lines([bill]) == [("A", "2026-04-10", "2026-04-25", share(5999, 15, 30))]


def test_a_one_off_charge_rides_on_the_next_invoice_or_stands_alone():
    one = customer(book(), service(D(2026, 3, 1)))
    one.bill(D(2026, 3, 1))
    one.charges.append(OneOff(1, D(2026, 3, 10), "one-off", "ONE", Decimal(2), None, "", "2026-03-10"))
    assert one.bill(D(2026, 3, 31)) == []
    (bill,) = one.bill(D(2026, 4, 1))
    assert [n.amount for n in bill.lines if n.kind == "one-off"] == [5000]
    alone = Customer(book(), charges=[OneOff(2, D(2026, 3, 10), "one-off", "ONE", Decimal(1), None, "", "2026-03-10")])
    assert [b.net for b in alone.bill(D(2026, 3, 10))] == [2500]


def test_lines_that_look_alike_are_not_taken_for_each_other():
    prices = {"A": (Price(1, "2020-01-01", None, "all", 9000), Price(2, "2026-10-01", None, "new", 6000))}
    one = customer(
        book(prices), service(D(2026, 11, 1), 16), service(D(2026, 11, 1), 16, Cycle(3)), service(D(2026, 9, 16), 16),
    )  # fmt: skip
    found = {n.service_id: n.amount for b in one.bill(D(2026, 11, 1)) for n in b.lines if n.first >= "2026-11-01"}
    assert found == {1: share(6000, 15, 31), 2: share(6000, 15, 92)}
    later = {n.service_id: n.amount for b in one.bill(D(2026, 11, 16)) for n in b.lines if n.end == "2026-12-16"}
    assert later == {1: 6000, 3: 9000}


def test_the_parts_of_a_period_never_cost_more_than_the_period():
    for policy in ("30", "whole"):
        one = customer(book(proration=policy), service(D(2026, 3, 1)))
        one.bill(D(2026, 3, 1))
        one.happen(1, Event(9000, D(2026, 3, 11), "pause"))
        one.happen(1, Event(9001, D(2026, 3, 21), "resume"))
        one.bill(D(2026, 4, 1))
        march = sum(n.amount for b in one.bills for n in b.lines if n.first < "2026-04-01")
        assert 0 < march <= 5999


@settings(max_examples=25, deadline=None)
@given(histories(), st.sampled_from(["stub", "stub+full", "defer"]), st.sampled_from(["next", "at-once"]), st.integers(0, 5))
def test_a_year_night_by_night_is_the_year_in_one_catch_up(made, first_bill, changes, lead):
    rules = {"first_bill": first_bill, "changes": changes, "lead_days": lead}
    end = START + timedelta(days=260)
    night = customer(book(**rules), *made).night_by_night(START, end)
    once = customer(book(**rules), *made)
    once.bill(end)
    assert sorted(once.shown(), key=str) == sorted(night.shown(), key=str)
    assert once.bill(end) == [], "a second run brings nothing"
    assert night.bill(end) == []


@settings(max_examples=40, deadline=None)
@given(histories(), st.data())
def test_whatever_is_entered_late_comes_right_in_the_end(made, data):
    """Services begin with their first event; every other one is entered on some later day, when nights have passed."""
    end = START + timedelta(days=260)
    one = customer(book(), *[(kept, events[:1]) for kept, events in made])
    late = sorted(
        ((data.draw(st.integers(0, 240)), at + 1, e._replace(id=e.id + 1000 * (at + 1)))
         for at, (_, events) in enumerate(made) for e in events[1:]), key=lambda row: row[0],
    )  # fmt: skip
    for days, service_id, event in late:
        one.bill(START + timedelta(days=days))
        if event.kind == "anchor":
            # As the service does: what is billed keeps its periods.
            event = event._replace(on=max(event.on, one.held[service_id].settled_until))
        one.happen(service_id, event)
    one.bill(end)
    assert_every_day_once(one, end)


@settings(max_examples=25, deadline=None)
@given(histories())
def test_what_stands_charged_touches_and_never_overlaps(made):
    end = START + timedelta(days=260)
    one = customer(book(), *made).night_by_night(START, end)
    assert_every_day_once(one, end)


def test_what_cannot_be_billed_says_why():
    with pytest.raises(CannotBill, match="no price on 2026-01-01"):
        customer(book(), service(D(2026, 1, 1), code="N")).bill(D(2026, 1, 1))
    ended = {"A": (Price(1, "2020-01-01", "2026-01-01", "all", 5999),)}
    with pytest.raises(CannotBill, match="has ended"):
        customer(book(ended), service(D(2026, 1, 1))).bill(D(2026, 1, 1))
    one = customer(book(), service(D(2026, 1, 1)))
    one.account = ACCOUNT._replace(terms_days=-1)
    with pytest.raises(CannotBill, match="no payment terms"):
        one.bill(D(2026, 1, 1))
    one.account = ACCOUNT._replace(discounts=(Discount(1, "", "percent", "150", "2026-01-01", None, "x"),))
    with pytest.raises(CannotBill, match="out of range"):
        one.bill(D(2026, 1, 1))


PROMOTED = {
    "P": (Price(7, "2020-01-01", None, "all", 4000, 1000, 3),),
    "W": (Price(8, "2020-01-01", None, "all", 4000), Price(9, "2024-02-10", None, "new", 3500)),
}  # fmt: skip


@st.composite
def neighbours(draw):
    """Customers with the same services who began on different days."""
    begun = st.sampled_from([START, D(2024, 1, 31), D(2024, 2, 10)]) | st.integers(0, 80).map(lambda n: START + timedelta(n))
    shapes = draw(st.lists(st.tuples(
        st.sampled_from([Cycle(1), Cycle(1), Cycle(3), Cycle(0, 14)]), st.sampled_from([1, 15, 30, 31]),
        st.sampled_from(["advance", "arrears"]), st.sampled_from("APW"),
        st.sampled_from([None, None, ("fixed", "2500"), ("percent", "80")]),
    ), min_size=1, max_size=2))  # fmt: skip
    made = []
    for number, start in enumerate(draw(st.lists(begun, min_size=2, max_size=8))):
        person = []
        for c, a, m, code, own in shapes:
            events = [Event(100, start, "start", code)]
            if own is not None:
                # The price is the same, the reason is each one's own: it may stand on nobody else's invoice.
                events.append(
                    Event(
                        101,
                        start,
                        "price",
                        override=PriceOverride(*own, draw(st.sampled_from([f"secret of {number}", "agreed"]))),
                    )
                )
            person.append((Service(1, start, c, a, m), events))
        made.append(person)
    return made


@settings(max_examples=60, deadline=None)
@given(neighbours(), SPAN, st.integers(0, 120), st.sampled_from(["stub", "stub+full", "defer"]))
def test_who_is_billed_like_another_gets_what_he_would_have_got_alone(people, middle, length, first_bill):
    shared = book(PROMOTED, first_bill=first_bill)
    for number, made in enumerate(people):
        alone = book(PROMOTED, first_bill=first_bill)
        before = customer(alone, *made).night_by_night(START, middle)
        account = ACCOUNT._replace(id=number, account=f"C{number}")
        quiet = []
        for held in before.held.values():
            one = held.service._replace(id=100 * number + held.service.id)
            plain = SharedTimeline(timeline_of(one._replace(id=0), held.events), held.settled_until)
            quiet.append(Held(one, (), (), held.settled_until, plain=plain))
        as_of = middle + timedelta(days=length)
        ours = plan_customer(account, quiet, [], as_of, shared, "EUR", "all")
        theirs = plan_customer(account, list(before.held.values()), [], as_of, alone, "EUR", "all")

        def numbered(bills, number=number):
            return [
                b._replace(lines=tuple(n._replace(service_id=100 * number + n.service_id) for n in b.lines)) for b in bills
            ]  # fmt: skip

        assert list(ours.bills) == numbered(theirs.bills)
        told = "".join(n.why for b in ours.bills for n in b.lines)
        assert not [n for n in range(len(people)) if n != number and f"secret of {n}" in told]
        assert [(a.settled_until, a.next_on) for a in ours.after] == [(a.settled_until, a.next_on) for a in theirs.after]
        assert [a.service_id for a in ours.after] == [h.service.id for h in quiet]
        assert ours.account is account


@pytest.mark.parametrize("cycle", [Cycle(1), Cycle(3), Cycle(12)], ids=["monthly", "quarterly", "yearly"])
def test_an_end_that_is_taken_back_in_arrears_leaves_the_rest_to_the_end_of_the_period(cycle):
    one = customer(book(), service(D(2026, 8, 1), cycle=cycle, mode="arrears"))
    one.happen(1, Event(2001, D(2026, 8, 10), "end", policy="days"))
    one.night_by_night(D(2026, 8, 1), D(2026, 8, 11))
    one.happen(1, Event(2002, D(2026, 8, 10), "void", number=2001))
    one.night_by_night(D(2026, 8, 12), D(2026, 8, 20))
    assert [b.bill_date for b in one.bills] == [D(2026, 8, 10)], "the rest waits for the end of its period"
    end = one.held[1].service.cycle.months
    one.bill(schedule(D(2026, 8, 1), cycle, 1).boundary(1))
    assert [b.bill_date for b in one.bills][1:] == [schedule(D(2026, 8, 1), cycle, 1).boundary(1)], end


def test_the_stub_of_another_anchor_is_billed_when_it_begins():
    one = customer(book(), service(D(2026, 8, 20), anchor=25))
    one.bill(D(2026, 8, 21))
    one.happen(1, Event(2001, D(2026, 8, 25), "anchor", number=10))
    one.night_by_night(D(2026, 8, 21), D(2026, 9, 15))
    assert [(b.bill_date, b.lines[0].first, b.lines[0].end) for b in one.bills] == [
        (D(2026, 8, 20), "2026-08-20", "2026-08-25"), (D(2026, 8, 25), "2026-08-25", "2026-09-10"),
        (D(2026, 9, 10), "2026-09-10", "2026-10-10"),
    ]  # fmt: skip


def test_a_promotion_counts_from_the_change_to_its_code(desk: Desk):
    d = shop(desk)
    codes.store_code(d.session, {"code": "P", "name": "P"})
    codes.add_price(d.session, "P", {"amount": "30", "from": "2026-01-01", "promo_amount": "9", "promo_periods": "2"})
    codes.store_code(d.session, {"code": "Q", "name": "Q"})
    codes.add_price(d.session, "Q", {"amount": "10", "from": "2026-01-01"})
    s = serve(d, code="Q", start="2026-05-01")
    for month in range(5, 8):
        bill(d, f"2026-{month:02d}-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-08-01", "code": "P"})
    for month in range(8, 12):
        bill(d, f"2026-{month:02d}-01")
    assert d.column("select amount from invoice_line where kind = 'recurring' order by id") == [1000] * 3 + [900] * 2 + [3000] * 2
    assert d.column("select check_on from service_state") == [None]
    sound(d)


def test_a_period_is_billed_on_its_day_and_not_the_day_before(desk: Desk):
    d = shop(desk)
    s = serve(d, start="2026-09-10")
    events.schedule_event(d.session, s, "pause", {"on": "2026-09-15"})
    events.schedule_event(d.session, s, "resume", {"on": "2026-09-20"})
    for day in ("2026-09-10", "2026-10-09", "2026-10-10"):
        bill(d, day)
    assert d.column("select next_on from service_state") == ["2026-11-10"]
    sound(d)
