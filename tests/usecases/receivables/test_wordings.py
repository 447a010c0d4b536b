"""What a document says is stored with it: whatever changes later, it is printed again as it was."""

import json
from pathlib import Path

import pytest

from netbill_tui.billing.receivables.documents import Printed
from netbill_tui.db.customers import former
from netbill_tui.documents.invoice import invoice_text
from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.profiles import Profile
from netbill_tui.integrations.words import TABLES
from netbill_tui.usecases.billing_run import undo
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.customers import accounts, changes, tags
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.receivables import credit_notes, credit_parts, documents, paper, wordings
from netbill_tui.usecases.services import events
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import balance, bill, serve, shop


def printed(desk: Desk, number: str) -> Printed:
    if number.startswith("CN"):
        return documents.of_credit_note(desk.session, credit_parts.credit_note(desk.session, number), look=True)
    return documents.of_invoice(desk.session, credit_parts.invoice(desk.session, number), look=True)


def numbers(desk: Desk) -> list[str]:
    return [str(n) for n in desk.column("select number from invoice union all select number from credit_note order by number")]


def book(desk: Desk) -> Desk:
    """Runs, payments, a change in mid-period, credit notes by hand and by runs, and the undo of a run."""
    d = shop(desk)
    rules.set_rule(d.session, "seller", "Acme Net|1 High Street|Bath|GB|GB1|")
    s = serve(d, "C1", code="B", address="7 Mill Road")
    serve(d, "C1")
    serve(d, "C2")
    bill(d, "2026-09-01")
    d.pay("C1", 5000, method="cheque", reference="CHQ 77")
    events.schedule_event(d.session, s, "change", {"on": "2026-09-16", "code": "A"})
    bill(d, "2026-10-01")
    credit_notes.credit(d.session, "INV-000002", "line was down", amount=600)
    run = bill(d, "2026-11-01").run
    undo.undo(d.session, run, "wrong prices")
    bill(d, "2026-11-01")
    return d


def test_what_is_stored_is_what_was_in_force(desk: Desk):
    """Gathered from the books of then, as it is of older documents, everything is the same."""
    d = book(desk)
    assert len(numbers(d)) > 8
    assert d.column("select count(*) from document_wording") == [len(numbers(d))]
    for number in numbers(d):
        read = credit_parts.credit_note if number.startswith("CN") else credit_parts.invoice
        whole = read(d.session, number)
        who = former.addressee(d.session.db, whole.head.customer_id, whole.head.audit_seq)
        at = wordings.Now(rules.rules(d.session), who, "en")
        stored, gathered = wordings.of(d.session, whole, at), wordings.gathered(d.session, whole, at)
        assert stored._replace(since=()) == gathered._replace(since=()), number
        assert [(s.day, s.document, s.amount) for s in stored.since] == [(s.day, s.document, s.amount) for s in gathered.since]
    newest = printed(d, str(d.column("select number from invoice where customer_id = (select id from customer where account = 'C1') "
                                     "order by id desc limit 1")[0]))  # fmt: skip
    assert newest.due_now == balance(d)
    sound(d)


def test_nothing_that_changes_later_changes_what_a_document_says(desk: Desk):
    d = book(desk)
    before = {number: invoice_text(printed(d, number)) for number in numbers(d)}
    assert "cheque CHQ 77" in "".join(before.values())
    assert "at 7 Mill Road" in before["INV-000001"]
    changes.change(d.session, "C1", {"name": "Doe, Jane", "town": "Wells", "street": "9 New Street", "language": "de"})
    rules.set_rule(d.session, "seller", "Other Net|2 Low Street|Wells|FR|FR2|")
    rules.set_rule(d.session, "instructions", "Pay elsewhere.")
    rules.set_rule(d.session, "language", "fr")
    d.pay("C1", 100)
    for service in d.column("select id from service"):
        events.schedule_event(d.session, int(str(service)), "end", {"on": "2026-12-31"})
    assert {number: invoice_text(printed(d, number)) for number in before} == before
    bill(d, "2026-12-01")
    after = {number: invoice_text(printed(d, number)) for number in numbers(d) if number not in before}
    assert after
    first = next(text for text in after.values() if "C1\n" in text)
    assert "RECHNUNG" in first
    assert "Doe, Jane" in first
    assert "Other Net" in first
    assert "Pay elsewhere." in first
    second = next(text for text in after.values() if "C2\n" in text)
    assert "FACTURE" in second
    sound(d)


def test_several_bills_and_a_credit_note_in_one_run_go_on_from_each_other(desk: Desk):
    d = shop(desk)
    serve(d)
    d.pay("C1", 1000)
    bill(d, "2026-11-01", catch_up="all")
    papers = [printed(d, number) for number in numbers(d)]
    assert [p.previous for p in papers] == [0, 2600, 6200]
    assert [[s.amount for s in p.since] for p in papers] == [[-1000], [], []]
    assert [p.due_now for p in papers] == [2600, 6200, 9800]
    assert papers[-1].due_now == balance(d)
    sound(d)


def test_a_changed_wording_is_seen_by_verify(sqlite_desk: Desk):
    d = shop(sqlite_desk)
    serve(d)
    bill(d, "2026-09-01")
    d.session.db.peewee.execute_sql("drop trigger document_wording_no_update")
    body = json.loads(str(d.column("select body from document_wording")[0]))
    d.session.db.peewee.execute_sql("update document_wording set body = ?", (json.dumps(body | {"name": "Somebody else"}),))
    assert any(check.broken for check in verify(d.session))


def test_a_customer_has_a_language_by_every_road(desk: Desk, tmp_path: Path):
    desk.customer("C1", "Smith, John")
    for typed, kept in (("de", "de"), ("ES", "es"), ("", "")):
        assert changes.change(desk.session, "C1", {"language": typed}).language == kept
    with pytest.raises(InvalidInput, match="Language: 'xx' is not one of en, de, es, fr"):
        changes.change(desk.session, "C1", {"language": "xx"})
    assert changes.create(desk.session, {"name": "Ruiz, Ana", "account": "C2", "language": "es"}).language == "es"
    head = "account,name,language"
    (tmp_path / "c.csv").write_text(f"{head}\nC1,,FR\nC3,Roe,de\nC4,Poe,klingon\n")
    done = files.run(desk.session, tmp_path / "c.csv", Profile("customers", {n: (n,) for n in head.split(",")}))
    assert (done.created, done.updated) == (2, 1)
    assert [(r.line, r.column) for r in done.cells] == [(4, "language")]
    known = {a: accounts.find_customer(desk.session, a).language for a in ("C1", "C2", "C3", "C4")}
    assert known == {"C1": "fr", "C2": "es", "C3": "de", "C4": ""}
    sound(desk)
    assert TABLES["customers"]["language"]["deutsch"] == "de"
    desk.session.db.peewee.execute_sql("update customer_language set language = 'en' where language = 'de'")
    assert any("C3" in sentence for check in verify(desk.session) for sentence in check.broken)


def test_statements_and_receipts_are_in_the_language_of_the_customer(desk: Desk):
    d = shop(desk)
    serve(d)
    bill(d, "2026-09-01")
    d.pay("C1", 3600, method="cash")
    changes.change(d.session, "C1", {"language": "de", "town": "Wien", "postcode": "1010"})
    receipt = paper.paper(d.session, paper.RECEIPT, "R-10001", pdf=False).content.decode()
    assert "QUITTUNG R-10001" in receipt
    assert "36,00" in receipt
    assert "bar" in receipt
    statement = paper.paper(d.session, paper.STATEMENT, "C1", pdf=False).content.decode()
    assert "KONTOAUSZUG C1" in statement
    assert "01.09.2026" in statement
    assert max(map(len, (receipt + statement).splitlines())) <= 80
    for kind, number in ((paper.RECEIPT, "R-10001"), (paper.STATEMENT, "C1"), (paper.INVOICE, "INV-000001")):
        assert paper.paper(d.session, kind, number, pdf=True).content.startswith(b"%PDF-")


def test_a_tag_makes_the_documents_of_a_customer_large(desk: Desk):
    d = shop(desk)
    serve(d)
    bill(d, "2026-09-01")
    assert not printed(d, "INV-000001").large
    tags.tag(d.session, "C1", documents.LARGE)
    assert printed(d, "INV-000001").large


@pytest.mark.parametrize(
    ("country", "rule", "sheet"), [("US", "", "Letter"), ("DE", "", "A4"), ("US", "A4", "A4"), ("GB", "Letter", "Letter")]
)
def test_the_paper_is_that_of_the_country_unless_the_owner_chose(desk: Desk, country: str, rule: str, sheet: str):
    desk.session.book = desk.session.book._replace(country=country)
    if rule:
        rules.set_rule(desk.session, "paper", rule)
    desk.customer("C1")
    customer = accounts.find_customer(desk.session, "C1")
    assert documents.style_of(desk.session, customer.id).style.paper == sheet
    with pytest.raises(InvalidInput, match="Type paper as one of"):
        rules.set_rule(desk.session, "paper", "A5")
