"""Defects that a review of the write paths found, each with the sequence that shows it."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import psycopg2
import pytest

from netbill_tui.db.core.engine import CommitUnknown, Database
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.db.receivables import overdue as overdue_rows
from netbill_tui.errors import NotFound, NotSaved, OutcomeUnknown
from netbill_tui.usecases.books.create import at
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.lookup import search
from netbill_tui.usecases.receivables import overdue, payments
from netbill_tui.usecases.verify.book import verify
from tests import stretching
from tests.conftest import CLOCK, NEW, TODAY, Desk, Run
from tests.usecases.test_attacks import settled_file


def twin(desk: Desk) -> Session:
    """A second session of the same operator."""
    other = open_book(desk.target, clock=desk.session.calendar.clock)
    other.operator, other.vault = desk.session.operator, desk.session.vault
    return other


def test_a_failed_commit_on_a_book_that_is_gone_is_unknown(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk.customer()
    db = desk.session.db
    real = db.peewee.execute_sql

    def gone() -> None:
        raise NotSaved("gone")

    def fail(sql: str, *rest: object) -> object:
        if sql == "commit":
            monkeypatch.setattr(db, "connect", gone)
            raise OSError("gone")
        return real(sql, *rest)

    monkeypatch.setattr(db.peewee, "execute_sql", fail)
    with pytest.raises(OutcomeUnknown, match="do not take the money again"):
        desk.pay("C1", 100)
    monkeypatch.undo()
    db.connect()


def test_a_roll_that_cannot_commit_leaves_the_book_readable(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk.customer()
    desk.invoice("C1", 3000, due=0)
    desk.session.calendar.clock = at("2026-11-23T09:00:00")

    class Unlucky:
        def __enter__(self) -> None:
            raise CommitUnknown

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(desk.session.db, "write", Unlucky)
    assert [r.days for r in overdue.queue(desk.session)] == [1], "computed from the open items instead"
    monkeypatch.undo()
    assert overdue.sums(desk.session) == (1, 3000)


def test_a_payment_between_two_reads_of_the_queue_is_no_crash(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk.customer()
    desk.invoice("C1", 3000, due=-10)
    desk.customer("C2")
    desk.invoice("C2", 2000, due=-10)
    other = twin(desk)
    real: Callable[..., object] = overdue_rows.queued

    def pay_first(db: Database, *rest: object, **more: object) -> object:
        monkeypatch.setattr(overdue_rows, "queued", real)
        if db.kind == "postgres":
            payments.record(other, payments.PaymentRequest(b"x" * 16, "C1", 3000, "cash"))
        return real(db, *rest, **more)

    monkeypatch.setattr(overdue_rows, "queued", pay_first)
    assert [r.account for r in overdue.queue(desk.session)] == ["C1", "C2"], "one view for both reads"
    other.db.close()


def test_a_server_that_dropped_the_connection_is_asked_again(database_url: str, server: "psycopg2.extensions.connection"):
    from netbill_tui.usecases.books.create import make_book

    made = make_book(database_url, NEW, clock=CLOCK)
    desk = Desk(made.session, database_url, made)
    desk.customer()
    with server.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (database_url.rpartition("/")[2],)
        )
    assert accounts.card(desk.session, "C1").customer.account == "C1", "a read is asked again on a fresh connection"
    desk.session.db.close()


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


def test_a_promise_stands_after_another_call_on_every_date(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40)
    calls.outcome(desk.session, "C1", "m", "", TODAY + timedelta(days=9))
    calls.outcome(desk.session, "C1", "l")
    assert overdue.queue(desk.session)[0].promise_on == "2026-12-01"
    desk.session.calendar.as_of = TODAY + timedelta(days=5)
    assert overdue.queue(desk.session)[0].promise_on == "2026-12-01"
    assert overdue.queue(desk.session, work=True) == []


def test_find_as_of_a_past_day_shows_what_was_owed_then(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40, issued=date(2026, 10, 1))
    desk.pay("C1", 1000)
    desk.session.calendar.as_of = TODAY - timedelta(days=1)
    found = {h.type: h.amount for h in search.find(desk.session, "smith")} | {
        h.type: h.amount for h in search.find(desk.session, "INV-000001")
    }
    assert found == {"customer": 3000, "invoice": 3000}
    assert invoice_rows.balance_as_of(desk.session.db, 1, "2026-11-21") >= 0


def test_postings_and_imports_at_once_on_a_server_neither_deadlock_nor_lose(database_url: str, netbill: Run, tmp_path: Path):
    import subprocess

    env = {**netbill.environment, "NETBILL_BOOK": database_url}  # type: ignore[attr-defined]
    netbill(
        "init",
        "--company",
        "A",
        "--currency",
        "USD",
        "--timezone",
        "UTC",
        "--no-input",
        env={"NETBILL_BOOK": database_url},
        check=0,
    )
    (tmp_path / "c.csv").write_text("account\n" + "".join(f"C{n}\n" for n in range(20)))
    (tmp_path / "c.toml").write_text("kind = 'customers'\n[columns]\naccount = 'account'\n")
    netbill("import", "--profile", "c.toml", "c.csv", env={"NETBILL_BOOK": database_url}, check=0)
    settled_file(tmp_path, rows=2000, accounts=20)
    base = list(stretching.NETBILL)
    running = [subprocess.Popen([*base, "import", "--profile", "p.toml", "f.csv"], cwd=tmp_path, env=env, stdout=-3, stderr=-1)]
    for n in range(8):
        words = [*base, "pay", f"C{n}", f"{n + 1}.00", "--method", "cash", "--yes"]
        running.append(subprocess.Popen(words, cwd=tmp_path, env=env, stdout=-3, stderr=-1))
    assert [(p.communicate()[1], p.returncode) for p in running] == [(b"", 0)] * 9
    assert netbill("verify", "--json", env={"NETBILL_BOOK": database_url}, check=0).json["ok"]  # type: ignore[index]


def test_a_demo_book_without_its_key_says_so_before_the_screen_is_taken(netbill: Run, tmp_path: Path):
    from netbill_tui.usecases.demo import book
    from tests.terminal.terminal import Terminal

    target = tmp_path / "d.db"
    book.make(str(target), customers=2, months=1).session.db.close()
    book.key_file(str(target)).unlink()
    one = Terminal(["tui", "--book", str(target)], {"HOME": str(tmp_path)})
    assert one.wait() == 78
    while one.read(0.2):
        pass
    assert b"demo-key" in one.raw.replace(b"\r\n", b"")
    assert b"\x1b[?1049h" not in one.raw
    one.close()


def test_verify_stays_silent_after_all_of_it(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40)
    calls.outcome(desk.session, "C1", "m", "", TODAY)
    desk.pay("C1", 1000)
    desk.session.calendar.clock = at("2026-11-25T09:00:00")
    overdue.sums(desk.session)
    assert [b for c in verify(desk.session) for b in c.broken] == []
