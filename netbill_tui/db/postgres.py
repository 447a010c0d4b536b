"""A book on a PostgreSQL server: READ COMMITTED, row locks in one fixed order, and sentences for its errors.

The order of locks is kept state (see kept.lock), customer, number series, audit head (security.md 2.9). Whoever writes takes
them in that order, so two postings wait for each other and never deadlock; should the server still give one up, it is tried
once more.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import peewee
import psycopg2
import psycopg2.extras

from netbill_tui.db.engine import CommitUnknown, Database, Deadlock, Interrupted
from netbill_tui.db.statements import Params, Statement
from netbill_tui.errors import BookProblem, Busy, NetbillError, Rejected

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


class PostgresBook(Database):
    """One database of a server."""

    kind = "postgres"

    def __init__(self, target: str) -> None:
        self._connections: dict[int, Any] = {}
        super().__init__(target)

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
            connection.cancel()

    def _begin_read(self) -> str:
        return "begin isolation level repeatable read read only"

    def _run_many(self, sql: str, rows: Iterable[Params]) -> None:
        found = _ROW.search(sql)
        if found is None:
            psycopg2.extras.execute_batch(self.peewee.cursor(), sql, rows, page_size=500)
        else:
            # One statement with five hundred rows is read and planned once.
            many = f"{sql[: found.start()]} values %s{sql[found.end() :]}"
            psycopg2.extras.execute_values(self.peewee.cursor(), many, list(rows), page_size=500)

    @contextmanager
    def write(self) -> Iterator[None]:
        """One READ COMMITTED transaction.

        Raises:
            Busy: A lock was not free within five seconds; nothing was saved.
            Deadlock: The server gave the transaction up; nothing was saved.
            CommitUnknown: The connection was lost or the commit failed.
        """
        try:
            self.peewee.execute_sql("begin isolation level read committed")
        except Exception as error:
            self._reset()
            raise CommitUnknown from error
        try:
            yield
        except BaseException as error:
            lost = self.peewee.connection().closed
            self._roll_back()
            if lost and isinstance(error, Exception):
                raise CommitUnknown from error
            raise
        try:
            self.peewee.execute_sql("commit")
        except Exception as error:
            self._reset()
            raise CommitUnknown from error

    def damages(self) -> list[str]:
        """See the base class. A server checks its pages as it reads them, when checksums are on, and its references itself."""
        found = self.rows(_INVALID)
        return [f"the constraint {row[0]} is not enforced" for row in found]

    def compact(self) -> None:
        """See the base class. The server's own rows are rewritten table by table, each locked for that long."""
        for table in ("customer", "contact", "service", "draft"):
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
        cause = error.__cause__ or error.__context__ or error
        code = getattr(cause, "pgcode", None) or getattr(error, "pgcode", None)
        if code in ("40P01", "40001"):
            return Deadlock()
        return super()._raised(error)

    def _translate(self, error: Exception) -> NetbillError:
        told = str(error).lower()
        if "lock timeout" in told or "statement timeout" in told:
            return Busy("Somebody else is writing to the same account; nothing was saved. Try again in a moment.")
        if "canceling statement due to user" in told:
            return Interrupted()
        if "does not exist" in told and "database" in told:
            return BookProblem("The server has no such database; make it with createdb, then netbill init.")
        if "does not exist" in told and "relation" in told:
            return BookProblem("The database is not a netbill book; make one with netbill init.")
        if isinstance(error, (peewee.OperationalError, peewee.InterfaceError)):
            return BookProblem("The database server cannot be reached; check the address and that it runs.")
        if "posted rows" in told:
            return Rejected("Posted rows are never changed; take the posting back by a reversal instead.")
        return Rejected(f"The database refused this ({type(error).__name__}); nothing was saved. Run netbill verify.")
