"""Reading the audit: what was done to a record or in the whole book, by whom, when."""

from collections.abc import Iterator
from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement

_COLUMNS = "seq, at_us, actor, session, action, object, detail"
_OF = f"select {_COLUMNS} from audit_event where object = ?"
_OF_OBJECT = Statement(
    f"{_OF} or seq in (select audit_seq from payment where receipt = ? union select audit_seq from invoice where number = ? "
    "union select audit_seq from credit_note where number = ?) order by seq desc"
)
# Whatever touched the account: its own events, those of its documents, and those of imports, runs and bulk work that changed its
# record or posted something on it.
_OF_ACCOUNT = Statement(
    f"{_OF} or object in (select receipt from payment where customer_id = ? "
    "union select number from invoice where customer_id = ? "
    "union select number from credit_note where customer_id = ?) or seq in (select audit_seq from record_version "
    "where kind in ('customer', 'terms') and record_id = ? union select audit_seq from entry where customer_id = ? "
    "union select audit_seq from note where customer_id = ? union select audit_seq from service_event where customer_id = ? "
    "union select audit_seq from charge where customer_id = ?) order by seq desc"
)
PAGE = 200


class Event(NamedTuple):
    """One audit event."""

    seq: int
    at_us: int
    actor: str
    session: str
    action: str
    object: str
    detail: str


class Query(NamedTuple):
    """Which events are wanted: of an object, by an actor, whose action begins so, in a span of UTC microseconds."""

    object: str = ""
    actor: str = ""
    action: str = ""
    first_us: int = 0
    end_us: int = 1 << 62


def of_object(db: Database, name: str) -> list[Event]:
    """Every event of a receipt, invoice or view, newest first."""
    return [Event(*row) for row in db.rows(_OF_OBJECT, (name, name, name, name))]


def of_account(db: Database, account: str, customer_id: int) -> list[Event]:
    """Every event of an account, its documents and what was done to it among others, newest first."""
    return [Event(*row) for row in db.rows(_OF_ACCOUNT, (account, *[customer_id] * 8))]


def _where(query: Query) -> tuple[str, list[object]]:
    words, values = ["at_us >= ? and at_us < ?"], [query.first_us, query.end_us]
    for column, value in (("object", query.object), ("actor", query.actor)):
        if value:
            words.append(f"{column} = ?")
            values.append(value)  # type: ignore[arg-type]
    if query.action:
        # A range, because a pattern would not use the index.
        words.append("action >= ? and action < ?")
        values += [query.action, query.action + "\U0010ffff"]  # type: ignore[list-item]
    return " and ".join(words), list(values)


def page(db: Database, query: Query, *, before: int | None = None, after: int | None = None, size: int = PAGE) -> list[Event]:
    """The newest events, or those next to one: `before` gives older ones, newest first; `after` newer ones, oldest first."""
    where, values = _where(query)
    if after is not None:
        statement, edge = f"select {_COLUMNS} from audit_event where {where} and seq > ? order by seq limit {size}", after
    else:
        statement = f"select {_COLUMNS} from audit_event where {where} and seq < ? order by seq desc limit {size}"
        edge = before if before is not None else 1 << 62
    return [Event(*row) for row in db.rows(Statement(statement), (*values, edge))]


def every(db: Database, query: Query, limit: int = 0) -> Iterator[Event]:
    """All of them, newest first, page by page; at most `limit` where that is not 0."""
    before, number = None, 0
    while events := page(db, query, before=before, size=2000):
        for event in events:
            yield event
            number += 1
            if number == limit:
                return
        before = events[-1].seq


def count(db: Database, query: Query) -> int:
    """How many there are."""
    where, values = _where(query)
    row = db.row(Statement(f"select count(*) from audit_event where {where}"), values)
    return int(row[0]) if row else 0
