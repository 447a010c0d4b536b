"""Notes and the outcomes of calls."""

from netbill_tui.billing.notes import NoteRow
from netbill_tui.db.engine import Database
from netbill_tui.db.statements import Statement

_OF = Statement(
    "select on_date, kind, outcome, text, next_action_on, operator from note where customer_id = ? and on_date <= ? "
    "order by id desc limit 200"
)
_COUNT = Statement("select count(*) from note where customer_id = ? and on_date <= ?")


def of_customer(db: Database, customer_id: int, as_of: str) -> list[NoteRow]:
    """The newest 200 up to a date, newest first."""
    return [NoteRow(*row) for row in db.rows(_OF, (customer_id, as_of))]


def count(db: Database, customer_id: int, as_of: str) -> int:
    """How many there are up to a date."""
    row = db.row(_COUNT, (customer_id, as_of))
    return int(row[0]) if row else 0
