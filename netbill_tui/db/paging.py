"""Pages of a list by key: no cursor lives across a keypress, and page one costs what page ten thousand costs."""

from typing import NamedTuple

from netbill_tui.db.engine import Database
from netbill_tui.db.statements import Keyset, Params, Row

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


def read_page(db: Database, keyset: Keyset, params: Params, page: Page) -> list[Row]:
    """The rows of a page in the list's own order."""
    if page.after is not None:
        a, b = page.after
        return db.rows(keyset.after, (*params, a, a, b))
    if page.before is not None:
        a, b = page.before
        return db.rows(keyset.before, (*params, a, a, b))[::-1]
    return db.rows(keyset.last, params)[::-1] if page.last else db.rows(keyset.first, params)
