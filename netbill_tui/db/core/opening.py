"""The engine of a book, by its path or URL."""

import sys

from netbill_tui.db.core.engine import Database, is_url
from netbill_tui.errors import BookProblem


def shut_out_drivers(target: str) -> None:
    """Keep peewee from importing the drivers of servers for a book that is a file.

    It imports every driver it finds, which doubles the start of each command. Called before anything imports peewee.
    """
    if not is_url(target) and "peewee" not in sys.modules:
        for driver in ("psycopg", "psycopg2", "psycopg2cffi", "pymysql", "MySQLdb"):
            sys.modules.setdefault(driver, None)  # type: ignore[arg-type]


def open_database(target: str, *, create: bool = False) -> Database:
    """The book at a path or URL, connected in this thread.

    Args:
        target: A SQLite path or a `postgresql://` URL.
        create: Make the file if there is none.

    Raises:
        BookProblem: It is missing, foreign, readable by others, or cannot be reached.
    """
    if is_url(target):
        try:
            from netbill_tui.db.core.postgres import PostgresBook
        except ImportError:
            raise BookProblem(
                "A PostgreSQL book needs the extra postgres: pip install 'netbill_tui-…-py3-none-any.whl[postgres]'."
            ) from None
        book: Database = PostgresBook(target)
    else:
        from netbill_tui.db.core.sqlite import SqliteBook

        book = SqliteBook(target, create=create)
    book.connect()
    return book
