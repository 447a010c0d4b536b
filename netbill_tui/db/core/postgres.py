"""A book on a PostgreSQL server: READ COMMITTED, row locks in one fixed order, and sentences for its errors.

The order of locks is kept state (see kept.lock), customer, number series, audit head (docs/security.md, *Postings*).
Whoever writes takes
them in that order, so two postings wait for each other and never deadlock; should the server still give one up, it is tried
once more.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import peewee
import psycopg2
import psycopg2.extras

from netbill_tui.db.core.engine import CommitUnknown, Database, Deadlock, Interrupted, LineLost
from netbill_tui.db.core.statements import Params, Row, Statement
from netbill_tui.errors import BookProblem, Busy, NetbillError, NotSaved, Rejected
from netbill_tui.text import visible

T = TypeVar("T")

# The row of an insert that holds nothing but what is bound.
_ROW = re.compile(r" values \(%s(?:, %s)*\)")
_INVALID = Statement("select conname from pg_constraint where not convalidated")
_SETTINGS = (
    "set lock_timeout = '5s'",
    "set statement_timeout = '60s'",
    "set idle_in_transaction_session_timeout = '30s'",
    "set synchronous_commit = on",
    "set client_encoding = 'UTF8'",
    "set timezone = 'UTC'",
)


# SQLSTATE: what became of it, in words. Never told apart by the server's own words, which are in its language.
_SENTENCES: dict[str, tuple[type[NetbillError], str]] = {
    "55P03": (Busy, "Somebody else is writing to the same account; nothing was saved. Try again in a moment."),
    "3D000": (BookProblem, "The server has no such database; make it with createdb, then netbill init."),
    "42P01": (BookProblem, "The database is not a netbill book; make one with netbill init."),
    "28000": (BookProblem, "The server does not let this user in; check the user in the address, and pg_hba.conf."),
    "28P01": (BookProblem, "The server refused the password of this user; check ~/.pgpass or the address."),
    "42501": (BookProblem, "This database user has no right to do that; grant it the book's tables."),
    "53300": (Busy, "The server has no connection left; nothing was saved. Try again in a moment."),
    "53100": (NotSaved, "The server's disk is full; nothing was saved. Free some space there and try again."),
    "25006": (BookProblem, "The server only reads, as a standby does; nothing was saved. Name the primary server."),
    "P0001": (Rejected, "Posted rows are never changed; take the posting back by a reversal instead."),
}
_TOO_LONG = "The server stopped a query after one minute; nothing was saved. Ask for less, or check its load."
_UNREACHABLE = "The database server cannot be reached; check the address and that it runs."
# The server ended the connection: shut down, crashed, or waited too long for the next statement.
_ENDED = ("57P01", "57P02", "57P03", "57P05", "25P03", "25P04")


def _code(error: BaseException) -> str:
    """The SQLSTATE of an error or of what caused it; empty where the server said none."""
    seen: BaseException | None = error
    while seen is not None:
        code = getattr(seen, "pgcode", None)
        if code:
            return str(code)
        seen = seen.__cause__ or seen.__context__
    return ""


class PostgresBook(Database):
    """One database of a server."""

    kind = "postgres"

    def __init__(self, target: str) -> None:
        self._connections: dict[int, Any] = {}
        self._stopped: set[int] = set()
        self._transaction = threading.local()
        super().__init__(target)

    @property
    def _inside(self) -> bool:
        """Whether this thread is inside a transaction: what was done there cannot be repeated on another connection."""
        return bool(getattr(self._transaction, "inside", False))

    def _is_lost(self, error: BaseException) -> bool:
        """Whether an error means that the connection is gone, and not that the server refused something."""
        code = _code(error)
        if code:
            return code.startswith("08") or code in _ENDED
        connection = self._connections.get(threading.get_ident())
        dead = connection is None or bool(connection.closed)
        return dead and isinstance(error, (peewee.OperationalError, peewee.InterfaceError, psycopg2.Error))

    def _retried(self, work: Callable[[], T]) -> T:
        """Do what has not begun anything; on a connection that died meanwhile it is done once more on a fresh one."""
        try:
            return work()
        except Exception as error:
            if self._inside or not self._is_lost(error):
                raise
        self._reset()
        self.connect()
        return work()

    def rows(self, statement: Statement, params: Params = ()) -> list[Row]:
        """See the base class."""

        def read() -> list[Row]:
            return list(self.peewee.execute_sql(self.text(statement), params).fetchall())

        try:
            return self._retried(read)
        except Exception as error:
            raise self._raised(error) from error

    def _open(self) -> peewee.Database:
        return peewee.PostgresqlDatabase(self.target, autoconnect=False, connect_timeout=5, application_name="netbill")

    def text(self, statement: Statement) -> str:
        """See the base class."""
        return statement.postgres

    def connect(self) -> None:
        """See the base class."""
        if not self.peewee.is_closed():
            if not self.peewee.connection().closed:
                return
            self.close()  # The server ended it; peewee has not noticed.
        try:
            self.peewee.connect()
            for setting in _SETTINGS:
                self.peewee.execute_sql(setting)
        except peewee.PeeweeException as error:
            raise self._translate(error) from error
        self._connections[threading.get_ident()] = self.peewee.connection()

    def close(self) -> None:
        """See the base class."""
        self._connections.pop(threading.get_ident(), None)
        self.peewee.close()

    def interrupt(self, thread: int) -> None:
        """See the base class."""
        connection = self._connections.get(thread)
        if connection is not None:
            self._stopped.add(thread)
            connection.cancel()

    def _begin_read(self) -> str:
        return "begin isolation level repeatable read read only"

    def _run_many(self, sql: str, rows: Iterable[Params]) -> None:
        match = _ROW.search(sql)
        if match is None:
            psycopg2.extras.execute_batch(self.peewee.cursor(), sql, rows, page_size=500)
        else:
            # One statement with five hundred rows is read and planned once.
            many = f"{sql[: match.start()]} values %s{sql[match.end() :]}"
            psycopg2.extras.execute_values(self.peewee.cursor(), many, list(rows), page_size=500)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """See the base class."""
        try:
            self._retried(lambda: self.peewee.execute_sql(self._begin_read()))
        except Exception as error:
            raise self._raised(error) from error
        self._transaction.inside = True
        try:
            yield self
        finally:
            self._transaction.inside = False
            self._end_read()

    @contextmanager
    def write(self) -> Iterator[None]:
        """One READ COMMITTED transaction.

        Raises:
            Busy: A lock was not free within five seconds; nothing was saved.
            Deadlock: The server gave the transaction up; nothing was saved.
            LineLost: The connection was lost before the commit; nothing was saved.
            CommitUnknown: The commit failed.
        """
        try:
            self._retried(lambda: self.peewee.execute_sql("begin isolation level read committed"))
        except Exception as error:
            self._reset()
            raise self._raised(error) from error
        self._transaction.inside = True
        try:
            yield
        except BaseException as error:
            lost = self._is_lost(error) or bool(self.peewee.is_closed() or self.peewee.connection().closed)
            self._roll_back()
            if lost and isinstance(error, Exception):
                # What was not committed is not stored, whatever became of the line.
                raise LineLost from error
            raise
        finally:
            self._transaction.inside = False
        try:
            self.peewee.execute_sql("commit")
        except Exception as error:
            self._reset()
            raise CommitUnknown from error

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """See the base class."""
        try:
            self._retried(lambda: self.peewee.execute_sql("set statement_timeout = 0"))
        except Exception as error:
            raise self._raised(error) from error
        try:
            yield
        finally:
            with suppress(Exception):
                self.peewee.execute_sql(_SETTINGS[1])

    def damages(self, *, quick: bool = False) -> list[str]:  # noqa: ARG002 - it has nothing that takes long
        """See the base class. A server checks its pages as it reads them, when checksums are on, and its references itself."""
        rows = self.rows(_INVALID)
        return [f"the constraint {row[0]} is not enforced" for row in rows]

    def compact(self) -> None:
        """See the base class. The server's own rows are rewritten table by table, each locked for that long."""
        with self.unhurried():
            for table in ("customer", "contact", "service", "draft", "former_customer"):
                try:
                    self.peewee.execute_sql(f"vacuum (full) {table}")
                except peewee.PeeweeException as error:
                    raise self._translate(error) from error

    def _roll_back(self) -> None:
        try:
            self.peewee.execute_sql("rollback")
        except Exception:
            self._reset()

    def _reset(self) -> None:
        self.close()

    def _raised(self, error: Exception) -> Exception:
        if _code(error) in ("40P01", "40001"):
            return Deadlock()
        return super()._raised(error)

    def _translate(self, error: Exception) -> NetbillError:
        code, thread = _code(error), threading.get_ident()
        if code == "57014":
            if thread in self._stopped:
                self._stopped.discard(thread)
                return Interrupted()
            return Busy(_TOO_LONG)
        if code in _SENTENCES:
            kind, sentence = _SENTENCES[code]
            return kind(sentence)
        if self._is_lost(error) or (not code and isinstance(error, (peewee.OperationalError, peewee.InterfaceError))):
            # Who is not let in gets no SQLSTATE from the driver, so the server's own words are shown beside ours.
            said = visible(str(error).strip().splitlines()[-1] if str(error).strip() else "")[:120]
            return BookProblem(f"{_UNREACHABLE}{f' It said: {said}' if 'FATAL' in said else ''}")
        return Rejected(f"The database refused this ({type(error).__name__} {code}); nothing was saved. Run netbill verify.")
