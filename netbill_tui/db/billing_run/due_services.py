"""Which customers a run has something to look at for."""

from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement

_DUE_NEXT = (
    Statement(
        "select next_on, customer_id from service_state where next_on = ? and customer_id > ? "
        "order by next_on, customer_id limit ?"
    ),
    Statement(
        "select next_on, customer_id from service_state where next_on > ? and next_on <= ? order by next_on, customer_id limit ?"
    ),
)
_DUE_CHECK = Statement(
    "select distinct customer_id from service_state where check_on <= ? and customer_id > ? order by customer_id limit ?"
)
_DUE_CHARGE = Statement(
    "select distinct customer_id from pending_charge where on_date <= ? and customer_id > ? order by customer_id limit ?"
)
_COUNT_DUE = Statement("select count(distinct customer_id) from service_state where next_on <= ?")
_NEXT_DATE = Statement("select min(next_on) from service_state")
_COUNT_SETTLED = Statement("select count(distinct customer_id) from service_state where next_on > ?")


class DueNext(NamedTuple):
    """A customer with a service to be billed, and the bill date."""

    bill_date: str
    customer_id: int


def due_next(db: Database, until: str, after: DueNext | None, limit: int) -> list[DueNext]:
    """The services to be billed by a day, behind the last one seen."""
    if after is None:
        return [DueNext(*row) for row in db.rows(_DUE_NEXT[1], ("", until, limit))]
    same = db.rows(_DUE_NEXT[0], (after.bill_date, after.customer_id, limit))
    if len(same) < limit:
        same += db.rows(_DUE_NEXT[1], (after.bill_date, until, limit - len(same)))
    return [DueNext(*row) for row in same]


def due_otherwise(db: Database, until: str, after: int, limit: int, *, charges: bool) -> list[int]:
    """Customers with an event to look at, or a charge to bill, by a day, behind the last one seen."""
    return [int(r[0]) for r in db.rows(_DUE_CHARGE if charges else _DUE_CHECK, (until, after, limit))]


def count_due(db: Database, until: str) -> int:
    """How many customers have a service to be billed by a day."""
    row = db.row(_COUNT_DUE, (until,))
    return int(row[0]) if row else 0


def count_settled(db: Database, until: str) -> int:
    """How many customers have services of which none is to be billed by a day."""
    row = db.row(_COUNT_SETTLED, (until,))
    return int(row[0]) if row else 0


def next_date(db: Database) -> str:
    """The first bill date that any service waits for; empty where none does."""
    row = db.row(_NEXT_DATE)
    return str(row[0] or "") if row else ""
