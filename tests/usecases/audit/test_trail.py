"""The trail of an account: every change, every document, in words as people read them."""

import json
from pathlib import Path

from netbill_tui.billing.core.dates import dates_as_shown
from netbill_tui.db.audit.trail import Event
from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.customers import notes, tags
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.receivables import payments
from tests.conftest import Desk


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


def test_the_audit_of_an_account_shows_its_payments_too(desk: Desk):
    desk.customer("C1")
    receipt = desk.pay("C1", 500).row.receipt
    tags.tag(desk.session, "C1", "vip")
    found = trail.of_account(desk.session, "C1")
    assert [(e.action, e.object) for e in found][:2] == [("tag.add", "C1"), ("payment.record", receipt)]
    assert trail.words(found[0]) == "tag vip"
    assert [e.action for e in trail.of_record(desk.session, receipt)] == ["payment.record"]


def event(action: str, **detail: object) -> Event:
    return Event(1, 0, "boss", "s", action, "C1", json.dumps(detail))


def test_the_trail_tells_amounts_days_moments_and_answers_as_people_read_them(sqlite_desk: Desk):
    session = sqlite_desk.session
    assert (
        trail.sentence(session, event("service.end", on="2026-11-22", reason="2026-11-22")) == "on 22 Nov 26, reason 2026-11-22"
    )
    assert trail.sentence(session, event("x", amount=1250, count=1250, paid=True)) == "amount 12.50, count 1250, paid yes"
    assert trail.sentence(session, event("operator.limit", before=5000)) == "before 50.00"
    assert trail.sentence(session, event("book.rule", before=5000)) == "before 5000"
    assert trail.sentence(session, event("x", request="0123456789abcdef0", record="short")) == "request 01234567.., record short"
    assert trail.sentence(session, event("x", expires=0)) == "expires 01 Jan 70 00:00:00"


def test_a_sentence_has_its_dates_as_the_screens_print_them_and_nothing_that_may_be_copied():
    assert dates_as_shown("It ends on 2026-11-22.") == "It ends on 22 Nov 26."
    assert dates_as_shown("Type it as 2026-11-22.") == "Type it as 2026-11-22."
    assert dates_as_shown("No date at all") == "No date at all"
