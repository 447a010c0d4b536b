"""Discounts: what they count, and what stands of them on the invoice."""

import pytest

from netbill_tui.billing.services.proration import share
from netbill_tui.usecases.catalogue import codes, tax_rates
from netbill_tui.usecases.receivables import credit_parts, documents
from netbill_tui.usecases.services import charges, discounts, giving
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import bill, serve, shop


def test_a_charge_of_the_last_day_counts_in_what_a_discount_takes_off(desk: Desk):
    shop(desk)
    desk.customer()
    codes.store_code(desk.session, {"code": "V", "name": "Visit", "kind": "one-time"})
    charges.charge(desk.session, "C1", {"code": "V", "amount": "50", "on": "2026-12-01"})
    more = discounts._read_discount(desk.session, "C1", {"percent": "10", "from": "2026-11-01"})
    assert giving.worth_of(desk.session, "C1", more) == 500


def test_a_line_of_a_discount_shows_its_word_and_no_period(desk: Desk):
    shop(desk)
    serve(desk, start="2026-10-01")
    discounts.discount(desk.session, "C1", {"percent": "10", "from": "2026-10-01", "text": "Loyalty"})
    desk.invoice("C1", 700, due=-60)
    bill(desk, "2026-10-01")
    whole = credit_parts.invoice(desk.session, "INV-000002")
    printed = documents.of_invoice(desk.session, whole, look=True)
    lines = {n.text: (n.period, n.amount) for s in printed.sections for n in s.lines}
    assert lines["Loyalty"] == ("", -300)
    assert lines["Plan A"] == ("2026-10-01 - 2026-11-01", 3000)
    assert "its part of Loyalty: -3.00" in " ".join(n.why for n in whole.lines)
    assert (printed.previous, printed.since, printed.due_now) == (700, (), 700 + 3240)


def test_a_discount_on_the_invoice_tells_its_day_only_where_its_class_had_other_rates(desk: Desk):
    """A credit gives back the rates of that day."""
    d = shop(desk)
    serve(d, mode="arrears")
    discounts.discount(d.session, "C1", {"percent": "10", "from": "2026-09-01"})
    bill(d, "2026-10-01")
    assert d.column("select period_first from invoice_line where kind = 'discount'") == [None]
    tax_rates.add_rate(d.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-11-01"})
    bill(d, "2026-11-01")
    assert d.column("select period_first from invoice_line where kind = 'discount' order by id") == [None, "2026-10-31"]
    sound(d)


@pytest.mark.parametrize(
    ("fields", "text"),
    [({}, "Discount"), ({"code": "a"}, "Discount on A"), ({"code": "a", "text": "Loyal"}, "Loyal"), ({"text": "Loyal"}, "Loyal")],
)
def test_a_discount_has_its_text_or_one_that_says_what_it_is_on(sqlite_desk: Desk, fields: dict[str, str], text: str):
    d = shop(sqlite_desk)
    serve(d)
    discounts.discount(d.session, "C1", {"percent": "10", "from": "2026-09-01", **fields})
    assert d.column("select text from discount") == [text]


@pytest.mark.parametrize(("part", "whole"), [(-1, 30), (31, 30), (0, 0), (1, 0), (-1, -1)])
def test_a_share_is_of_something_and_within_it(part: int, whole: int):
    with pytest.raises(ValueError, match="share of"):
        share(1000, part, whole)


def test_a_discount_stands_on_the_invoice_under_its_own_words(sqlite_desk: Desk):
    d = shop(sqlite_desk)
    serve(d)
    discounts.discount(d.session, "C1", {"percent": "10", "from": "2026-09-01", "text": "Loyal"})
    bill(d, "2026-09-01")
    assert d.column("select text from invoice_line where kind = 'discount'") == ["Loyal"]
