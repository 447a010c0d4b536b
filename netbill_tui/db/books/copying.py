"""A whole book from one engine to another, row by row as it stands: for backups, which are always one SQLite file."""

from collections.abc import Callable
from typing import NamedTuple

from netbill_tui.db.core import tables
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Row, Select, Statement, in_list
from netbill_tui.db.core.transaction import blob_columns, columns, insert_into

_PAGE = 5000
_COPY_FILE = Statement("vacuum into ?")
_COUNTED = ("customer", "invoice", "payment", "entry", "audit_event")
_COUNTS = Select(f"select {', '.join(f'(select count(*) from {name})' for name in _COUNTED)}", lambda *counts: counts)
_END = Select("select b.install_id, h.seq from book b join audit_head h on h.id = 1", lambda uid, seq: End(bytes(uid), int(seq)))


class End(NamedTuple):
    """Which book it is, and its last audit event."""

    install_id: bytes
    seq: int


def end(db: Database) -> End | None:
    """Which book this is, and where it ends."""
    return _END.first(db)


def main_counts(db: Database) -> dict[str, int]:
    """Rows of the main tables."""
    return dict(zip(_COUNTED, _COUNTS.one(db), strict=True))


def copy_file(db: Database, path: str) -> None:
    """A consistent copy of a book that is a file, as another file that is not there yet."""
    db.run(_COPY_FILE, (path,))


def _keys(table: type[tables.Table]) -> tuple[str, ...]:
    return tuple(str(field.column_name) for field in table._meta.get_primary_keys())


def copy_book(source: Database, target: Database, on_progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Copy every row of every table into a book that was just made and holds nothing; rows by table.

    The source is read in one consistent view; the target is written in one transaction.
    """
    copied: dict[str, int] = {}
    with source.reading(), target.write():
        for at, table in enumerate(tables.ALL):
            name = table._meta.table_name
            # What the migrations put there is replaced by what the book says.
            if name in ("number_series", "kept_state", "audit_head", "keeping"):
                target.run(Statement(f"delete from {name}"))
            copied[name] = _copy(source, target, table)
            if on_progress:
                on_progress(at + 1, len(tables.ALL))
    return copied


def _copy(source: Database, target: Database, table: type[tables.Table]) -> int:
    name, keys, done = table._meta.table_name, _keys(table), 0
    names, blobs = columns(table), blob_columns(table)
    at = [names.index(key) for key in keys]
    order = ", ".join(keys)
    select = f"select {', '.join(names)} from {name}"
    first = Statement(f"{select} order by {order} limit {_PAGE}")
    later = Statement(f"{select} where ({order}) > {in_list(len(keys))} order by {order} limit {_PAGE}")
    rows = source.rows(first)
    while rows:
        plain: list[Row] = [
            tuple(bytes(v) if blob and v is not None else v for v, blob in zip(row, blobs, strict=True)) for row in rows
        ]
        target.run_many(insert_into(table), plain)
        done += len(plain)
        rows = source.rows(later, [plain[-1][i] for i in at])
    return done
