"""The audit chain and the posted rows that it vouches for. Source: docs/security.md, *The audit*."""

from itertools import groupby

from netbill_tui.db.core import book as book_rows
from netbill_tui.db.core import chain
from netbill_tui.db.core.engine import Database
from netbill_tui.db.verify import chain as chain_rows
from netbill_tui.security import audit
from netbill_tui.text import counted
from netbill_tui.usecases.core.checks import Check, blame

TAIL = 5000  # so many of the newest events are looked at in a hurry


def _counting(db: Database, result: Check) -> set[int]:
    """The events that vouch for rows by their number, which only a demo book has; each number is compared here."""
    book = book_rows.book(db)
    if book is None or not book.demo:
        return set()
    copied_by = {event.seq: event.said.get("copied", {}) for event in chain.all_of(db, audit.COUNTING)}
    for name in chain_rows.POSTED if copied_by else ():
        counts = chain_rows.counts(db, name, copied_by)
        for seq, copied in copied_by.items():
            result.rows += counts.get(seq, 0)
            if counts.get(seq, 0) != copied.get(name, 0):
                blame(
                    result,
                    f"audit event {seq} copied {counted(copied.get(name, 0), 'row')} of {name}, there are {counts.get(seq, 0)}",
                )
    return set(copied_by)


def audit_tail(db: Database, result: Check) -> None:
    """As `audit_chain`, of the newest events alone: the one before them is believed."""
    head = chain.head(db)
    audit_chain(db, result, max(0, head.seq - TAIL) if head else 0)


def audit_chain(db: Database, result: Check, since: int = 0) -> None:
    """Each event behind one follows from the one before, without a gap, and its row hashes are those of its rows."""
    counting = _counting(db, result)
    # Rows stand in the order of their ids in each table, and in that of events over all of them.
    by_event = groupby(chain_rows.posted(db, counting, since), key=lambda row: row.seq)
    pending = next(by_event, None)
    before = chain.hash_at(db, since) if since else None
    prev, expected = before or audit.GENESIS, since + 1
    for event in chain_rows.events(db, since):
        result.rows += 1
        if event.seq != expected or event.prev != prev:
            blame(result, f"audit event {event.seq} does not follow from the one before")
        fields = (event.seq, event.at_us, event.actor, event.session, event.action, event.object, event.detail, event.row_hashes)
        if audit.chain_hash(event.prev, *fields) != event.hash:
            blame(result, f"audit event {event.seq} ({event.action} {event.object}) was changed")
        while pending is not None and pending[0] < event.seq:
            blame(result, f"rows of a missing audit event {pending[0]}: first id {next(pending[1]).id}")
            pending = next(by_event, None)
        mine: list[bytes] = []
        if pending is not None and pending[0] == event.seq:
            mine = [row.hash for row in pending[1]]
            pending = next(by_event, None)
        bulk = '"bulk_rows":' in event.detail
        if event.seq not in counting and (audit.bulk_hash(mine) if bulk else b"".join(mine)) != event.row_hashes:
            blame(
                result, f"posted rows of audit event {event.seq} ({event.action} {event.object}) are not those that were posted"
            )
        prev, expected = event.hash, event.seq + 1
    if pending is not None:
        blame(result, f"rows without an audit event: first id {next(pending[1]).id}")
    head = chain.head(db)
    if head is None or head.seq != expected - 1 or head.hash != prev:
        blame(result, "the head of the audit chain is not its last event")
