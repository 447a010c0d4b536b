"""Rules of the catalogue: prices with tax, tax classes, lines without one."""

import pytest

from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.usecases.catalogue import codes, rules, tax_rates
from netbill_tui.usecases.receivables import documents
from tests.conftest import Desk
from tests.usecases.billing_run.shop import bill, serve, shop


def test_prices_with_tax_stay_so_while_services_live_by_them(desk: Desk):
    d = shop(desk)
    rules.set_rule(d.session, "inclusive", "yes")
    serve(d)
    rules.set_rule(d.session, "inclusive", "yes")
    with pytest.raises(Refused, match="entered the other way"):
        rules.set_rule(d.session, "inclusive", "no")


def test_a_line_without_a_tax_class_shows_no_rate(desk: Desk):
    d = shop(desk)
    codes.store_code(d.session, {"code": "FREE", "name": "Free of tax"})
    codes.add_price(d.session, "FREE", {"amount": "10", "from": "2020-01-01"})
    serve(d)
    serve(d, code="FREE")
    bill(d, "2026-09-01")
    lines = [n for s in documents.of_invoice(d.session, next(documents.every(d.session))[0], look=True).sections for n in s.lines]
    assert [(n.amount, n.category, n.percent) for n in lines] == [(3000, "S", "20"), (1000, "", "0")]


def test_a_tax_class_is_one_word(sqlite_desk: Desk):
    for wrong in ("", "two words"):
        with pytest.raises(InvalidInput, match="Type the tax class as one word"):
            tax_rates.add_rate(sqlite_desk.session, wrong, {"percent": "20", "name": "VAT"})
