"""The audit chain and the posted rows that it vouches for. Source: docs/security.md, *The audit*."""

import heapq
import json
from collections.abc import Iterator
from itertools import groupby

from netbill_tui.db.core import book as book_rows
from netbill_tui.db.core import tables
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.paging import every_page
from netbill_tui.db.core.statements import LOWEST, Statement
from netbill_tui.db.core.transaction import blob_columns, columns
from netbill_tui.errors import Damaged
from netbill_tui.security import audit
from netbill_tui.text import counted
from netbill_tui.usecases.core.checks import Check, blame
from netbill_tui.usecases.demo.copies import COPY

_PAGE = 5000
TAIL = 5000  # so many of the newest events are looked at in a hurry
_NO_ORDER = "Rows come in no order: the book is damaged; netbill verify says what is hit."
_HASHED = (
    tables.Invoice, tables.InvoiceLine, tables.Payment, tables.PaymentEvent, tables.Allocation, tables.Entry,
    tables.DisputeEvent, tables.Note, *tables.BILLING_POSTED,
    tables.RecordVersion, tables.Giving,
)  # fmt: skip


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


def _pages(db: Database, table: type[tables.Table], copied: str, since: int) -> Iterator[tuple[int, int, bytes]]:
    """Id, audit event and hash of the rows of a posted table behind an event, in id order, but those of copies."""
    names = columns(table)
    kinds = blob_columns(table)
    statement = Statement(
        f"select {', '.join(names)} from {table._meta.table_name} where id > ? and audit_seq > ? and audit_seq not in "  # noqa: S608
        f"({copied}) order by id limit {_PAGE}"
    )
    for rows in every_page(db, statement, _begin(db, table, since), since):
        for row in rows:
            values = [bytes(v) if blob and v is not None else v for v, blob in zip(row, kinds, strict=True)]
            yield int(row[0]), int(row[-1]), audit.row_hash(table._meta.table_name, values)


_EVENTS = Statement(
    "select seq, at_us, actor, session, action, object, detail, row_hashes, prev, hash from audit_event "
    f"where seq > ? order by seq limit {_PAGE}"
)
HEAD = Statement("select seq, hash from audit_head where id = 1")
_COPY_EVENTS = Statement("select seq, detail from audit_event where action = ?")


_OF_EVENT = Statement("select hash from audit_event where seq = ?")


def _copies(db: Database, result: Check) -> set[int]:
    """The events of a demo book that vouch for copied rows by their number; each number is compared here."""
    book = book_rows.book(db)
    if book is None or not book.demo:
        return set()
    told = {int(seq): json.loads(detail).get("copied", {}) for seq, detail in db.rows(_COPY_EVENTS, (COPY,))}
    for table in _HASHED if told else ():
        name = table._meta.table_name
        marks = ", ".join(str(seq) for seq in told)
        counts = Statement(f"select audit_seq, count(*) from {name} where audit_seq in ({marks}) group by audit_seq")  # noqa: S608
        found = {int(seq): int(number) for seq, number in db.rows(counts)}
        for seq, copied in told.items():
            result.rows += found.get(seq, 0)
            if found.get(seq, 0) != copied.get(name, 0):
                blame(
                    result,
                    f"audit event {seq} copied {counted(copied.get(name, 0), 'row')} of {name}, there are {found.get(seq, 0)}",
                )
    return set(told)


def audit_tail(db: Database, result: Check) -> None:
    """As `audit_chain`, of the newest events alone: the one before them is believed."""
    head = db.row(HEAD)
    audit_chain(db, result, max(0, int(head[0]) - TAIL) if head else 0)


def audit_chain(db: Database, result: Check, since: int = 0) -> None:
    """Each event behind one follows from the one before, without a gap, and its row hashes are those of its rows."""
    copies = _copies(db, result)
    copied = ", ".join(str(seq) for seq in copies) or "0"
    # Rows stand in the order of their ids in each table, and in that of events over all of them.
    merged = heapq.merge(*(_pages(db, t, copied, since) for t in _HASHED))
    by_event = groupby(merged, key=lambda found: found[1])
    pending = next(by_event, None)
    before = db.row(_OF_EVENT, (since,)) if since else None
    prev, expected = bytes(before[0]) if before else audit.GENESIS, since + 1
    for row in (one for rows in every_page(db, _EVENTS, since or LOWEST) for one in rows):
        seq, (actor, session, action, obj, detail) = int(row[0]), row[2:7]
        hashes, follows, digest = bytes(row[7]), bytes(row[8]), bytes(row[9])
        result.rows += 1
        if seq != expected or follows != prev:
            blame(result, f"audit event {seq} does not follow from the one before")
        if audit.chain_hash(follows, seq, int(row[1]), actor, session, action, obj, detail, hashes) != digest:
            blame(result, f"audit event {seq} ({row[4]} {row[5]}) was changed")
        while pending is not None and pending[0] < seq:
            blame(result, f"rows of a missing audit event {pending[0]}: first id {next(pending[1])[0]}")
            pending = next(by_event, None)
        mine: list[bytes] = []
        if pending is not None and pending[0] == seq:
            mine = [found[2] for found in pending[1]]
            pending = next(by_event, None)
        bulk = '"bulk_rows":' in detail
        if seq not in copies and (audit.bulk_hash(mine) if bulk else b"".join(mine)) != hashes:
            blame(result, f"posted rows of audit event {seq} ({row[4]} {row[5]}) are not those that were posted")
        prev, expected = digest, seq + 1
    if pending is not None:
        blame(result, f"rows without an audit event: first id {next(pending[1])[0]}")
    head = db.row(HEAD)
    if head is None or int(head[0]) != expected - 1 or bytes(head[1]) != prev:
        blame(result, "the head of the audit chain is not its last event")
