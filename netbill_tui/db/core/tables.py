"""The tables of a book, loaded when the first of them is asked for by name.

Their sixty classes take a third of the start of a command that only reads, and a statement needs none of them: they declare,
migrate, insert whole rows and are compared with the database. So a module says `from netbill_tui.db.core import tables` and
`tables.Customer` inside a function.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netbill_tui.db.core.collection_tables import *  # noqa: F403
    from netbill_tui.db.core.table_classes import *  # noqa: F403
    from netbill_tui.db.core.table_classes import Table as Table


def __getattr__(name: str) -> Any:
    """The table of this name, or ALL of them, and the groups that `table_classes` gives."""
    from netbill_tui.db.core import collection_tables, table_classes

    return getattr(table_classes, name, None) or getattr(collection_tables, name)
