"""What was printed, listed and written down stays as it was, and the trail of an account holds all that was done to it."""

from pathlib import Path

import psycopg2
import pytest

from netbill_tui.documents.invoice import invoice_text
from netbill_tui.documents.receipt import receipt_text
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.catalogue import rules, tax_rates
from netbill_tui.usecases.customers import accounts, changes, notes
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.lookup import lists
from netbill_tui.usecases.receivables import credit_parts, documents, payments
from netbill_tui.usecases.services import events
from tests.conftest import Desk
from tests.usecases.test_billing import bill, serve, shop, sound

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
        made, company = payments.as_printed(desk.session, payments.find_payment(desk.session, paid.row.receipt))
        return receipt_text(made, company, "EUR")

    before = text()
    assert first in before
    changes.change(desk.session, "C1", {"name": "Doe, Jane"})
    desk.invoice("C1", 400, due=-1)
    desk.pay("C1", 700)
    assert text() == before
    sound(desk)


def test_a_list_keeps_every_row_under_any_sort(desk: Desk):
    for account in ("C1", "C2", "C3", "C4"):
        desk.customer(account)
    desk.invoice("C2", 1000, due=-10)
    desk.invoice("C3", 1000, due=-40)
    for sort in ("sort:days", "sort:-days", "sort:overdue", "sort:account", ""):
        chosen = lists.read_filter(desk.session, "customers", sort)
        found = lists.every(desk.session, "customers", chosen)
        assert sorted(r.account for r in found) == ["C1", "C2", "C3", "C4"], sort
        assert lists.sums(desk.session, "customers", chosen)[0] == 4
    most = lists.every(desk.session, "customers", lists.read_filter(desk.session, "customers", "sort:-days"))
    assert [r.account for r in most][:2] == ["C3", "C2"]


def test_the_sum_below_payments_leaves_out_what_was_taken_back(desk: Desk):
    desk.customer("C1")
    desk.pay("C1", 9870)
    gone = desk.pay("C1", 1234)
    payments.reverse(desk.session, gone.row.receipt, "wrong account")
    assert lists.sums(desk.session, "payments") == (2, 9870)
    assert lists.taken_back(desk.session) == (1, 1234)


def test_the_invoices_of_an_account_are_all_of_them(desk: Desk):
    desk.customer("C1")
    for n in range(510):
        desk.invoice("C1", 100, due=-n)
    assert len(accounts.invoices_of(desk.session, "C1")) == 510


def test_the_trail_of_an_account_holds_what_a_file_changed_and_what_was_done_to_its_documents(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    desk.invoice("C1", 1000, due=-10)
    paid = desk.pay("C1", 500)
    payments.reverse(desk.session, paid.row.receipt, "wrong account")
    notes.add(desk.session, "C1", "Called")
    path = tmp_path / "c.csv"
    path.write_text("account,name,town\nC1,Doe Jane,Ely\nC2,Other,Bath\n")
    files.run(desk.session, path, Profile("customers", {n: (n,) for n in ("account", "name", "town")}))
    found = trail.of_account(desk.session, "C1")
    actions = [e.action for e in found]
    assert {"payment.record", "payment.reversed", "note.add", "import.batch"} <= set(actions)
    told = next(trail.words(e, "C1") for e in found if e.action == "import.batch")
    assert "name" in told
    assert "town" in told
    assert "C2" not in told
    assert [e.action for e in trail.of_account(desk.session, "C2")].count("import.batch") == 1


def test_a_tax_rate_that_was_only_announced_is_dropped_and_one_that_taxed_stays(desk: Desk):
    shop(desk)
    serve(desk, start="2026-11-01")
    bill(desk, "2026-11-01")
    tax_rates.add_rate(desk.session, "std", {"percent": "21", "name": "VAT 21 %", "from": "2027-01-01"})
    assert [(r.rate.percent, until) for r, until in tax_rates.rates(desk.session)] == [("20", "2027-01-01"), ("21", None)]
    with pytest.raises(NotFound):
        tax_rates.drop_rate(desk.session, "std", "2027-02-01")
    tax_rates.drop_rate(desk.session, "std", "2027-01-01")
    assert [(r.rate.percent, until) for r, until in tax_rates.rates(desk.session)] == [("20", None)]
    with pytest.raises(Refused, match="taxed with the rate"):
        tax_rates.drop_rate(desk.session, "std", "1900-01-01")
    with pytest.raises((InvalidInput, Refused)):
        tax_rates.add_rate(desk.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-11-01"})
    sound(desk)


def test_a_line_to_the_server_that_died_is_made_anew_without_a_word(postgres_desk: Desk):
    desk = postgres_desk
    desk.customer("C1")

    def cut() -> None:
        (line,) = desk.column("select pg_backend_pid()")
        with psycopg2.connect(desk.target) as other, other.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s, 5000)", (line,))
        other.close()

    cut()
    assert [r.account for r in lists.every(desk.session, "customers")] == ["C1"]
    cut()
    desk.pay("C1", 500)
    cut()
    notes.add(desk.session, "C1", "Still here")
    assert desk.column("select amount from payment") == [500]
    sound(desk)
