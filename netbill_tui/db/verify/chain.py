"""The audit chain and the posted rows that it vouches for, read in their order over all tables."""

import heapq
from collections.abc import Collection, Iterator
from typing import NamedTuple

from netbill_tui.db.core import tables
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.paging import every_page
from netbill_tui.db.core.statements import LOWEST, Select, Statement
from netbill_tui.db.core.transaction import blob_columns, columns
from netbill_tui.errors import Damaged
from netbill_tui.security import audit

_PAGE = 1000
_NO_ORDER = "The rows are out of order: the book is damaged; netbill verify shows where."
_HASHED = (
    tables.Invoice, tables.InvoiceLine, tables.Payment, tables.PaymentEvent, tables.Allocation, tables.Entry,
    tables.DisputeEvent, tables.Note, *tables.BILLING_POSTED,
    tables.RecordVersion, tables.Giving, *tables.COLLECTION_POSTED,
)  # fmt: skip
POSTED = tuple(str(table._meta.table_name) for table in _HASHED)  # the tables whose rows the chain vouches for


class Event(NamedTuple):
    """An event of the chain, whole."""

    seq: int
    at_us: int
    actor: str
    session: str
    action: str
    object: str
    detail: str
    row_hashes: bytes
    prev: bytes
    hash: bytes


class Posted(NamedTuple):
    """A posted row: its id, the event that vouches for it, and its hash now."""

    id: int
    seq: int
    hash: bytes


_IDS = Select("select next from number_series where name = 'id'", int)
_EVENTS = Statement(f"select {', '.join(Event._fields)} from audit_event where seq > ? order by seq limit {_PAGE}")


def events(db: Database, since: int = 0) -> Iterator[Event]:
    """The events behind one, in their order."""
    for rows in every_page(db, _EVENTS, since or LOWEST):
        for row in rows:
            seq, at_us, actor, session, action, obj, detail, hashes, prev, digest = row
            yield Event(int(seq), int(at_us), actor, session, action, obj, detail, bytes(hashes), bytes(prev), bytes(digest))


def posted(db: Database, counted: Collection[int], since: int = 0) -> Iterator[Posted]:
    """The rows of all posted tables behind an event, in the order of their ids, but those of events that only count them."""
    left_out = ", ".join(str(seq) for seq in counted) or "0"
    return heapq.merge(*(_pages(db, table, left_out, since) for table in _HASHED))


def _begin(db: Database, table: type[tables.Table], since: int) -> int:
    """An id before which no row of a table was posted behind an event; ids and events grow together, but for a few beside."""
    if not since:
        return LOWEST
    statement = Statement(f"select id, audit_seq from {table._meta.table_name} where id < ? order by id desc limit {_PAGE}")  # noqa: S608
    at, first = 1 << 62, 1 << 62
    while rows := db.rows(statement, (at,)):
        mine = [int(row[0]) for row in rows if row[1] > since]
        if not mine:
            break
        first = min(first, *mine)
        if not rows[-1][0] < at:
            raise Damaged(_NO_ORDER)
        at = int(rows[-1][0])
    return first - 1


def _pages(db: Database, table: type[tables.Table], left_out: str, since: int) -> Iterator[Posted]:
    names, kinds = columns(table), blob_columns(table)
    statement = Statement(
        f"select {', '.join(names)} from {table._meta.table_name} where id > ? and audit_seq > ? and audit_seq not in "  # noqa: S608
        f"({left_out}) order by id limit {_PAGE}"
    )
    for rows in every_page(db, statement, _begin(db, table, since), since):
        for row in rows:
            values = [bytes(v) if blob and v is not None else v for v, blob in zip(row, kinds, strict=True)]
            yield Posted(int(row[0]), int(row[-1]), audit.row_hash(str(table._meta.table_name), values))


def most_rows(db: Database) -> int:
    """At most so many rows were ever posted: what a whole verify of the chain looks at."""
    return _IDS.one(db)


def counts(db: Database, table: str, seqs: Collection[int]) -> dict[int, int]:
    """How many rows of a posted table some events have."""
    marks = ", ".join(str(seq) for seq in seqs)
    statement = Statement(f"select audit_seq, count(*) from {table} where audit_seq in ({marks}) group by audit_seq")  # noqa: S608
    return {int(seq): int(number) for seq, number in db.rows(statement)}
