"""Bringing a book back from a backup: decrypted beside, verified, compared with checkpoints, and only then put in its place.

Whoever holds the recovery key may do it; a book that knows less than a checkpoint outside it needs a second operator, because
an old copy put back is how somebody would make payments disappear. Source: docs/security.md, *Backups*.
"""

import errno
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from netbill_tui.db.access import operators
from netbill_tui.db.books import copying
from netbill_tui.db.core import book as book_rows
from netbill_tui.db.core import files
from netbill_tui.db.core.engine import is_url
from netbill_tui.db.core.opening import open_database
from netbill_tui.db.core.sqlite import SqliteBook, TicketLock
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import BookProblem, Busy, InvalidInput, KeyProblem, NetbillError, NotPermitted, NotSaved, Refused
from netbill_tui.security import age, keys, rights
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.access.operators import RECOVERY
from netbill_tui.usecases.books.backups import BESIDE, Progress, check_copy, sweep, sync_folder
from netbill_tui.usecases.books.create import migrate_locked
from netbill_tui.usecases.core import checkpoints, host, operator_records
from netbill_tui.usecases.core.checkpoints import Checkpoint
from netbill_tui.usecases.core.session import Session, utc_now


class Restored(NamedTuple):
    """What came back.

    Attributes:
        missing: How many audit events a checkpoint saw that it does not have.
        aside: The old book.
        behind: How many audit events more the old book had, where it was the same one.
    """

    book: str
    seq: int
    head: str
    cells: int
    missing: int
    aside: str
    behind: int = 0


class Second(NamedTuple):
    """The second operator who agrees that events are missing."""

    name: str
    password: str


def restore(
    target: str, file: str, private_key: bytes, *, outside: Sequence[Checkpoint] = (), accept_missing: int | None = None,
    second: Callable[[], Second] | None = None, drill: bool = False, on_progress: Progress | None = None,
    peppers: tuple[bytes, ...] = (),
) -> Restored:  # fmt: skip
    """Bring a book back, or only show that it could be.

    Args:
        target: Where the book belongs: a path, or the URL of an empty database.
        file: The backup.
        private_key: The recovery key, or that of another recipient.
        outside: Checkpoints from outside the book.
        accept_missing: How many audit events may be missing against them.
        second: Asks for the second operator, where some are missing.
        drill: Restore beside, verify, and throw it away.
        on_progress: Gets what is done, how far, and of how much.
        peppers: For the second operator's password.

    Raises:
        Refused: Somebody works in the book that stands there, or events are missing and nobody agreed to that.
        BookProblem: The backup is damaged or not sound.
        KeyProblem: It was not made for this key.

    Side effects: the old book stands aside under another name; an audit event in the restored one.
    """
    report = on_progress or (lambda *_: None)
    folder = Path(mkdtemp(prefix="netbill-drill-")) if drill or is_url(target) else files.real(target).parent
    if not drill and not is_url(target):
        files.check_folders(files.real(target))
    beside = folder / f"{BESIDE}{os.getpid()}-{os.urandom(4).hex()}.db"
    sweep(folder)
    try:
        if not drill and not is_url(target):
            refuse_open(files.real(target))
        _decrypt(file, beside, private_key, report)
        seq, head = check_copy(beside, report)
        cells, missing = _examine(beside, private_key, outside)
        if missing:
            agreed = _agree(beside, missing, accept_missing, second, peppers)
            if not is_url(target):
                _refuse_disabled(files.real(target), agreed)
        if drill:
            return Restored("", seq, head, cells, missing, "")
        behind = 0 if is_url(target) else _behind(files.real(target), beside)
        _note(beside, file, missing)
        aside = _copy_in(beside, target, report) if is_url(target) else _put(beside, files.real(target))
        return Restored(target, seq, head, cells, missing, aside, behind)
    finally:
        for suffix in ("", "-wal", "-shm", ".lock"):
            left = Path(f"{beside}{suffix}")
            with suppress(OSError):
                files.shred(left)
        if drill or is_url(target):
            with suppress(OSError):
                folder.rmdir()


def _behind(path: Path, restored: Path) -> int:
    """How many audit events more the book that stands there has; 0 where there is none, or it is another one or damaged."""
    ends = []
    for file in (path, restored):
        if not file.exists():
            return 0
        with suppress(NetbillError):
            book = SqliteBook(str(file))
            book.connect()
            try:
                ends.append(copying.end(book))
            finally:
                book.close()
    known = [end for end in ends if end is not None]
    return max(known[0].seq - known[1].seq, 0) if len(known) == 2 and known[0].install_id == known[1].install_id else 0


def refuse_open(path: Path) -> None:
    """Refuse to take the place of a book that somebody works in.

    Raises:
        Refused: A sitting goes on, or a process has the file open.
    """
    if not path.exists():
        return
    holders = [pid for pid in _holders(path) if pid != os.getpid()]
    if holders:
        raise Refused(f"The book at {path} is open (process {holders[0]}); let everybody leave it first.")
    live, alone = [], True
    with suppress(NetbillError):  # a damaged book tells nothing; the processes did
        book = SqliteBook(str(path))
        book.connect()
        try:
            live = [s for s in operators.live_sessions(book) if host.is_alive(s.host, s.boot, s.pid)]
            # Another user's process, or one whose memory is hidden, shows no files; its lock does.
            alone = book.is_alone()
        finally:
            book.close()
    if not live and not alone:
        raise Refused(f"The book at {path} is open in another program; let everybody leave it first.")
    if live:
        raise Refused(f"{live[0].operator} works in the book at {path} (host {live[0].host}); let everybody leave it first.")


def _holders(path: Path) -> list[int]:
    """Processes that have the file, its log or its lock open, as far as this user can see."""
    paths = {f"{path}{suffix}" for suffix in ("", "-wal", "-shm", ".lock")}
    pids = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for link in (entry / "fd").iterdir():
                with suppress(OSError):
                    if os.readlink(link) in paths:
                        pids.append(int(entry.name))
                        break
    return pids


def _decrypt(file: str, beside: Path, private_key: bytes, report: Progress) -> None:
    try:
        total = os.stat(os.path.expanduser(file)).st_size
        with open(os.path.expanduser(file), "rb") as source:
            fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "wb") as out:
                age.decrypt(source, out, private_key, lambda done: report("Decrypting", done, total))
                out.flush()
                os.fsync(out.fileno())
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NotSaved(f"There is no room for the restored book in {beside.parent}; nothing was changed.") from None
        raise InvalidInput(f"{file} cannot be read or put back: {error.strerror}.") from None


def _examine(beside: Path, private_key: bytes, outside: Sequence[Checkpoint]) -> tuple[int, int]:
    """Sealed cells that the recovery key opened in the copy, and audit events that are missing against the checkpoints.

    Raises:
        BookProblem: A cell does not open, or the history is another one than the checkpoints saw.
    """
    from netbill_tui.usecases.access.sealed import sample

    db = open_database(str(beside))
    try:
        book = book_rows.book(db)
        if book is None:
            raise BookProblem("The backup holds no finished book.")
        session = Session(db, book)
        recovery = next((o for o in operators.everybody(db) if o.role == RECOVERY), None)
        vault = None
        if recovery is not None and recovery.public_key == keys.public_of(private_key):
            bundle = keys.Bundle(private_key, book.admin_public, book.install_id)
            vault = operator_records.read_keys(session, recovery.uid, bundle)
        checked = sample(db, vault)
        if checked.broken:
            raise BookProblem(f"A sealed cell of the backup does not open: {checked.broken[0]}.")
        _, wrong = checkpoints.compare(db, book.install_id, book.admin_public, outside)
        missing = checkpoints.missing(db, book.install_id, outside)
        forged = [w.words for w in wrong if not w.is_missing]
        if forged:
            raise BookProblem(f"The backup's history is not the one that was seen: {forged[0]}.")
        return checked.rows, missing
    finally:
        db.close()


def _agree(
    beside: Path, missing: int, accept: int | None, second: Callable[[], Second] | None, peppers: tuple[bytes, ...]
) -> str:
    """Refuse a book that lost events, unless a second operator of it agrees to just that number; the operator's name."""
    if accept != missing or second is None:
        raise Refused(
            f"{missing} audit events that a checkpoint saw are missing in this backup. If there is no newer one, a second "
            f"operator must agree to that: --accept-missing {missing} --second NAME."
        )
    who = second()
    db = open_database(str(beside))
    try:
        book = book_rows.book(db)
        assert book is not None
        session = Session(db, book)
        session.settings = session.settings._replace(peppers=peppers)
        sign_in.sign_in(session, who.name, who.password)
        if session.operator is None or not session.operator.may(rights.APPROVE):
            raise NotPermitted(f"{who.name} may not approve; ask a supervisor or an administrator.")
        sign_in.leave(session, "agreed to a restore")
        return who.name
    finally:
        db.close()


def _refuse_disabled(path: Path, name: str) -> None:
    """Refuse the word of somebody who was disabled since the backup, where the book that stands there can be asked.

    Raises:
        NotPermitted: The operator is not active in it.
    """
    if not path.exists():
        return
    operator = None
    with suppress(NetbillError):  # a damaged book tells nothing
        standing = SqliteBook(str(path))
        standing.connect()
        try:
            operator = operators.by_name(standing, name)
        finally:
            standing.close()
    if operator is not None and operator.status != "active":
        raise NotPermitted(f"{name} is {operator.status} in the book at {path}; ask another operator.")


def _note(beside: Path, file: str, missing: int) -> None:
    """The restored book knows that it is one, and that nobody of its sittings goes on."""
    db = open_database(str(beside))
    try:
        now_us = int(utc_now().timestamp() * 1_000_000)
        with db.write():
            for sitting in operators.live_sessions(db):
                operators.end_session(db, sitting.id, now_us, "the book was restored")
            tx = Transaction(db, now_us=now_us, actor=RECOVERY, session="restore")
            tx.note("backup.restore", Path(file).name, {"missing": missing, "host": host.host()})
            tx.finish()
        db.compact()
    finally:
        db.close()


def _put(beside: Path, path: Path) -> str:
    """Put the restored book in its place; where the old one stands now, or empty."""
    lock = TicketLock(Path(f"{path}.lock"))
    try:
        with lock.held(wait_s=0.2):
            come = [pid for pid in _holders(path) if pid != os.getpid()]
            if come:
                raise Refused(f"The book at {path} was opened meanwhile (process {come[0]}); nothing was changed.")
            aside = ""
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            for suffix in ("", "-wal", "-shm"):
                old = Path(f"{path}{suffix}")
                if old.exists():
                    aside = aside or f"{path}.before-restore-{stamp}"
                    os.rename(old, f"{path}.before-restore-{stamp}{suffix}")
            os.rename(beside, path)
            sync_folder(path.parent)
            return aside
    except Busy:
        raise Refused(f"Somebody writes to the book at {path}; let everybody leave it first.") from None
    except OSError as error:
        raise BookProblem(f"The book cannot be put at {path}: {error.strerror}; look for {path}.before-restore-…") from None


def _copy_in(beside: Path, url: str, report: Progress) -> str:
    """Copy the restored book into an empty database of a server."""
    from netbill_tui.db.books.copying import copy_book
    from netbill_tui.db.core import migrate

    target, source = open_database(url, create=True), open_database(str(beside))
    try:
        if migrate.applied(target) and book_rows.book(target) is not None:
            raise Refused("There is a book in that database; restore into an empty one, then let NETBILL_BOOK name it.")
        migrate_locked(target)
        copy_book(source, target, lambda done, total: report("Copying", done, total))
        target.analyze()
    finally:
        source.close()
        target.close()
    return ""


def combine(first: str, second: str) -> str:
    """The age identity that two recovery shares make; opens every backup, with the age tool too.

    Raises:
        InvalidInput: A share was mistyped.
    """
    return age.identity_of(keys.combine_recovery(first, second))


def key_of(identity: str | None, shares: tuple[str, str] | None) -> bytes:
    """The private key in an identity file's text, or of two shares.

    Raises:
        KeyProblem: Neither was given.
        InvalidInput: It cannot be one.
    """
    if identity is not None:
        return age.private_of_identity(identity)
    if shares is None:
        raise KeyProblem("Give what opens the backup: --identity FILE, or --shares-file FILE with the two recovery shares.")
    return keys.combine_recovery(*shares)
