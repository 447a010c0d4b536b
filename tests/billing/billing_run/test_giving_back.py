"""What is given back of a period that was charged."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.billing.catalogue.prices import PriceOverride
from netbill_tui.billing.catalogue.taxes import CreditedTax, DatedRate, Rate, tax_lines, tax_of_credit
from netbill_tui.billing.services.discounts import Discount
from netbill_tui.billing.services.proration import credits_for, retained, share
from netbill_tui.billing.services.subscriptions import Event
from tests.billing.billing_run.cases import VAT, D, book, customer, service
from tests.billing.billing_run.simulation import ACCOUNT


def test_a_pause_is_given_back_and_resumes_within_the_period():
    one = customer(book(), service(D(2026, 3, 1)))
    one.bill(D(2026, 3, 1))
    one.happen(1, Event(9000, D(2026, 3, 11), "pause"))
    one.happen(1, Event(9001, D(2026, 3, 21), "resume"))
    (bill,) = one.bill(D(2026, 4, 1))
    assert sum(n.amount for n in bill.lines) == 5999 - (5999 - retained(5999, 21, 31))
    assert not any(n.kind == "recurring" and n.first < "2026-04-01" for n in bill.lines), "the days after are still charged"


@pytest.mark.parametrize(("policy", "given_back"), [("days", 1 - 5999 + retained(5999, 14, 31) - 1), ("period", 0)])
def test_an_end_gives_back_what_is_left_or_keeps_the_period(policy, given_back):
    one = customer(book(), service(D(2026, 3, 1)))
    one.bill(D(2026, 3, 1))
    one.happen(1, Event(9000, D(2026, 3, 15), "end", policy=policy))
    bills = one.bill(D(2026, 5, 1))
    assert sum(b.net for b in bills) == given_back


def test_a_customer_who_left_gets_the_credit_by_itself():
    one = customer(book(), service(D(2026, 3, 1)))
    one.bill(D(2026, 3, 1))
    one.happen(1, Event(9000, D(2026, 3, 11), "end", policy="days"))
    (bill,) = one.bill(D(2026, 3, 11))
    assert bill.net == -(5999 - retained(5999, 10, 31))
    assert bill.tax == -round(Fraction(-bill.net, 5))
    assert one.bill(D(2026, 12, 1)) == []


def test_a_change_that_is_entered_late_gives_back_and_charges_every_period_since():
    one = customer(book(), service(D(2026, 3, 1)))
    one.bill(D(2026, 5, 1))
    one.happen(1, Event(9000, D(2026, 3, 16), "change", "B"))
    one.bill(D(2026, 7, 1))
    wanted = retained(5999, 15, 31) + share(7999, 16, 31) + 4 * 7999
    assert sum(b.net for b in one.bills) == wanted


def test_an_own_price_that_is_entered_late_corrects_what_stands_behind_a_change_too():
    one = customer(book(), service(D(2026, 11, 1)))
    one.bill(D(2026, 11, 1))
    one.happen(1, Event(9000, D(2026, 11, 16), "change", "B"))
    one.bill(D(2026, 12, 1))
    one.happen(1, Event(9001, D(2026, 11, 1), "price", override=PriceOverride("fixed", "1000")))
    one.bill(D(2027, 1, 1))
    assert sum(b.net for b in one.bills) == 500 + 500 + 1000 + 1000


def test_an_end_that_is_taken_back_takes_the_early_leave_fee_back():
    one = customer(book(), service(D(2026, 1, 1), code="T"))
    one.bill(D(2026, 1, 1))
    one.happen(1, Event(9000, D(2026, 1, 20), "end", policy="days"))
    one.bill(D(2026, 1, 20))
    one.happen(1, Event(9001, D(2026, 1, 20), "void", number=9000))
    one.held[1] = one.held[1]._replace(events=tuple(e for e in one.held[1].events if e.id != 9000))
    one.bill(D(2026, 3, 1))
    assert sum(b.net for b in one.bills) == 3 * 3000


def test_what_is_given_back_has_the_tax_it_was_charged_with():
    rates = (DatedRate("std", "2000-01-01", "2026-12-01", VAT), DatedRate("std", "2026-12-01", None, Rate("VAT 25 %", "S", "25")))
    made = book()
    made.rates = rates
    one = customer(made, service(D(2026, 11, 6)))
    one.bill(D(2026, 11, 6))
    one.happen(1, Event(9000, D(2026, 12, 5), "end", policy="days"))
    (bill,) = one.bill(D(2026, 12, 5))
    assert [g.rate.percent for g in bill.groups] == ["20"]


def test_a_discount_on_the_invoice_is_not_taken_from_what_is_given_back():
    one = customer(book(), service(D(2026, 3, 1)))
    one.account = ACCOUNT._replace(discounts=(Discount(1, "", "percent", "10", "2026-01-01", None, "ten"),))
    one.bill(D(2026, 3, 1))
    one.happen(1, Event(9000, D(2026, 3, 1), "change", "B"))
    one.bill(D(2026, 4, 1))
    assert sum(b.net for b in one.bills) == 2 * (7999 - 800)


@given(st.integers(1, 10**7), st.integers(0, 10**6), st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_credits_of_a_line_give_back_exactly_what_was_taken(net, tax, parts):
    gone_net = gone_tax = 0
    for part in [min(p, net) for p in parts] + [net]:
        part = min(part, net - gone_net)
        if part == 0:
            continue
        back = tax_of_credit(CreditedTax(net, tax, gone_net, gone_tax), part)
        gone_net, gone_tax = gone_net + part, gone_tax + back
    assert (gone_net, gone_tax) == (net, tax)


@given(st.integers(-(10**8), 10**8), st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_kept_and_given_back_are_what_was_charged(charged, unused):
    billed = sum(unused) + 3
    back = credits_for(charged, billed, unused)
    assert sum(back) + retained(charged, 3, billed) == charged


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(1, 3)), min_size=1, max_size=6),
    st.sampled_from(["5", "20", "9.975"]), st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_negative_bill_mirrors_its_charge(rows, percent, compound, inclusive):
    first, second = Rate("one", "S", "20", 1), Rate("two", "S", percent, 2, compound)
    chosen = {1: (first,), 2: (first, second), 3: (second,)}
    charge = tax_lines([(amount, chosen[kind]) for amount, kind in rows], inclusive=inclusive)
    credit = tax_lines([(-amount, chosen[kind]) for amount, kind in rows], inclusive=inclusive)
    assert credit.tax == -charge.tax
