"""Opening a book that exists: the way of every command, so it imports little."""

from collections.abc import Callable
from datetime import date, datetime

from netbill_tui.db.core import book as book_rows
from netbill_tui.db.core import migrate
from netbill_tui.db.core.engine import is_url
from netbill_tui.db.core.opening import open_database
from netbill_tui.errors import BookProblem
from netbill_tui.usecases.core.demo_key import key_file
from netbill_tui.usecases.core.session import Session, utc_now


def accept_shared_file() -> None:
    """Let this process open a book that its Unix group can write: the keys hold, what is written is evidence only (M3)."""
    from netbill_tui.db.core.files import Sharing

    Sharing.accepted = True


def open_book(
    target: str, *, as_of: date | None = None, clock: Callable[[], datetime] = utc_now, upgrading: bool = False
) -> Session:
    """The session of a book that exists; nobody is signed in yet. One whose upgrade is under way opens for that alone.

    Raises:
        BookProblem: It is missing, foreign, newer, open to others or cannot be reached.
    """
    db = open_database(target)
    try:
        migrate.check(db)
        book = book_rows.book(db)
    except BookProblem:
        db.close()
        raise
    if book is None:
        raise BookProblem("The book was never finished; remove it and make it again with netbill init.")
    if book.upgrading and not upgrading:
        db.close()
        raise BookProblem(
            "The upgrade of this book was interrupted; run netbill init --upgrade again, it goes on where it stopped."
        )
    if book.demo and not is_url(target) and not key_file(target).exists():
        db.close()
        raise BookProblem(f"{target}.demo-key is missing: the demo book was never finished, or lost its key; make it again.")
    return Session(db, book, as_of=as_of, clock=clock)
