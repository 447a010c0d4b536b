"""What both engines offer to the rest of the package."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING, Any, TypeVar, overload

from netbill_tui.errors import Busy, NetbillError, NotSaved

if TYPE_CHECKING:
    import peewee

from netbill_tui.db.core.reads import Frozen, Read
from netbill_tui.db.core.statements import Params, Row, Statement

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class CommitUnknown(Exception):
    """A transaction failed at a point where it may have been stored; its connection is closed already."""


class Interrupted(Busy):
    """A read was stopped by `interrupt`, because nobody waits for its answer any more."""

    def __init__(self) -> None:
        super().__init__("The search was stopped by a newer one.")


class LineLost(NotSaved):
    """The connection was lost inside a transaction, before its commit: nothing was stored and it may be tried once more."""

    def __init__(self) -> None:
        super().__init__("The connection to the server was lost; nothing was saved. Try again.")


class Deadlock(Busy):
    """The server gave up this transaction for another one; nothing was stored and it may be tried once more."""

    def __init__(self) -> None:
        super().__init__("Another posting came first; nothing was saved. Try again.")


class Database(ABC):
    """One book on one engine. Each thread has a connection of its own, opened by `connect`."""

    kind: str

    def __init__(self, target: str) -> None:
        self.target = target
        self.peewee: peewee.Database = self._open()

    @abstractmethod
    def _open(self) -> "peewee.Database": ...

    @abstractmethod
    def _translate(self, error: Exception) -> NetbillError:
        """The error as a sentence for the operator."""

    @abstractmethod
    def text(self, statement: Frozen) -> str:
        """The statement in this engine's form."""

    @abstractmethod
    def connect(self) -> None:
        """Open this thread's connection if it has none, and check what it is connected to."""

    @abstractmethod
    def write(self) -> Any:
        """A transaction that holds the book's write lock: `with db.write(): …`."""

    @abstractmethod
    def damages(self, *, quick: bool = False) -> list[str]:
        """What the engine itself finds wrong with its pages and, where it is not quick, its indexes and references."""

    def unreadable(self) -> list[str]:
        """Cells that hold what no read can give, where an engine lets that happen; reads the whole book."""
        return []

    @abstractmethod
    def compact(self) -> None:
        """Write the book's storage anew, so that nothing that was deleted or replaced is left in it."""

    def give_way(self, pause_s: float) -> None:
        """Between batches of long work: let whoever waits for the book have it."""
        sleep(pause_s)

    def analyze(self) -> None:
        """After many rows came at once: let a server count anew what it chooses its indexes by. A file's engine needs none."""
        return

    @abstractmethod
    def interrupt(self, thread: int) -> None:
        """Stop what that thread's connection is doing; its `rows` then raises Busy."""

    def close(self) -> None:
        """Close this thread's connection."""
        self.peewee.close()

    def rows(self, statement: Frozen, params: Params = ()) -> list[Row]:
        """All rows, fetched whole: no cursor lives on."""
        try:
            return list(self.peewee.execute_sql(self.text(statement), params).fetchall())
        except Exception as error:
            raise self._raised(error) from error

    def row(self, statement: Statement, params: Params = ()) -> Row | None:
        """The first row, or None."""
        rows = self.rows(statement, params)
        return rows[0] if rows else None

    @overload
    def together(self, a: Read[A], /) -> tuple[A]: ...
    @overload
    def together(self, a: Read[A], b: Read[B], /) -> tuple[A, B]: ...
    @overload
    def together(self, a: Read[A], b: Read[B], c: Read[C], /) -> tuple[A, B, C]: ...
    @overload
    def together(self, a: Read[A], b: Read[B], c: Read[C], d: Read[D], /) -> tuple[A, B, C, D]: ...
    @overload
    def together(self, *reads: Read[Any]) -> tuple[Any, ...]: ...

    def together(self, *reads: Read[Any]) -> tuple[Any, ...]:
        """The answers of several reads, all of one moment; a server gives them in one flight."""
        if len(reads) == 1 or self._is_inside():
            return tuple(read.decode(self.rows(read.statement, read.params)) for read in reads)
        with self.reading():
            return tuple(read.decode(self.rows(read.statement, read.params)) for read in reads)

    def _is_inside(self) -> bool:
        """Whether this thread is inside a transaction."""
        return bool(self.peewee.connection().in_transaction)

    def run(self, statement: Statement, params: Params = ()) -> None:
        """Execute a statement that changes rows.

        On a server it goes there with the next read or with the commit, in one flight; an error comes then.
        """
        self.changed(statement, params)

    def changed(self, statement: Statement, params: Params = ()) -> int:
        """Execute a statement that changes rows, at once; how many it changed."""
        try:
            return int(self.peewee.execute_sql(self.text(statement), params).rowcount)
        except Exception as error:
            raise self._raised(error) from error

    def flush(self) -> None:
        """Send what waits to be executed, so that an error of it comes here and not later."""
        return

    def run_many(self, statement: Statement, rows: Iterable[Params]) -> None:
        """Execute a statement once for each row, batched as the driver does it best."""
        try:
            self._run_many(self.text(statement), rows)
        except Exception as error:
            raise self._raised(error) from error

    def _run_many(self, sql: str, rows: Iterable[Params]) -> None:
        self.peewee.cursor().executemany(sql, rows)

    def translated(self, error: Exception) -> Exception:
        """The error of a driver as a sentence for the operator."""
        return self._raised(error)

    def _raised(self, error: Exception) -> Exception:
        if isinstance(error, (NetbillError, CommitUnknown)):
            return error
        return self._translate(error)

    @contextmanager
    def reading(self) -> Iterator["Database"]:
        """One consistent view for several reads."""
        try:
            self.peewee.execute_sql(self._begin_read())
        except Exception as error:
            raise self._raised(error) from error
        try:
            yield self
        finally:
            self._end_read()

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Let statements take as long as they need: checks of the whole book, migrations, rewriting of storage."""
        yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other writers out without a transaction, for what takes none or many, such as a migration."""
        yield

    def _begin_read(self) -> str:
        return "begin"

    def _end_read(self) -> None:
        try:
            self.peewee.execute_sql("rollback")
        except Exception:
            self.peewee.close()
            self.connect()


def is_url(target: str) -> bool:
    """True for a server's URL, False for a path."""
    return target.startswith(("postgresql://", "postgres://"))
