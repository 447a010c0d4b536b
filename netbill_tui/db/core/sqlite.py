"""A book in one SQLite file: pragmas, the ticket lock, identity of the file, and sentences for its errors.

The database file and its -wal and -shm are never opened by hand in this process: POSIX locks belong to the process and
vanish when any descriptor of the file is closed (docs/security.md, *Postings*). Only `stat` looks at them.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import peewee

from netbill_tui.db.core import files, scanning
from netbill_tui.db.core.engine import CommitUnknown, Database, Interrupted
from netbill_tui.db.core.files import Sharing
from netbill_tui.db.core.reads import Frozen
from netbill_tui.db.core.statements import Statement
from netbill_tui.errors import BookProblem, Busy, Damaged, NetbillError, NotSaved, Rejected

APPLICATION_ID = 0x4E42494C  # "NBIL"
WAIT_S = 5.0
_LONG_S = 0.01  # a transaction of a desk is shorter
CHECKPOINT_BYTES = 4 << 20


_ROOM = 1 << 16  # what a log and its index need at least
_FULL = "The disk is full; nothing was saved. Free some space and try again."
_DAMAGED = ("not a database", "malformed", "decode", "unsupported file")
_FOREIGN = Statement("pragma foreign_key_check")
PRAGMAS = {
    "busy_timeout": int(WAIT_S * 1000),
    "synchronous": 2,  # FULL: an acknowledged payment survives a power cut
    "foreign_keys": 1,
    "secure_delete": 1,
    "cell_size_check": 1,
    "mmap_size": 0,
    "trusted_schema": 0,
    "recursive_triggers": 1,
    "wal_autocheckpoint": 0,  # checkpoints run under the write lock, in _checkpoint
    "temp_store": 2,
    "cache_size": -8000,
}


class SqliteBook(Database):
    """One file, one writer at a time."""

    kind = "sqlite"

    def __init__(self, target: str, *, create: bool = False) -> None:
        self.path, self._typed = files.real(target), target
        self._create = create
        self._identity = files.Identity(self.path)
        self._lock = TicketLock(Path(f"{self.path}.lock"))
        self._is_waited_for, self._batches = False, 0
        self._connections: dict[int, sqlite3.Connection] = {}
        self._unwritable = ""
        super().__init__(target)

    def _open(self) -> peewee.Database:
        return self._file(PRAGMAS)

    def _file(self, pragmas: Mapping[str, object], mode: str = "") -> peewee.SqliteDatabase:
        # rw: a missing file is an error here, not a new empty book.
        uri = files.uri(self.path, mode or ("rwc" if self._create else "rw"))
        return peewee.SqliteDatabase(uri, uri=True, pragmas=pragmas, timeout=WAIT_S, autoconnect=False)

    def text(self, statement: Frozen) -> str:
        """See the base class."""
        return statement.sqlite

    def connect(self) -> None:
        """See the base class."""
        if not self.peewee.is_closed():
            return
        if not self._create:
            files.check_links(self._typed)
            files.check_book(self.path)
        umask = os.umask(0o077)
        try:
            self._open_file()
        except BookProblem:
            self.peewee.close()
            raise
        except (peewee.PeeweeException, UnicodeError) as error:
            raise self._translate(error) from error
        finally:
            os.umask(umask)
        try:
            self._identity.opened(first=not self._connections)
        except BaseException:
            self.peewee.close()
            raise
        self._connections[threading.get_ident()] = self.peewee.connection()

    def _open_file(self) -> None:
        """Open the file; where the disk takes nothing more, and so nobody else has the book open, for reading alone."""
        if self._unwritable:
            # It may have been mended since: what was opened for reading alone is not what is written to.
            self._unwritable, self.peewee = "", self._open()
        try:
            self.peewee.connect()
            self._check_kind()
        except peewee.PeeweeException as error:
            sentence = self._translate(error)
            if self._create or self._connections:
                raise
            self.peewee.close()
            if self._takes_no_file() and not self._has_log():
                # Neither a log nor its index can be made, by anybody: the file stays as it is while it is read.
                self.peewee = self._file(PRAGMAS, "ro&immutable=1")
                sentence = NotSaved("The disk is read-only, or has no room for another file; nothing was saved. Fix that first.")
            elif isinstance(sentence, NotSaved):
                # There is no room for the index that programs share: it is kept in memory.
                self.peewee = self._file({"locking_mode": "exclusive", **PRAGMAS})
            else:
                raise
            self.peewee.connect()
            self._check_kind()
            self._unwritable = f"{sentence} You can still read the book."

    def _takes_no_file(self) -> bool:
        with suppress(OSError):
            status = os.statvfs(self.path.parent)
            return bool(status.f_flag & os.ST_RDONLY) or (status.f_files > 0 and status.f_favail == 0)
        return False

    def _has_log(self) -> bool:
        with suppress(OSError):
            return os.stat(f"{self.path}-wal").st_size > 0
        return False

    def _has_no_room(self) -> bool:
        with suppress(OSError):
            status = os.statvfs(self.path.parent)
            return status.f_bavail * status.f_frsize < _ROOM
        return False

    def _check_kind(self) -> None:
        (kind,) = self.peewee.execute_sql("pragma application_id").fetchone()
        (tables,) = self.peewee.execute_sql("select count(*) from sqlite_master").fetchone()
        if kind == APPLICATION_ID:
            (mode,) = self.peewee.execute_sql("pragma journal_mode").fetchone()
            if mode != "wal":
                self.peewee.execute_sql("pragma journal_mode = wal")  # a restored book
            return
        if tables or not self._create:
            raise BookProblem(f"{self.path} is not a netbill book; name another with --book, or make one: netbill init.")
        self.peewee.execute_sql(f"pragma application_id = {APPLICATION_ID}")
        self.peewee.execute_sql("pragma journal_mode = wal")

    def close(self) -> None:
        """Close this thread's connection. The last one to close writes the WAL back, so it holds the lock."""
        self._connections.pop(threading.get_ident(), None)
        try:
            with self._lock.held(wait_s=0.05):
                self.peewee.close()
        except (Busy, NetbillError):
            self.peewee.close()

    def interrupt(self, thread: int) -> None:
        """See the base class."""
        connection = self._connections.get(thread)
        if connection is not None:
            connection.interrupt()

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction under the ticket lock (docs/security.md, *Postings*).

        Raises:
            Busy: The lock was not free within five seconds; nothing was saved.
            BookProblem: The file, its log or its lock was replaced, deleted or linked under us.
            CommitUnknown: The commit itself failed, or went into a file that the path names no more, so the caller must look
                whether it was stored.
        """
        if self._unwritable:
            raise NotSaved(self._unwritable)
        with self._lock.held(wait_s=WAIT_S) as check_lock:
            began = monotonic()
            self.check_identity()
            try:
                self.peewee.execute_sql("begin immediate")
            except peewee.PeeweeException as error:
                raise self._translate(error) from error
            try:
                yield
            except BaseException:
                self._roll_back()
                raise
            try:
                self.peewee.execute_sql("commit")
            except Exception as error:
                # A failed commit is unknown, not failed: the WAL may hold it (finding 6).
                self.peewee.close()
                raise CommitUnknown from error
            try:
                # Before anybody is told that it was saved: saved in what the next program will open.
                self.check_identity()
                check_lock()
            except BookProblem as error:
                self.peewee.close()
                raise CommitUnknown from error
            self._checkpoint()
            # Only in a batch of long work can somebody have come meanwhile, and to ask costs as much as a payment.
            self._is_waited_for = monotonic() - began > _LONG_S and self._lock.is_waited_for()

    def give_way(self, pause_s: float) -> None:
        """See the base class: who woke the kernel's queue may take the lock again before it; so a batch rests where one waits.

        And after each tenth one, for those whom the kernel does not show: in another container, or come during the commit.
        """
        self._batches += 1
        if self._is_waited_for or self._batches % 10 == 0:
            sleep(pause_s)

    def log_changes(self) -> None:
        """The journal is about to be another one: whoever loads a book that nobody else has asks for that."""
        self._identity.without_log()

    def is_alone(self) -> bool:
        """Whether nobody else has the book open: only then can it leave the mode in which others read beside a writer."""
        try:
            self.log_changes()
            (mode,) = self.peewee.execute_sql("pragma journal_mode = delete").fetchone()
        except peewee.PeeweeException:
            return False
        return str(mode) == "delete"

    def damages(self, *, quick: bool = False) -> list[str]:
        """See the base class."""
        # Read alone, nobody else is let in, not even we.
        alone = self.peewee.connection() if self._unwritable else None
        wrong = scanning.of_connection(alone, quick=quick) if alone else scanning.damages(self.path, quick=quick)
        findings = [f"integrity: {line}" for line in wrong]
        if findings or quick:
            return findings  # References are read from what is damaged.
        return [f"a row of {row[0]} refers to a row of {row[2]} that is not there" for row in self.rows(_FOREIGN)]

    def unreadable(self) -> list[str]:
        """See the base class."""
        return scanning.unreadable(self.path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """See the base class."""
        with self._lock.held(wait_s=WAIT_S):
            yield

    def compact(self) -> None:
        """Write the file anew, so that nothing that was deleted or replaced is left in it. Takes the write lock."""
        with self._lock.held(wait_s=WAIT_S):
            self.check_identity()
            try:
                with self._beside_the_book():
                    for statement in ("pragma wal_checkpoint(truncate)", "vacuum", "pragma wal_checkpoint(truncate)"):
                        self.peewee.execute_sql(statement).fetchall()
            except peewee.PeeweeException as error:
                raise self._translate(error) from error

    @contextmanager
    def _beside_the_book(self) -> Iterator[None]:
        """The copy that a vacuum makes is as large as the book: a nameless file in the book's own folder, and no memory."""
        before = os.environ.get("SQLITE_TMPDIR")
        os.environ["SQLITE_TMPDIR"] = str(self.path.parent)
        self.peewee.execute_sql("pragma temp_store = 1")
        try:
            yield
        finally:
            self.peewee.execute_sql(f"pragma temp_store = {PRAGMAS['temp_store']}")
            if before is None:
                del os.environ["SQLITE_TMPDIR"]
            else:
                os.environ["SQLITE_TMPDIR"] = before

    def _roll_back(self) -> None:
        try:
            self.peewee.execute_sql("rollback")
        except Exception:
            self.peewee.close()
            self.connect()

    def check_identity(self) -> None:
        """Stop when the path no longer names the files that are open, or names them twice."""
        self._identity.check()

    def _checkpoint(self) -> None:
        """Write the WAL back when it has grown, under the lock that we hold."""
        try:
            if os.stat(f"{self.path}-wal").st_size > CHECKPOINT_BYTES:
                self.peewee.execute_sql("pragma wal_checkpoint(truncate)").fetchone()
        except (OSError, peewee.PeeweeException):
            return  # The commit stands; the next writer tries again.

    def _translate(self, error: Exception) -> NetbillError:
        message = str(error).lower()
        if "locked" in message or "busy" in message:
            return Busy("Another program holds the book; nothing was saved. Try again in a moment.")
        if "full" in message or (self._has_no_room() and any(word in message for word in ("disk i/o", "unable to open"))):
            return NotSaved(_FULL)
        if "readonly" in message or "read-only" in message:
            return BookProblem(f"{self.path} cannot be written; check who owns it and its folder (chmod u+w).")
        if "unable to open" in message:
            return BookProblem(f"{self.path} cannot be opened; check the path, and who owns it and its folder.")
        if "disk i/o" in message:
            return NotSaved("The disk reported an error; nothing was saved. Check the disk before you go on.")
        if isinstance(error, UnicodeError) or any(word in message for word in _DAMAGED):
            return Damaged(
                f"{self.path} is not a netbill book, or is damaged; netbill verify shows where. Restore it from a backup."
            )
        if "interrupted" in message:
            return Interrupted()
        if "posted rows" in message:
            return Rejected("Posted rows are never changed; take the posting back by a reversal instead.")
        return Rejected(f"The database refused this ({type(error).__name__}); nothing was saved. Run netbill verify.")


class TicketLock:
    """One advisory lock on a side file; the kernel's queue is the ticket, so nobody starves (finding 7)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self, *, wait_s: float) -> Iterator[Callable[[], None]]:
        """Hold the lock; what is given raises BookProblem where its file was taken away meanwhile, so that others hold another.

        Raises:
            Busy: If it is not free in time.
            BookProblem: If the lock file cannot be made, or is replaced under those who wait.
        """
        fd = self._opened()
        try:
            self._take(fd, wait_s)
            self._check(fd)
        except BaseException:
            os.close(fd)
            raise
        try:
            yield lambda: self._check(fd)
        finally:
            os.close(fd)  # Closing the one descriptor releases the lock.

    def _opened(self) -> int:
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise BookProblem(f"{self._path} cannot be written ({error.strerror}); nothing was saved.") from None
        if Sharing.accepted and (status := os.fstat(fd)).st_uid == os.geteuid() and not status.st_mode & 0o020:
            os.fchmod(fd, 0o660)
        return fd

    def _check(self, fd: int) -> None:
        """Whoever waits for another file of this name waits for another lock."""
        held, named = os.fstat(fd), None
        with suppress(OSError):
            named = os.lstat(self._path)
        if named is None or not os.path.samestat(held, named) or held.st_nlink != 1:
            raise BookProblem(f"{self._path} was removed while it was locked; close every program of the book and start again.")

    def is_waited_for(self) -> bool:
        """Whether another process or thread stands in the kernel's queue for the lock; True where the kernel tells nothing."""
        try:
            inode = os.stat(self._path).st_ino
            locks = Path("/proc/locks").read_text(encoding="ascii")
        except (OSError, ValueError):
            return True
        return any("->" in line and f":{inode} " in line for line in locks.splitlines())

    def _take(self, fd: int, wait_s: float) -> None:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A blocking wait joins the kernel's queue; polling would be unfair. A helper thread waits on a
            # duplicate, because flock has no time-out; the lock belongs to the open file, so it is ours too.
            got = threading.Event()
            waiting = os.dup(fd)

            def wait() -> None:
                try:
                    fcntl.flock(waiting, fcntl.LOCK_EX)
                    got.set()
                finally:
                    os.close(waiting)

            threading.Thread(target=wait, daemon=True).start()
            if not got.wait(wait_s):
                raise Busy("Somebody else is writing to the book; nothing was saved. Try again in a moment.") from None
