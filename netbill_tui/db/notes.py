"""Notes and the outcomes of calls."""

from netbill_tui.billing.notes import NoteRow
from netbill_tui.db.engine import Database
from netbill_tui.db.statements import Statement

_OF = Statement(
    "select n.on_date, n.kind, n.outcome, n.text, n.next_action_on, n.operator, n.id, p.note_id is not null from note n "
    "left join note_pin p on p.note_id = n.id where n.customer_id = ? and n.on_date <= ? "
    "order by case when p.note_id is null then 1 else 0 end, n.id desc limit 200"
)
_COUNT = Statement("select count(*) from note where customer_id = ? and on_date <= ?")


def of_customer(db: Database, customer_id: int, as_of: str) -> list[NoteRow]:
    """The pinned and the newest up to a date, 200 at most; newest first, pinned ones above."""
    return [
        NoteRow(on, kind, outcome, text, again, operator, int(id_), bool(pinned))
        for on, kind, outcome, text, again, operator, id_, pinned in db.rows(_OF, (customer_id, as_of))
    ]


def count(db: Database, customer_id: int, as_of: str) -> int:
    """How many there are up to a date."""
    row = db.row(_COUNT, (customer_id, as_of))
    return int(row[0]) if row else 0
