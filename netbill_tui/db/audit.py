"""Reading the audit: what was done to a record, by whom, when."""

from typing import NamedTuple

from netbill_tui.db.engine import Database
from netbill_tui.db.statements import Statement

_OF = "select seq, at_us, actor, session, action, object, detail from audit_event where object = ?"
_OF_OBJECT = Statement(f"{_OF} order by seq desc limit 200")
# A payment is audited by its receipt; the account's own page shows those too.
_OF_ACCOUNT = Statement(
    "select seq, at_us, actor, session, action, object, detail from audit_event where object = ? or object in "
    "(select p.receipt from payment p where p.customer_id = ?) order by seq desc limit 200"
)
_COUNT = Statement("select count(*) from audit_event where object = ? and action = ? and at_us >= ? and detail like ?")


class Event(NamedTuple):
    """One audit event."""

    seq: int
    at_us: int
    actor: str
    session: str
    action: str
    object: str
    detail: str


def of_object(db: Database, name: str) -> list[Event]:
    """The newest 200 events of a receipt, invoice or view."""
    return [Event(*row) for row in db.rows(_OF_OBJECT, (name,))]


def of_account(db: Database, account: str, customer_id: int) -> list[Event]:
    """The newest 200 events of an account and its payments."""
    return [Event(*row) for row in db.rows(_OF_ACCOUNT, (account, customer_id))]


def count_since(db: Database, name: str, action: str, detail: str, at_us: int) -> int:
    """How many events of an object, of one action and with a pattern in their detail, there were since a moment."""
    row = db.row(_COUNT, (name, action, at_us, detail))
    return int(row[0]) if row else 0
