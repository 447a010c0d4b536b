"""Documents are what they were when they were posted."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from netbill_tui.billing.receivables.documents import Served
from netbill_tui.documents.invoice import invoice_text
from netbill_tui.documents.receipt import receipt_text
from netbill_tui.errors import NotFound
from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.billing_run import undo
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.customers import changes
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.receivables import credit_parts, documents, payments
from netbill_tui.usecases.services import events
from tests.conftest import TODAY, Desk, sound
from tests.usecases.billing_run.shop import balance, bill, serve, shop

SELLER = "Acme Net|1 High Street|BA1 1AA Bath|GB|GB123|"


def printed(desk: Desk, number: str = "INV-000001") -> str:
    return invoice_text(documents.of_invoice(desk.session, credit_parts.invoice(desk.session, number)))


def test_an_invoice_is_printed_again_with_the_name_place_seller_and_plan_of_then(desk: Desk):
    shop(desk)
    rules.set_rule(desk.session, "seller", SELLER)
    service = serve(desk, start="2026-11-01")
    changes.change(desk.session, "C1", {"town": "Bath", "street": "1 Old Street"})
    bill(desk, "2026-11-01")
    first = printed(desk)
    assert "1 Old Street" in first
    changes.change(desk.session, "C1", {"name": "Doe, Jane", "town": "Ely", "street": "9 New Street"})
    rules.set_rule(desk.session, "seller", SELLER.replace("Acme", "Other"))
    events.schedule_event(desk.session, service, "change", {"on": "2026-11-15", "code": "B"})
    desk.pay("C1", 500)
    bill(desk, "2026-12-01")
    assert printed(desk) == first
    assert "9 New Street" in printed(desk, "INV-000002")
    assert "Other Net" in printed(desk, "INV-000002")
    sound(desk)


def test_a_receipt_is_printed_again_as_it_was(desk: Desk):
    desk.customer("C1", "Smith, John")
    first = desk.invoice("C1", 1000, due=-10)
    paid = desk.pay("C1", 1500)

    def text() -> str:
        made, company, _ = payments.as_printed(desk.session, payments.find_payment(desk.session, paid.row.receipt))
        return receipt_text(made, company.name, "EUR")

    before = text()
    assert first in before
    changes.change(desk.session, "C1", {"name": "Doe, Jane"})
    desk.invoice("C1", 400, due=-1)
    desk.pay("C1", 700)
    assert text() == before
    sound(desk)


def test_a_receipt_of_a_past_day_adds_up(desk: Desk):
    desk.customer()
    desk.invoice("C1", 2090, due=-30, issued=date(2026, 10, 1))
    made = desk.pay("C1", 2090, received="2026-11-18")
    payments.reverse(desk.session, made.row.receipt, "wrong account")
    desk.session.calendar.as_of = TODAY - timedelta(days=2)
    then = payments.find_payment(desk.session, made.row.receipt)
    assert (then.row.state, then.allocated, then.unapplied) == ("received", (("INV-000001", 2090),), 0)
    desk.session.calendar.as_of = date(2026, 11, 17)
    with pytest.raises(NotFound):
        payments.find_payment(desk.session, made.row.receipt)


def test_an_invoice_names_its_service_by_the_code_of_the_period(desk: Desk):
    d = shop(desk)
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-10-01", "code": "B"})
    bill(d, "2026-10-01")
    services = [documents.of_invoice(d.session, w, look=True).sections[0].service for w, _ in documents.every(d.session)]
    assert services == [Served("A", "1M", "advance"), Served("B", "1M", "advance")]


def test_the_entry_of_an_invoice_says_its_first_line_and_how_many_more(desk: Desk):
    d = shop(desk)
    serve(d)
    serve(d, code="B")
    serve(d, "C2")
    bill(d, "2026-09-01")
    told = d.column("select text from entry where kind = 'invoice' order by id")
    assert [str(t).startswith("Plan A") for t in told] == [True, True]
    assert [str(t).endswith(" +1") for t in told] == [True, False]


def test_an_invoice_of_another_program_says_its_own_amount_alone(desk: Desk, tmp_path: Path):
    """A file has its rows in any order, and its payments behind its invoices: a balance of them was never anybody's."""
    rows = [
        "C1,A3,2026-03-01,2026-03-31,30.00,2026-03-20",
        "C1,A1,2026-01-01,2026-01-31,10.00,2026-01-20",
        "C1,A2,2026-02-01,2026-02-28,20.00,",
    ]
    head = "account,number,issued,due,amount,settled"
    (tmp_path / "old.csv").write_text("\n".join([head, *rows, ""]))
    profile = Profile("settled-invoices", {name: (name,) for name in head.split(",")})
    assert files.run(desk.session, tmp_path / "old.csv", profile).created == 3
    for number, amount in (("A1", 1000), ("A2", 2000), ("A3", 3000)):
        paper = documents.of_invoice(desk.session, credit_parts.invoice(desk.session, number), look=True)
        assert (paper.previous, paper.since, paper.due_now) == (0, (), amount)
    # The first invoice of this book says what is left of them.
    own = desk.invoice("C1", 500)
    paper = documents.of_invoice(desk.session, credit_parts.invoice(desk.session, own), look=True)
    assert paper.due_now == 2000 + 500 == balance(desk)


def test_a_payment_that_was_known_counts_on_an_invoice_of_a_day_before_it(desk: Desk):
    """Issued as of an earlier day, also anew after an undo: the balance due is the account's, and the invoice before said the same."""
    d = shop(desk)
    serve(d)
    bill(d, "2026-09-01")
    d.pay("C1", 5000)
    run = bill(d, "2026-10-01").run

    def last() -> tuple[int, list[int], int]:
        (number,) = d.column("select number from invoice order by id desc limit 1")
        newest = documents.of_invoice(d.session, credit_parts.invoice(d.session, str(number)), look=True)
        return newest.previous, [amount for *_, amount in newest.since], newest.due_now

    assert last() == (3600, [-5000], 2200)
    assert balance(d) == 2200
    undo.undo(d.session, run, "wrong prices")
    bill(d, "2026-10-01")
    assert last() == (2200, [-3600], 2200)
    assert balance(d) == 2200
