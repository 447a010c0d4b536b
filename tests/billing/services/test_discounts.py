"""What discounts take off, and in which order."""

from netbill_tui.billing.services.discounts import Discount, line_discounts
from netbill_tui.billing.services.subscriptions import Event
from tests.billing.billing_run.cases import D, book, customer, service
from tests.billing.billing_run.simulation import ACCOUNT

# Discounts and taxes.


def test_discounts_come_in_their_order_and_never_below_zero():
    given = (
        Discount(1, "A", "fixed", "500", "2026-01-01", None, "a"), Discount(2, "A", "percent", "10", "2026-01-01", None, "b"),
        Discount(3, "", "percent", "50", "2026-01-01", None, "c"), Discount(4, "", "fixed", "99999", "2026-01-01", None, "d"),
    )  # fmt: skip
    one = customer(book(), service(D(2026, 1, 1)))
    one.account = ACCOUNT._replace(discounts=given)
    (bill,) = one.bill(D(2026, 1, 1))
    assert bill.lines[0].amount == 5999 - 600 - 500
    assert [n.amount for n in bill.lines if n.kind == "discount"] == [-2450, -2449]
    assert (bill.net, bill.tax) == (0, 0)


def test_what_is_given_back_is_what_was_charged_after_the_discounts():
    one = customer(book(), service(D(2026, 3, 1)))
    one.account = ACCOUNT._replace(discounts=(Discount(1, "", "percent", "50", "2026-01-01", "2026-03-31", "half"),))
    (first,) = one.bill(D(2026, 3, 1))
    assert first.net == 2999
    one.happen(1, Event(9000, D(2026, 3, 1), "end", policy="days"))
    (bill,) = one.bill(D(2026, 3, 2))
    assert first.net + bill.net == 0


def test_percentages_of_a_line_are_taken_one_after_the_other_and_fixed_ones_last():
    given = [
        Discount(n, "A", k, v, "2020-01-01", None, "")
        for n, (k, v) in enumerate((("fixed", "700"), ("percent", "50"), ("percent", "10")))
    ]
    assert [(d.id, part) for d, part in line_discounts(10000, given)] == [(1, 5000), (2, 500), (0, 700)]
    assert [(d.id, part) for d, part in line_discounts(1000, given)] == [(1, 500), (2, 50), (0, 450)]
