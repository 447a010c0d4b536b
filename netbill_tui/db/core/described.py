"""The tables of a server's book as its catalogue describes them, for what compares them with this program's."""

from collections import defaultdict
from typing import NamedTuple

import peewee

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement

_COLUMNS = Statement(
    "select c.relname, a.attname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
    "where n.nspname = current_schema() and c.relkind in ('r', 'p') order by c.relname, a.attnum"
)
_INDEXES = Statement(
    "select c.relname, i.relname, pg_get_indexdef(x.indexrelid), x.indisunique, "
    "array(select pg_get_indexdef(x.indexrelid, k + 1, true) from generate_subscripts(x.indkey, 1) as k order by k) "
    "from pg_index x join pg_class c on c.oid = x.indrelid "
    "join pg_class i on i.oid = x.indexrelid join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname = current_schema() and c.relkind = 'r' order by x.indisunique desc, i.relname"
)


class Column(NamedTuple):
    """A column; what is compared of it."""

    name: str


class Described:
    """What playhouse's `diff_models` asks of a database one table after another, answered from two statements.

    As peewee asks it, it is three statements a table: 177 flights to the server, and nine tenths of what verify took there.
    """

    def __init__(self, db: Database) -> None:
        """Read both."""
        self._columns: dict[str, list[Column]] = defaultdict(list)
        for table, name in db.rows(_COLUMNS):
            self._columns[str(table)].append(Column(str(name)))
        self._indexes: dict[str, list[peewee.IndexMetadata]] = defaultdict(list)
        for table, name, definition, unique, columns in db.rows(_INDEXES):
            plain = [str(c).strip('"').replace('""', '"') for c in columns]
            self._indexes[str(table)].append(peewee.IndexMetadata(name, definition, plain, unique, table))

    def get_tables(self, schema: str | None = None) -> list[str]:  # noqa: ARG002 - a book has one
        """The names of the tables."""
        return list(self._columns)

    def get_columns(self, table: str, schema: str | None = None) -> list[Column]:  # noqa: ARG002
        """The columns of one."""
        return self._columns[table]

    def get_indexes(self, table: str, schema: str | None = None) -> list[peewee.IndexMetadata]:  # noqa: ARG002
        """The indexes of one."""
        return self._indexes[table]
