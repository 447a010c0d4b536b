"""The demo book: sound, the same for the same seed, and opened by its own key only."""

from pathlib import Path

import pytest

from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.errors import KeyProblem
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.core import demo_key
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.customers import profiles
from netbill_tui.usecases.demo import book
from netbill_tui.usecases.receivables import documents, payments
from netbill_tui.usecases.services import events, subscriptions
from netbill_tui.usecases.verify.book import verify
from tests.conftest import CLOCK


def test_the_key_of_another_demo_opens_nothing(tmp_path: Path):
    target = str(tmp_path / "d.db")
    tmp_path.chmod(0o700)
    book.make(target, customers=1, months=1).session.db.close()
    key = demo_key.key_file(target)
    whole = key.read_bytes()
    for wrong in (whole[:-1], whole[:64] + bytes(16), b""):
        key.write_bytes(wrong)
        session = open_book(target)
        with pytest.raises(KeyProblem, match="is not the key of this demo book"):
            sign_in.sign_in_with_bundle(session, "demo", key)
        session.db.close()


def test_the_demo_book_is_sound_and_the_same_for_the_same_seed(tmp_path: Path):
    tmp_path.chmod(0o700)
    balances = []
    for name in ("a.db", "b.db"):
        made = book.make(str(tmp_path / name), customers=60, months=8, clock=CLOCK)
        assert all(not c.broken for c in verify(made.session))
        balances.append(made.session.db.peewee.execute_sql("select account, balance from customer_total order by 1").fetchall())
        assert made.invoices > 300
        assert made.payments > 250
        made.session.db.close()
    assert balances[0] == balances[1]


def test_the_last_months_are_billed_by_the_run_so_that_lines_say_why_and_are_given_back(tmp_path: Path):
    tmp_path.chmod(0o700)
    session = book.make(str(tmp_path / "d.db"), customers=40, months=6, clock=CLOCK).session
    assert len(issue.runs(session)) > 20
    whole = next(w for w, _ in documents.every(session) if w.head.bill_date > "2026-11-01")
    assert any("whole period" in line for line in documents.why_line(session, whole, 1))
    (account,) = session.db.peewee.execute_sql(f"select account from customer where id = {whole.head.customer_id}").fetchone()
    for row in subscriptions.of_account(session, account):
        events.schedule_event(session, row.service.id, "end", {"on": str(session.today()), "policy": "days"})
    assert issue.issue(session, session.today(), pause_s=0).credits == 1
    assert all(not c.broken for c in verify(session))
    session.db.close()


def test_a_demo_book_signs_in_by_its_own_key_only(tmp_path: Path):
    tmp_path.chmod(0o700)
    target = str(tmp_path / "d.db")
    book.make(target, customers=2, months=1, clock=CLOCK).session.db.close()
    session = open_book(target, clock=CLOCK)
    sign_in.sign_in_with_bundle(session, "demo", demo_key.key_file(target))
    assert profiles.show_contact(session, "C10001")
    demo_key.key_file(target).chmod(0o644)
    with pytest.raises(KeyProblem, match="chmod 600"):
        sign_in.sign_in_with_bundle(session, "demo", demo_key.key_file(target))
    session.db.close()


def test_a_demo_book_can_stand_on_a_server_and_is_worked_in(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    made = book.make(database_url, customers=20, months=3, clock=CLOCK)
    made.session.db.close()
    key = demo_key.key_file(database_url)
    assert key.is_relative_to(tmp_path)
    assert key == demo_key.key_file(database_url.replace("root@", "somebody:secret@").replace("postgresql:", "postgres:"))
    session = open_book(database_url, clock=CLOCK)
    sign_in.sign_in_with_bundle(session, "demo", key)
    payments.record(session, PaymentRequest(payments.new_request_id(), "C10001", 100, "cash", confirmed="another one"))
    assert all(not c.broken for c in verify(session))
    session.db.close()
