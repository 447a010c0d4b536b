"""Accounts that are held or handed over."""

from typing import NamedTuple

from netbill_tui.db.core import posted
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement
from netbill_tui.db.core.transaction import Transaction

HOLD, HANDED_OVER, OPTED_OUT, WRONG_MAIL, DELIVERY = "hold", "handed-over", "opted-out", "wrong-mail", "delivery"
_ENDS = {"release": HOLD, "taken-back": HANDED_OVER, "opted-in": OPTED_OUT, "right-mail": WRONG_MAIL}


class MarkRow(NamedTuple):
    """An account that is held or handed over; `until` is None for until somebody releases it."""

    customer_id: int
    account: str
    name: str
    kind: str
    until: str | None
    covers: str
    reason: str


class AgencyRow(NamedTuple):
    """An account that is handed over, as an agency is told of it; the amount in minor units."""

    account: str
    name: str
    postcode: str
    town: str
    overdue: int
    oldest_due: str
    invoices: int
    reason: str


_AGENCY = Select(
    "select c.account, c.name, c.postcode, c.town, cast(coalesce(sum(o.open), 0) as bigint), coalesce(min(o.due_on), ''), "
    "count(o.invoice_id), m.reason from collection_mark m join customer c on c.id = m.customer_id left join open_item o "
    "on o.customer_id = c.id and o.due_on < ? and o.disputed = 0 where m.kind = 'handed-over' "
    "group by c.account, c.name, c.postcode, c.town, m.reason order by c.account",
    AgencyRow,
)
_SET = Statement(
    "insert into collection_mark (customer_id, kind, until_on, covers, reason) values (?, ?, ?, ?, ?) on conflict "
    "(customer_id, kind) "
    "do update set until_on = excluded.until_on, covers = excluded.covers, reason = excluded.reason"
)
_DROP = Statement("delete from collection_mark where customer_id = ? and kind = ?")
_SELECT = (
    "select m.customer_id, c.account, c.name, m.kind, m.until_on, m.covers, m.reason from collection_mark m join customer c "
    "on c.id = m.customer_id"
)
_OF = Select(f"{_SELECT} where m.customer_id = ? order by m.kind", MarkRow)
_ALL = Select(f"{_SELECT} where m.kind <> 'delivery' order by c.account, m.kind", MarkRow)


def post(tx: Transaction, event: posted.CollectionEvent) -> None:
    """Post an event of an account and keep what it comes to."""
    tx.post([event])
    if event.kind in _ENDS:
        tx.db.run(_DROP, (event.customer_id, _ENDS[event.kind]))
    else:
        tx.db.run(_SET, (event.customer_id, event.kind, event.until_on, event.covers, event.reason))


def of_customer(db: Database, customer_id: int) -> list[MarkRow]:
    """How an account is marked."""
    return _OF.all(db, (customer_id,))


def listed(db: Database) -> list[MarkRow]:
    """Every account that is marked."""
    return _ALL.all(db)


def agency(db: Database, day: str) -> list[AgencyRow]:
    """Every account that is handed over, with what is overdue and undisputed."""
    return _AGENCY.all(db, (day,))
