"""Pages of a list by key: no cursor lives across a keypress, and page one costs what page ten thousand costs."""

from typing import NamedTuple

from netbill_tui.db.engine import Database
from netbill_tui.db.statements import Keyset, Params, Row, Statement

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


def _next_to(db: Database, steps: tuple[Statement, ...], params: Params, key: Key, size: int) -> list[Row]:
    """The rows next to a key: first those that share its first column, then the others."""
    same, others = steps
    found = db.rows(same, (*params, *key))
    return found if len(found) >= size else (found + db.rows(others, (*params, key[0])))[:size]


def read_page(db: Database, keyset: Keyset, params: Params, page: Page) -> list[Row]:
    """The rows of a page in the list's own order."""
    if page.after is not None:
        return _next_to(db, keyset.after, params, page.after, keyset.size)
    if page.before is not None:
        return _next_to(db, keyset.before, params, page.before, keyset.size)[::-1]
    return db.rows(keyset.last, params)[::-1] if page.last else db.rows(keyset.first, params)
