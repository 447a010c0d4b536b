"""A book on a PostgreSQL server: READ COMMITTED, row locks in one fixed order, and sentences for its errors.

The order of locks is kept state (see kept.lock), customer, number series, audit head (docs/security.md, *Postings*).
Whoever writes takes
them in that order, so two postings wait for each other and never deadlock; should the server still give one up, it is tried
once more.
"""

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

import peewee
import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, parse_dsn

from netbill_tui.db.core.engine import CommitUnknown, Database, Deadlock, Interrupted, LineLost
from netbill_tui.db.core.flight import Direct, Flight
from netbill_tui.db.core.reads import Frozen, Read
from netbill_tui.db.core.statements import Params, Row, Statement
from netbill_tui.errors import BookProblem, Busy, NetbillError, NotSaved, Rejected, causes
from netbill_tui.text import visible

T = TypeVar("T")

_NO_ANSWER = (peewee.OperationalError, peewee.InterfaceError, psycopg2.OperationalError, psycopg2.InterfaceError)

# The row of an insert that holds nothing but what is bound.
_ROW = re.compile(r" values \(%s(?:, %s)*\)")
_LARGE = b"select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace \
and pg_relation_size(oid) > 10 * 8192"
_INVALID = Statement("select conname from pg_constraint where not convalidated")
# They come with the connection, in no flight of their own, behind what the book's address asks for itself.
_SETTINGS = {
    "lock_timeout": "5s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "30s",
    "synchronous_commit": "on",
    "timezone": "UTC",
}
_HERE = "netbill_row"  # before the columns of each of several reads: which row of it
_MOST_WAITING = 1 << 20  # so many bytes of statements are sent, whatever comes


# SQLSTATE: what became of it, in words. Never told apart by the server's own words, which are in its language.
_SENTENCES: dict[str, tuple[type[NetbillError], str]] = {
    "55P03": (Busy, "Somebody else is writing to the book; nothing was saved. Try again in a moment."),
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
_UNKNOWN = "40003"  # whether the statement was completed is not known
_ENDED = ("57P01", "57P02", "57P03", "57P05", "25P03", "25P04")


def _code(error: BaseException) -> str:
    """The SQLSTATE of an error or of what caused it; empty where the server said none."""
    for cause in causes(error):
        code = getattr(cause, "pgcode", None)
        if code:
            return str(code)
    return ""


class PostgresBook(Database):
    """One database of a server."""

    kind = "postgres"

    def __init__(self, target: str) -> None:
        self._connections: dict[int, Any] = {}
        self._stopped: set[int] = set()
        self._flight = Flight()
        super().__init__(target)

    def _is_lost(self, error: BaseException) -> bool:
        """Whether an error means that the connection is gone, and not that the server refused something."""
        code = _code(error)
        if code:
            return code.startswith("08") or code in _ENDED
        connection = self._connections.get(threading.get_ident())
        dead = connection is None or bool(connection.closed)
        return dead and isinstance(error, (*_NO_ANSWER, psycopg2.Error))

    def _retried(self, work: Callable[[], T]) -> T:
        """Do what has not begun anything; on a connection that died meanwhile it is done once more on a fresh one."""
        try:
            return work()
        except Exception as error:
            if (self._flight.inside and self._flight.sent) or not self._is_lost(error):
                raise
        self._reset()
        self.connect()
        return work()

    def rows(self, statement: Frozen, params: Params = ()) -> list[Row]:
        """See the base class."""
        try:
            return self._retried(lambda: list(self._ask(self._bound(self.text(statement), params)).fetchall()))
        except Exception as error:
            raise self._raised(error) from error

    def together(self, *reads: Read[Any]) -> tuple[Any, ...]:
        """See the base class: rows of each read beside those of the others, the first with the first and so on."""
        if len(reads) == 1:
            return super().together(*reads)
        names = [f"r{n}" for n in range(len(reads))]
        tables = [f"(select row_number() over () as {_HERE}, q.* from (%b) q) {name}" for name in names]
        before = [f"coalesce({', '.join(f'{name}.{_HERE}' for name in names[:n])}, 0)" for n in range(1, len(names))]
        joined = "".join(f" full join {t} on {n}.{_HERE} = {b}" for t, n, b in zip(tables[1:], names[1:], before, strict=True))
        form = f"select {', '.join(f'{name}.*' for name in names)} from {tables[0]}{joined}".encode()

        def ask() -> tuple[list[Row], list[int]]:
            bound = tuple(self._bound(self.text(read.statement), read.params) for read in reads)
            cursor = self._ask(form % bound)
            return cursor.fetchall(), [at for at, column in enumerate(cursor.description) if column.name == _HERE]

        try:
            rows, starts = self._retried(ask)
        except Exception as error:
            raise self._raised(error) from error
        ends = [*starts[1:], len(rows[0]) if rows else 0]
        parts = [
            sorted((row[start:end] for row in rows if row[start] is not None), key=itemgetter(0))
            for start, end in zip(starts, ends, strict=True)
        ]
        return tuple(read.decode([row[1:] for row in part]) for read, part in zip(reads, parts, strict=True))

    def run(self, statement: Statement, params: Params = ()) -> None:
        """See the base class."""
        if not self._flight.inside:
            self.changed(statement, params)
            return
        try:
            self._wait([self._bound(self.text(statement), params)])
        except Exception as error:
            raise self._raised(error) from error

    def changed(self, statement: Statement, params: Params = ()) -> int:
        """See the base class."""
        try:
            return int(self._ask(self._bound(self.text(statement), params)).rowcount)
        except Exception as error:
            raise self._raised(error) from error

    def flush(self) -> None:
        """See the base class."""
        if self._flight.waiting:
            try:
                self._ask(b"")
            except Exception as error:
                raise self._raised(error) from error

    def _bound(self, sql: str, params: Params) -> bytes:
        """The statement with its parameters, as the driver writes them."""
        return bytes(self.peewee.connection().cursor().mogrify(sql, params))

    def _ask(self, statement: bytes) -> Any:
        """Send what waits and the statement behind it in one flight; the cursor that holds the answer to the last one."""
        flight, cursor = self._flight, self.peewee.connection().cursor()
        try:
            cursor.execute(b";\n".join((*flight.waiting, *([statement] if statement else ()))))
        except BaseException:
            if not flight.inside:
                flight.clear()  # of no transaction: it is not sent once more with what comes next
            raise
        flight.clear()
        flight.sent = True
        return cursor

    def _wait(self, statements: Iterable[bytes]) -> None:
        for statement in statements:
            self._flight.wait(statement)
        if self._flight.size > _MOST_WAITING:
            self._ask(b"")

    def _open(self) -> peewee.Database:
        try:
            # What the driver would take from the environment it takes no more where options are given.
            asked = parse_dsn(self.target).get("options") or os.environ.get("PGOPTIONS", "")
        except psycopg2.ProgrammingError:
            raise BookProblem("The address of the book cannot be read; write it as postgresql://USER@HOST/DATABASE.") from None
        options = " ".join([asked, *(f"-c {name}={value}" for name, value in _SETTINGS.items())])
        database = Direct(
            self.target, autoconnect=False, connect_timeout=5, application_name="netbill", client_encoding="UTF8",
            options=options.strip(),
        )  # fmt: skip
        database.flush = self.flush
        return database

    def text(self, statement: Frozen) -> str:
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

    def _run_many(self, sql: str, rows: Iterable[Params]) -> None:
        match, cursor = _ROW.search(sql), self.peewee.connection().cursor()
        # One statement with five hundred rows is read and planned once.
        todo = iter(rows)
        while page := list(islice(todo, 500)):
            if match is None:
                self._wait([cursor.mogrify(sql, row) for row in page])
            else:
                bound = (cursor.mogrify(match.group()[len(" values ") :], row) for row in page)
                head, tail = (p.encode().replace(b"%%", b"%") for p in (sql[: match.start()], sql[match.end() :]))
                self._wait([head + b" values " + b", ".join(bound) + tail])
            if not self._flight.inside:
                self._ask(b"")

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """See the base class."""
        if self.peewee.is_closed():
            self.connect()
        self._flight.begin(b"begin isolation level repeatable read read only")
        try:
            yield self
        finally:
            self._flight.end()
            # A first statement that failed or was stopped has begun it too, and nothing is read on this line before it is ended.
            if self._flight.sent or (not self.peewee.is_closed() and self._has_begun()):
                self._end_read()

    @contextmanager
    def write(self) -> Iterator[None]:
        """One READ COMMITTED transaction. What it changes goes to the server with its next read, or with the commit.

        Raises:
            Busy: A lock was not free within five seconds; nothing was saved.
            Deadlock: The server gave the transaction up; nothing was saved.
            LineLost: The connection was lost before the commit; nothing was saved.
            Rejected: The server refused what was sent with the commit; nothing was saved.
            CommitUnknown: The commit failed.
        """
        flight = self._flight
        flight.begin(b"begin isolation level read committed")
        try:
            yield
        except BaseException as error:
            lost = self._is_lost(error) or bool(self.peewee.is_closed() or self.peewee.connection().closed)
            self._roll_back()
            if lost and isinstance(error, Exception):
                # What was not committed is not stored, whatever became of the line.
                raise LineLost from error
            raise
        if not flight.sent and len(flight.waiting) == 1:
            flight.end()
            return
        try:
            answer = self._ask(b"commit").statusmessage
        except BaseException as error:
            if not isinstance(error, Exception):
                flight.end()
                raise
            refused = bool(_code(error)) and _code(error) != _UNKNOWN and not self._is_lost(error)
            if not refused:
                flight.end()
                self._reset()
                raise CommitUnknown from error
            # A server that names its reason has rolled back what it did not take.
            self._roll_back()
            raise self._raised(error) from error
        flight.end()
        if answer == "ROLLBACK":
            raise NotSaved("The server took this back, because a part of it had failed; nothing was saved. Try again.")

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """See the base class."""
        try:
            self._retried(lambda: self._ask(b"set statement_timeout = 0"))
        except Exception as error:
            raise self._raised(error) from error
        try:
            yield
        finally:
            with suppress(Exception):
                self._ask(f"set statement_timeout = '{_SETTINGS['statement_timeout']}'".encode())

    def damages(self, *, quick: bool = False) -> list[str]:  # noqa: ARG002 - it has nothing that takes long
        """See the base class. A server checks its pages as it reads them, when checksums are on, and its references itself."""
        rows = self.rows(_INVALID)
        return [f"the constraint {row[0]} is not enforced" for row in rows]

    def analyze(self) -> None:
        """See the base class. Without it a list of a fresh book takes twenty times as long, until autovacuum comes by.

        A table of a few pages is left out: counted as empty it would be read as empty when it has grown.
        """
        with self.unhurried(), suppress(psycopg2.Error):  # it changes no answer, only how fast one comes
            large = [row[0] for row in self._ask(_LARGE).fetchall()]
            if large:
                self._ask(f"analyze {', '.join(large)}".encode())

    def compact(self) -> None:
        """See the base class. The server's own rows are rewritten table by table, each locked for that long."""
        with self.unhurried():
            for table in ("customer", "contact", "service", "draft", "former_customer"):
                try:
                    self.peewee.execute_sql(f"vacuum (full) {table}")
                except peewee.PeeweeException as error:
                    raise self._translate(error) from error

    def _roll_back(self) -> None:
        self._flight.end()
        if not self._flight.sent and not self.peewee.is_closed() and not self._has_begun():
            return
        try:
            self.peewee.execute_sql("rollback")
        except Exception:
            self._reset()

    def _has_begun(self) -> bool:
        """Whether the server is inside a transaction, also one that failed with the flight that began it."""
        return bool(self.peewee.connection().info.transaction_status != TRANSACTION_STATUS_IDLE)

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
        if self._is_lost(error) or (not code and isinstance(error, _NO_ANSWER)):
            # Who is not let in gets no SQLSTATE from the driver, so the server's own words are shown beside ours.
            said = visible(str(error).strip().splitlines()[-1] if str(error).strip() else "")[:120]
            return BookProblem(f"{_UNREACHABLE}{f' It said: {said}' if 'FATAL' in said else ''}")
        return Rejected(f"The database refused this ({type(error).__name__} {code}); nothing was saved. Run netbill verify.")
