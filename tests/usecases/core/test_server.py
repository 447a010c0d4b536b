"""A line that dies and a commit that fails: what is asked again, and what is never called saved."""

from contextlib import suppress

import psycopg2
import pytest

from netbill_tui.db.core.engine import CommitUnknown
from netbill_tui.db.core.opening import open_database
from netbill_tui.db.core.statements import Statement
from netbill_tui.errors import BookProblem, NetbillError, NotSaved, OutcomeUnknown, Rejected, causes
from netbill_tui.usecases.books.create import at
from netbill_tui.usecases.customers import accounts, notes
from netbill_tui.usecases.lookup import lists
from netbill_tui.usecases.receivables import overdue
from tests.conftest import CLOCK, NEW, Desk, sound


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


def test_a_failed_commit_on_a_book_that_is_gone_is_unknown(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk.customer()
    db = desk.session.db
    # A server gets the commit with what waits before it, in one flight; a file gets it through the driver.
    where, sends, commit = (db, "_ask", b"commit") if db.kind == "postgres" else (db.peewee, "execute_sql", "commit")
    real = getattr(where, sends)

    def gone() -> None:
        raise NotSaved("gone")

    def fail(sql: object, *rest: object) -> object:
        if sql == commit:
            monkeypatch.setattr(db, "connect", gone)
            raise OSError("gone")
        return real(sql, *rest)

    monkeypatch.setattr(where, sends, fail)
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


def test_what_the_server_refuses_with_the_commit_is_not_saved_and_says_why(postgres_desk: Desk):
    """Statements that wait are refused when they are sent: with a read, by `flush`, or with the commit."""
    db, twice = postgres_desk.session.db, Statement("insert into number_series (name, next) values (?, 1)")
    postgres_desk.customer()
    before = postgres_desk.column("select name from number_series order by 1")
    with pytest.raises(Rejected), db.write():
        db.run(twice, ("receipt",))
    with pytest.raises(Rejected), db.write():
        db.run(twice, ("receipt",))
        db.flush()
    with pytest.raises(Rejected), db.write():
        db.run(twice, ("other",))
        db.run(twice, ("receipt",))
        db.rows(Statement("select 1"))
    assert postgres_desk.column("select name from number_series order by 1") == before
    postgres_desk.pay("C1", 100)
    assert sound(postgres_desk)


def test_a_transaction_that_changes_nothing_sends_nothing(postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    db, sent = postgres_desk.session.db, []
    real = db._ask
    monkeypatch.setattr(db, "_ask", lambda statement: sent.append(statement) or real(statement))
    with db.write():
        pass
    with db.reading():
        pass
    assert sent == []
    with db.write():
        db.run(Statement("update number_series set next = next where name = ?"), ("id",))
    assert sent == [b"commit"]
    with db.reading():
        assert db.row(Statement("select 1")) == (1,)
    assert sent == [b"commit", b"select 1"]


def test_a_line_that_died_is_made_anew_behind_what_only_waits(postgres_desk: Desk):
    """What waits was not seen by the server: it is sent again with the first read on the new line."""
    db = postgres_desk.session.db
    postgres_desk.customer()
    (line,) = postgres_desk.column("select pg_backend_pid()")
    with psycopg2.connect(postgres_desk.target) as other, other.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", (line,))
    other.close()
    with db.write():
        db.run(Statement("update number_series set next = next + 7 where name = ?"), ("id",))
        assert db.row(Statement("select 1")) == (1,)
    postgres_desk.customer("C2")
    assert sound(postgres_desk)


def test_an_error_that_led_to_itself_is_looked_through_once():
    one, two = OSError("gone"), NotSaved("nothing was saved")
    one.__context__, two.__cause__ = two, one
    assert list(causes(two)) == [two, one]


def test_a_view_whose_first_read_fails_leaves_the_line_fit_for_the_next(postgres_desk: Desk):
    """The first statement brings the begin along: what failed with it has begun too."""
    db = postgres_desk.session.db
    with pytest.raises(NetbillError), db.reading():
        db.rows(Statement("select * from no_such_table"))
    assert db.row(Statement("select 1")) == (1,)
    postgres_desk.customer()
    with pytest.raises(NetbillError), db.write():
        db.rows(Statement("select * from no_such_table"))
    assert db.row(Statement("select count(*) from customer")) == (1,)
    assert sound(postgres_desk)


def test_what_failed_outside_a_transaction_is_not_sent_again(postgres_desk: Desk):
    db, twice = postgres_desk.session.db, Statement("insert into number_series (name, next) values (?, 1)")
    with pytest.raises(Rejected):
        db.run_many(twice, [("receipt",)])
    assert db.row(Statement("select 1")) == (1,)
    with db.write(), pytest.raises(RuntimeError, match="within a transaction"), db.reading():
        pass
    with pytest.raises(NotSaved), db.write(), suppress(Rejected):
        db.run_many(twice, [("receipt",)])
        db.flush()


def test_an_address_that_cannot_be_read_is_one_sentence():
    with pytest.raises(BookProblem, match="postgresql://USER@HOST/DATABASE"):
        open_database("postgresql://root@127.0.0.1/x?optoins=y")


def test_nothing_is_called_unsaved_while_its_commit_may_go_on(postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """The line was cut in the flight of the commit, and somebody, perhaps that commit, still holds the book."""
    desk, locked = postgres_desk, psycopg2.connect(postgres_desk.target)
    desk.customer()
    db = desk.session.db
    real = db._ask

    def cut(statement: bytes) -> object:
        if statement == b"commit":
            locked.cursor().execute("select 1 from kept_state where id = 1 for update")
            db.peewee.connection().close()
            raise OSError("cut")
        return real(statement)

    monkeypatch.setattr(db, "_ask", cut)
    with pytest.raises(OutcomeUnknown, match="do not take the money again"):
        desk.pay("C1", 100)
    monkeypatch.undo()
    locked.close()
    db.connect()
    assert desk.pay("C1", 100).row.amount == 100
