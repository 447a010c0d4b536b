"""Pages of a list by key: no cursor lives across a keypress, and page one costs what page ten thousand costs."""

from collections.abc import Iterator
from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import LOWEST as LOWEST
from netbill_tui.db.core.statements import Keyset, Params, Row, Statement
from netbill_tui.errors import Damaged

Key = tuple[object, object]


class Page(NamedTuple):
    """Which page: the first, the last, or the one next to a row's key.

    Attributes:
        after: Rows behind this key.
        before: Rows ahead of this key.
        last: The end of the list.
    """

    after: Key | None = None
    before: Key | None = None
    last: bool = False


FIRST = Page()


def every_page(db: Database, statement: Statement, start: object = LOWEST, *more: object) -> Iterator[list[Row]]:
    """All rows of a statement that reads on behind its first column, page by page; that column is its first parameter.

    Raises:
        Damaged: They come in no order, so that reading on would never end.
    """
    last = start
    while rows := db.rows(statement, (last, *more)):
        yield rows
        last = further(last, rows[-1][0])


def further(last: object, key: object) -> object:
    """The place to read on from.

    Raises:
        Damaged: It does not lie behind the one before.
    """
    if isinstance(key, memoryview):
        key = bytes(key)
    if type(key) is not type(last) or not key > last:  # type: ignore[operator]
        raise Damaged("The rows are out of order: the book is damaged; netbill verify shows where. Restore it from a backup.")
    return key


def _next_to(db: Database, steps: tuple[Statement, ...], params: Params, key: Key, size: int) -> list[Row]:
    """The rows next to a key: first those that share its first column, then the others."""
    same, others = steps
    if db.kind == "postgres":
        alike, ahead = db.together(Read(same, (*params, *key), list), Read(others, (*params, key[0]), list))
        return [*alike, *ahead][:size]
    rows = db.rows(same, (*params, *key))
    return rows if len(rows) >= size else (rows + db.rows(others, (*params, key[0])))[:size]


def read_page(db: Database, keyset: Keyset, params: Params, page: Page) -> list[Row]:
    """The rows of a page in the list's own order."""
    if page.after is not None:
        return _next_to(db, keyset.after, params, page.after, keyset.size)
    if page.before is not None:
        return _next_to(db, keyset.before, params, page.before, keyset.size)[::-1]
    return db.rows(keyset.last, params)[::-1] if page.last else db.rows(keyset.first, params)
