"""The book: schema on both engines, posted rows that stay, pages, and the write protocol."""

import os
import sqlite3
import threading
from pathlib import Path
from typing import get_args

import pytest

from netbill_tui.db.core import migrate, posted, tables
from netbill_tui.db.core.engine import CommitUnknown
from netbill_tui.db.core.opening import open_database
from netbill_tui.db.core.paging import FIRST, Page, read_page
from netbill_tui.db.core.statements import Keyset, Statement
from netbill_tui.db.core.transaction import columns
from netbill_tui.db.receivables import day_sums
from netbill_tui.errors import BookProblem, Busy, NetbillError
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.unit_of_work import writing
from tests.conftest import CLOCK, Desk

POSTED = ("invoice", "invoice_line", "payment", "payment_event", "allocation", "entry", "dispute_event", "note", "posting_request",
          "audit_event")  # fmt: skip


def filled(desk: Desk) -> Desk:
    desk.customer()
    desk.invoice("C1", 3000, due=-10)
    payment = desk.pay("C1", 1000)
    from netbill_tui.usecases.collections import calls
    from netbill_tui.usecases.receivables.payments import reverse

    reverse(desk.session, payment.row.receipt, "wrong account")
    calls.outcome(desk.session, "C1", "d", "speed was never reached")
    return desk


def test_a_new_book_has_exactly_our_tables(desk: Desk):
    assert migrate.differences(desk.session.db) == []
    assert migrate.applied(desk.session.db) == migrate.known()
    assert migrate.upgrade(desk.session.db) == []


@pytest.mark.parametrize("table", POSTED)
def test_the_database_itself_refuses_to_change_what_is_posted(desk: Desk, table: str):
    db = filled(desk).session.db.peewee
    before = db.execute_sql(f"select * from {table} order by 1").fetchall()
    assert before, f"nothing to protect in {table}"
    column = db.execute_sql(f"select * from {table} limit 1").description[-1][0]
    attacks = [f"update {table} set {column} = {column}", f"delete from {table}"]
    if desk.session.db.kind == "sqlite":
        attacks += [
            f"insert or replace into {table} select * from {table}",
            f"replace into {table} select * from {table} limit 1",
        ]
    else:
        key = "uid" if table == "posting_request" else "seq" if table == "audit_event" else "id"
        attacks += [
            f"truncate {table} cascade",
            f"insert into {table} select * from {table} on conflict ({key}) do update set {column} = 0",
        ]
    for attack in attacks:
        with pytest.raises(Exception, match="never changed|syntax|type"):
            db.execute_sql(attack)
    assert db.execute_sql(f"select * from {table} order by 1").fetchall() == before


def test_another_program_cannot_replace_a_posted_row_either(sqlite_desk: Desk):
    filled(sqlite_desk).session.db.close()
    other = sqlite3.connect(sqlite_desk.target)  # with recursive_triggers off, as it comes
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        other.execute("insert or replace into payment select * from payment")
    other.close()


def test_both_engines_give_the_same_values_and_types(desk: Desk):
    """One decoder serves both, so a value must come as the same Python type from each."""
    from netbill_tui.db.customers import accounts
    from netbill_tui.db.receivables import invoices, overdue
    from netbill_tui.usecases.lookup import search
    from netbill_tui.usecases.receivables import dues
    from netbill_tui.usecases.receivables import overdue as queue

    db = filled(desk).session.db
    customer = accounts.by_account(db, "C1")
    assert customer is not None
    assert type(customer.uid) is bytes
    assert type(customer.paperless) is bool
    totals = accounts.totals(db, customer.id)
    assert (totals.balance, totals.open, totals.credit, totals.overdue) == (3000, 3000, 0, 3000)
    assert {type(v) for v in (totals.balance, *db.together(accounts.reading_sums(customer.id))[0])} == {int}
    assert {type(v) for v in (*invoices.falling_due(db, "0000-01-01", "9999-01-01"), *overdue.sums(db))} == {int}
    due = dues.page(desk.session)[0]
    assert [type(v) for v in (due.id, due.due, due.open, due.days, due.disputed)] == [int, str, int, int, bool]
    row = queue.queue(desk.session)[0]
    assert [type(v) for v in (row.days, row.overdue, row.invoices, row.disputed)] == [int] * 4
    hit = search.find(desk.session, "smith")[0]
    assert [type(v) for v in (hit.amount, hit.name)] == [int, str]
    assert type(day_sums.takings(db, "2026-11-22")) is dict
    assert {type(v) for row in db.rows(Statement("select prev, hash, row_hashes from audit_event")) for v in row} <= {
        bytes,
        memoryview,
    }


def test_pages_by_key_go_forward_and_back_over_every_row(desk: Desk):
    desk.customer()
    for n in range(23):
        desk.pay("C1", 100 + n % 3, received=f"2026-11-{20 - n % 5}")
    keyset = Keyset("select received_on, id from payment", "amount > ?", "received_on desc", "id desc", size=5)
    db = desk.session.db
    whole = [tuple(r) for r in db.rows(Statement("select received_on, id from payment order by 1 desc, 2 desc"))]
    seen, which = [], FIRST
    while page := read_page(db, keyset, (0,), which):
        seen += page
        which = Page(after=page[-1])
    assert seen == whole
    back, which = [], Page(last=True)
    while page := read_page(db, keyset, (0,), which):
        back = page + back
        which = Page(before=page[0])
    assert back == whole


def test_an_error_rolls_everything_back(desk: Desk):
    desk.customer()
    before = desk.column("select count(*) from audit_event")
    with pytest.raises(RuntimeError), writing(desk.session, "import") as tx:
        tx.take("receipt")
        tx.note("test", "x", {})
        raise RuntimeError
    assert desk.column("select count(*) from audit_event") == before
    assert desk.pay("C1", 100).row.receipt == "R-10001", "a rolled-back number is given again: no gap"


def test_every_transaction_has_one_event_and_the_chain_has_no_gap(desk: Desk):
    filled(desk)
    seqs = desk.column("select seq from audit_event order by seq")
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_connection_has_the_pragmas_that_money_needs(sqlite_desk: Desk):
    db = sqlite_desk.session.db.peewee
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "cell_size_check": 1, "mmap_size": 0,
              "trusted_schema": 0, "recursive_triggers": 1, "wal_autocheckpoint": 0, "busy_timeout": 5000}  # fmt: skip
    assert {name: db.execute_sql(f"pragma {name}").fetchone()[0] for name in wanted} == wanted


def test_a_writer_waits_for_another_program_and_then_says_busy(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    sqlite_desk.customer()
    other = sqlite3.connect(sqlite_desk.target, isolation_level=None)
    other.execute("begin immediate")
    sqlite_desk.session.db.peewee.execute_sql("pragma busy_timeout = 50")
    with pytest.raises(Busy, match="nothing was saved"):
        sqlite_desk.pay("C1", 100)
    other.execute("rollback")
    other.close()
    assert sqlite_desk.pay("C1", 100).row.receipt == "R-10001"


def test_the_ticket_is_waited_for_in_line(sqlite_desk: Desk):
    from netbill_tui.db.core.sqlite import SqliteBook

    db = sqlite_desk.session.db
    assert isinstance(db, SqliteBook)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with db._lock.held(wait_s=1):
            entered.set()
            leave.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(5)
    with pytest.raises(Busy), db._lock.held(wait_s=0.05):
        pass
    leave.set()
    holder.join()
    with db._lock.held(wait_s=1):
        assert os.stat(f"{sqlite_desk.target}.lock").st_mode & 0o777 == 0o600


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_book_that_was_replaced_stops_the_session(sqlite_desk: Desk, how: str):
    sqlite_desk.customer()
    os.rename(sqlite_desk.target, sqlite_desk.target + ".old")
    if how == "replaced":
        with open(sqlite_desk.target, "wb") as file:
            file.write(b"x")
    with pytest.raises(BookProblem, match=how):
        sqlite_desk.pay("C1", 100)


def test_a_failed_commit_that_was_stored_is_answered_as_saved(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk.customer()
    db = desk.session.db
    real = db.peewee.execute_sql

    def stored_but_lost(sql: str, *rest: object) -> object:
        result = real(sql, *rest)
        if sql == "commit":
            monkeypatch.setattr(db.peewee, "execute_sql", real)
            raise OSError("fsync failed")
        return result

    monkeypatch.setattr(db.peewee, "execute_sql", stored_but_lost)
    assert desk.pay("C1", 700).row.receipt == "R-10001"
    assert desk.column("select count(*) from payment") == [1]


def test_a_failed_commit_that_was_not_stored_is_never_called_saved(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    sqlite_desk.customer()
    db = sqlite_desk.session.db
    real = db.peewee.execute_sql

    def not_stored(sql: str, *rest: object) -> object:
        if sql == "commit":
            monkeypatch.setattr(db.peewee, "execute_sql", real)
            raise OSError("fsync failed")
        return real(sql, *rest)

    monkeypatch.setattr(db.peewee, "execute_sql", not_stored)
    with pytest.raises(NetbillError, match="safe to try again"):
        sqlite_desk.pay("C1", 700)
    assert sqlite_desk.column("select count(*) from payment") == [0]
    with pytest.raises(CommitUnknown):
        raise CommitUnknown


def test_a_foreign_newer_or_open_book_is_refused_with_what_to_do(sqlite_desk: Desk, tmp_path):
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("create table t(x)")
    connection.commit()
    connection.close()
    foreign.chmod(0o600)
    with pytest.raises(BookProblem, match="not a netbill book"):
        open_database(str(foreign))
    text = tmp_path / "text.db"
    text.write_text("hello " * 100)
    text.chmod(0o600)
    with pytest.raises(BookProblem, match="not a netbill book"):
        open_database(str(text))
    with pytest.raises(BookProblem, match="netbill init"):
        open_database(str(tmp_path / "none.db"))
    sqlite_desk.session.db.peewee.execute_sql("insert into schema_migration (name, applied) values ('9999_ahead', '2030-01-01')")
    with pytest.raises(BookProblem, match="newer netbill"):
        open_book(sqlite_desk.target, clock=CLOCK)
    os.chmod(sqlite_desk.target, 0o644)
    with pytest.raises(BookProblem, match="chmod 600"):
        open_database(sqlite_desk.target)


def test_files_are_their_owners_alone_whatever_the_umask(tmp_path):
    from netbill_tui.usecases.demo import book

    for mask in (0o000, 0o022, 0o077):
        before = os.umask(mask)
        try:
            target = tmp_path / f"made{mask}" / "book.db"
            made = book.make(str(target), customers=2, months=1)
            modes = {p.name: p.stat().st_mode & 0o777 for p in target.parent.iterdir()}
            made.session.db.close()
        finally:
            os.umask(before)
        assert set(modes.values()) == {0o600}, modes
        assert target.parent.stat().st_mode & 0o777 == 0o700


def test_a_book_that_is_written_anew_leaves_no_setting_and_no_file_behind(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SQLITE_TMPDIR", "/nowhere")
    db = sqlite_desk.session.db
    sqlite_desk.customer()
    before = sorted(p.name for p in Path(sqlite_desk.target).parent.iterdir())
    db.compact()
    assert sqlite_desk.column("pragma temp_store") == [2]
    assert os.environ["SQLITE_TMPDIR"] == "/nowhere"
    assert sorted(p.name for p in Path(sqlite_desk.target).parent.iterdir()) == before
    assert sqlite_desk.column("select account from customer") == ["C1"]


def test_a_server_described_at_once_differs_as_when_each_table_is_asked(postgres_desk: Desk):
    from playhouse.schema_diff import diff_models

    db = postgres_desk.session.db

    def told() -> list[str]:
        with db.peewee.bind_ctx(list(tables.ALL), bind_refs=False, bind_backrefs=False):
            asked = str(diff_models(db.peewee, list(tables.ALL))).splitlines()
        assert migrate.differences(db) == asked
        return asked

    assert told() == []
    for number, change in enumerate(
        (
            "alter table note add column extra text", "alter table note drop column text", "create index one on note (extra, id)",
            "create unique index two on note (id) where extra is null", "create index three on customer (lower(account))",
            'alter table import_run add column "Odd ""name" text', 'create index four on import_run ("Odd ""name")', "drop table saved_view cascade",
        ),
        1,
    ):  # fmt: skip
        db.peewee.execute_sql(change)
        assert len(told()) >= number, change


def _linked(desk: Desk, place: Path, mode: int) -> Path:
    """Another name of the book: a link in a folder of a mode, which another link leads to."""
    place.mkdir()
    (place / "link").symlink_to(Path(desk.target).parent)
    (place.parent / f"to-{place.name}").symlink_to(place / "link")
    place.chmod(mode)
    return place.parent / f"to-{place.name}" / Path(desk.target).name


@pytest.mark.parametrize(("mode", "good"), [(0o755, True), (0o1777, True), (0o777, False), (0o775, False)])
def test_a_link_that_others_can_turn_leads_to_no_book(sqlite_desk: Desk, tmp_path: Path, mode: int, good: bool):
    typed = _linked(sqlite_desk, tmp_path / "links", mode)
    if mode == 0o775:
        os.chown(tmp_path / "links", -1, 65534)
    if good:
        assert open_book(str(typed)).db.path == Path(sqlite_desk.target)  # type: ignore[attr-defined]
    else:
        with pytest.raises(BookProblem, match="links can be written by others"):
            open_book(str(typed))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a link to another user")
def test_a_link_of_somebody_else_leads_to_no_book(sqlite_desk: Desk, tmp_path: Path):
    typed = _linked(sqlite_desk, tmp_path / "links", 0o1777)
    os.lchown(tmp_path / "links" / "link", 65534, 65534)
    with pytest.raises(
        BookProblem, match=r"is a link of nobody, who could point it to another book; name the book itself: .*book\.db"
    ):
        open_book(str(typed))


def test_a_posted_row_has_the_columns_of_its_table():
    """In their order, but the audit event that vouches for it; a column may keep a name that the code has no more."""
    renamed = {"again": "recharge"}
    for row in get_args(posted.Row):
        fields = [renamed.get(name, name) for name in columns(posted.table_of(row))]
        assert [*row._fields, "audit_seq"] == fields, row  # type: ignore[attr-defined]
