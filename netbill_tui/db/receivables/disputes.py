"""Disputes: the last event of an invoice says whether it is disputed."""

from datetime import date
from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement

_LAST = "d.id = (select max(e.id) from dispute_event e where e.invoice_id = d.invoice_id) and d.kind = 'raised'"
_STANDING = (
    "select d.invoice_id, i.number, c.account, c.name, d.on_date, coalesce(o.open, 0), d.reason from dispute_event d "
    "join invoice i on i.id = d.invoice_id join customer c on c.id = d.customer_id left join open_item o on o.invoice_id = i.id "
    f"where {_LAST}"
)
_ONE = Statement(f"{_STANDING} and (i.number = ? or i.number = ?)")
# What was settled in full needs no answer any more.
_ALL = Statement(f"{_STANDING} and o.open > 0 order by d.on_date, d.id")
_OF = Statement(f"{_STANDING} and o.open > 0 and d.customer_id = ? order by d.on_date, d.id")
_OWNER = Statement("select c.account from invoice i join customer c on c.id = i.customer_id where i.number = ? or i.number = ?")


class Standing(NamedTuple):
    """A dispute that nobody answered."""

    invoice_id: int
    number: str
    account: str
    name: str
    raised: str
    open: int
    reason: str

    @property
    def day(self) -> date:
        """The day on which it was raised."""
        return date.fromisoformat(self.raised)


def standing(db: Database, number: str) -> Standing | None:
    """The dispute of an invoice, as typed or in capitals."""
    row = db.row(_ONE, (number, number.upper()))
    return Standing(*row) if row else None


def all_standing(db: Database, customer_id: int | None = None) -> list[Standing]:
    """Every dispute of an invoice with something open, or those of one account; the oldest first."""
    rows = db.rows(_ALL) if customer_id is None else db.rows(_OF, (customer_id,))
    return [Standing(*row) for row in rows]


def owner(db: Database, number: str) -> str | None:
    """The account of an invoice."""
    row = db.row(_OWNER, (number, number.upper()))
    return str(row[0]) if row else None
