"""Payments: lists by date, one with all about it, and what a duplicate is looked for in."""

from collections.abc import Container
from typing import NamedTuple

from netbill_tui.billing.receivables.payments import Payment, PaymentRow, cheque_number
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Row, Statement

# The state is looked up row by row: for a join, SQLite first reads every event there is to make a filter of them, which costs
# a lookup of one payment a thousand times its price in a large book.
COLUMNS = (
    "p.received_on, p.id, p.receipt, c.account, c.name, p.method, p.reference, p.amount, "
    "coalesce((select e.kind from payment_event e where e.payment_id = p.id and e.on_date <= ?), 'received')"
)
TABLES = "payment p join customer c on c.id = p.customer_id"

# The first parameter of each of these is the date as of which the state is told.
_OF_CUSTOMER = Statement(
    f"select {COLUMNS} from {TABLES} where p.customer_id = ? and p.received_on <= ? order by p.received_on desc, p.id desc"
)
_DETAIL = (
    f"select {COLUMNS}, p.uid, p.tendered, p.note, p.operator, p.recorded_at, e.on_date, coalesce(e.reason, ''), "
    f"coalesce(e.document, ''), p.customer_id from {TABLES} left join payment_event e on e.payment_id = p.id "
    "and e.on_date <= ? where "
)
_BY_RECEIPT = Statement(_DETAIL + "p.receipt = ?")
_BY_ID = Statement(_DETAIL + "p.id = ?")
_BY_UID = Statement(
    "select p.id, c.account, p.received_on, p.amount, p.method from payment p join customer c on c.id = p.customer_id "
    "where p.uid = ?"
)
_ALLOCATED = Statement(
    "select i.number, a.amount, a.invoice_id from allocation a join invoice i on i.id = a.invoice_id "
    "where a.payment_id = ? and a.amount > 0 and a.on_date <= ? order by a.id"
)
# What it settles now: an undone run gave credit back that it had used.
_STANDING = Statement(
    "select i.number, cast(sum(a.amount) as bigint), a.invoice_id from allocation a join invoice i on i.id = a.invoice_id "
    "where a.payment_id = ? group by i.number, a.invoice_id having sum(a.amount) > 0 order by min(a.id)"
)
_TAKEN_BACK = Statement(
    "select i.number, cast(-sum(a.amount) as bigint) from allocation a join invoice i on i.id = a.invoice_id "
    "join payment_event e on e.payment_id = a.payment_id and e.audit_seq = a.audit_seq where a.payment_id = ? and a.amount < 0 "
    "group by i.number order by min(a.id)"
)
_WHEN_POSTED = Statement(
    "select p.customer_id, p.audit_seq, cast((select coalesce(sum(e.amount), 0) from entry e where e.customer_id = p.customer_id "
    "and e.id <= (select min(n.id) from entry n where n.payment_id = p.id)) as bigint) from payment p where p.id = ?"
)
_ALLOCATED_BY = Statement(
    "select i.number, a.amount from allocation a join invoice i on i.id = a.invoice_id "
    "where a.payment_id = ? and a.audit_seq = ? "
    "and a.amount > 0 order by a.id"
)
_ALLOCATED_NOW = Statement(
    "select cast(coalesce(sum(amount), 0) as bigint) from allocation where payment_id = ? and on_date <= ?"
)
_BY_NUMBER = Statement(
    "select p.id, c.account, p.received_on, p.amount, p.method from payment p join customer c on c.id = p.customer_id "
    "where p.receipt = ?"
)
_SAME_AMOUNT = Statement(
    "select p.receipt, p.received_on, p.method, p.id from payment p where p.customer_id = ? and p.received_on >= ? "
    "and p.received_on <= ? and p.amount = ? and not exists (select 1 from payment_event e where e.payment_id = p.id) "
    "order by p.received_on desc, p.id desc"
)
_CHEQUES = Statement(
    "select p.receipt, p.received_on, p.reference, p.id from payment p where p.customer_id = ? and p.received_on >= ? "
    "and p.received_on <= ? and p.method = 'cheque' order by p.id desc"
)
_TAKINGS = Statement(
    "select p.method, count(*), cast(sum(p.amount) as bigint) from payment p where p.received_on = ? and not exists "
    "(select 1 from payment_event e where e.payment_id = p.id and e.on_date <= ? and e.kind <> 'cleared') group by p.method"
)
_EVER = "9999-12-31"
ADD_TERM = Statement("insert into payment_term (word, payment_id) values (?, ?)")


class Known(NamedTuple):
    """A payment of the book that a row of a file is, by its identity or its number. Amount in minor units."""

    id: int
    account: str
    received: str
    amount: int
    method: str


def row(found: Row) -> PaymentRow:
    """A payment of a list from the nine columns."""
    date, id_, receipt, account, name, method, reference, amount, state = found[:9]
    return PaymentRow(id_, receipt, account, name, date, method, reference, amount, state)


def of_customer(db: Database, customer_id: int, as_of: str) -> list[PaymentRow]:
    """Every payment of one account up to a date, newest first."""
    return [row(r) for r in db.rows(_OF_CUSTOMER, (as_of, customer_id, as_of))]


def _payment(db: Database, found: Row, as_of: str, *, repeated: bool) -> Payment:
    one = row(found)
    uid, tendered, note, operator, recorded_at, event_date, reason, document, customer_id = found[9:]
    allocated = tuple((number, amount) for number, amount, _ in db.rows(_ALLOCATED, (one.id, as_of)))
    now = db.row(_ALLOCATED_NOW, (one.id, as_of))
    taken_back = one.state in ("returned", "reversed")
    unapplied = 0 if taken_back else one.amount - (int(now[0]) if now else 0)
    balance = db.row(_KEPT_BALANCE, (customer_id,))
    return Payment(
        one, bytes(uid), tendered, note, operator, recorded_at, allocated, unapplied,
        int(balance[0]) if balance else 0, event_date, reason, document, repeated,
    )  # fmt: skip


_KEPT_BALANCE = Statement("select balance from customer_total where customer_id = ?")


def by_receipt(db: Database, receipt: str, as_of: str = _EVER) -> Payment | None:
    """Everything about the payment with this receipt number, and what had become of it by a date."""
    found = db.row(_BY_RECEIPT, (as_of, as_of, receipt))
    return _payment(db, found, as_of, repeated=False) if found else None


def by_id(db: Database, payment_id: int, *, repeated: bool = False) -> Payment | None:
    """Everything about the payment with this row id."""
    found = db.row(_BY_ID, (_EVER, _EVER, payment_id))
    return _payment(db, found, _EVER, repeated=repeated) if found else None


def by_uid(db: Database, uid: bytes) -> Known | None:
    """The payment with this identity."""
    found = db.row(_BY_UID, (uid,))
    return Known(*found) if found else None


_LAST_SETTLED = Statement("select max(on_date) from allocation where payment_id = ?")


def allocations(db: Database, payment_id: int) -> list[tuple[str, int, int]]:
    """Invoice number, amount and invoice id of what it settles now."""
    return [(str(r[0]), int(r[1]), int(r[2])) for r in db.rows(_STANDING, (payment_id,))]


def last_settled(db: Database, payment_id: int) -> list[str]:
    """The last day on which a payment settled something, or nothing where it never did."""
    found = db.row(_LAST_SETTLED, (payment_id,))
    return [str(found[0])] if found and found[0] else []


class WhenPosted(NamedTuple):
    """Whose payment it is, the event that posted it, and the balance of the account with it."""

    customer_id: int
    audit_seq: int
    balance: int


def when_posted(db: Database, payment_id: int) -> WhenPosted:
    """How things stood when a payment was posted."""
    row = db.row(_WHEN_POSTED, (payment_id,))
    assert row is not None, "a posted payment is never deleted"
    return WhenPosted(int(row[0]), int(row[1]), int(row[2]))


def allocated_by(db: Database, payment_id: int, audit_seq: int) -> list[tuple[str, int]]:
    """Invoice number and amount of what a payment settled by an audit event."""
    return [(str(n), int(a)) for n, a in db.rows(_ALLOCATED_BY, (payment_id, audit_seq))]


def taken_back(db: Database, payment_id: int) -> list[tuple[str, int]]:
    """Invoice number and amount of what a reversal of the payment opened again."""
    return [(str(r[0]), int(r[1])) for r in db.rows(_TAKEN_BACK, (payment_id,))]


def by_number(db: Database, receipt: str) -> Known | None:
    """The payment with this receipt number."""
    found = db.row(_BY_NUMBER, (receipt,))
    return Known(*found) if found else None


def same_amount(
    db: Database, customer_id: int, first: str, last: str, amount: int, but: Container[int] = ()
) -> tuple[str, str, str] | None:
    """Receipt, date and method of a standing payment of the same amount in a span, other than those named by their ids."""
    found = db.rows(_SAME_AMOUNT, (customer_id, first, last, amount))
    return next(((receipt, on, method) for receipt, on, method, id_ in found if id_ not in but), None)


def same_cheque(
    db: Database, customer_id: int, first: str, last: str, number: str, but: Container[int] = ()
) -> tuple[str, str] | None:
    """Receipt and date of a payment by the same cheque number in a span, other than those named by their ids."""
    found = db.rows(_CHEQUES, (customer_id, first, last))
    return next(((receipt, on) for receipt, on, text, id_ in found if id_ not in but and cheque_number(text) == number), None)


def takings(db: Database, day: str) -> dict[str, tuple[int, int]]:
    """Method: number and sum of what was received on a day and not taken back by its end."""
    return {method: (int(number), int(total)) for method, number, total in db.rows(_TAKINGS, (day, day))}
