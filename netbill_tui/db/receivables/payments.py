"""Payments: lists by date, one with all about it, and what a duplicate is looked for in."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.receivables.payments import Payment, PaymentRow, Settled
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Row, Select, Statement, in_list


class Known(NamedTuple):
    """A payment of the book that a row of a file is, by its identity or its number. Amount in minor units."""

    id: int
    account: str
    received: str
    amount: int
    method: str


class Allocated(NamedTuple):
    """What a payment settles of an invoice now."""

    invoice: str
    amount: int
    invoice_id: int


class WhenPosted(NamedTuple):
    """Whose payment it is, the event that posted it, and the balance of the account with it."""

    customer_id: int
    audit_seq: int
    balance: int


class Earlier(NamedTuple):
    """A payment that another may be a second entry of."""

    receipt: str
    received: str
    method: str
    id: int
    reference: str = ""


# The state is looked up row by row: for a join, SQLite first reads every event there is to make a filter of them, which costs
# a lookup of one payment a thousand times its price in a large book.
COLUMNS = (
    "p.received_on, p.id, p.receipt, c.account, c.name, p.method, p.reference, p.amount, "
    "coalesce((select e.kind from payment_event e where e.payment_id = p.id and e.on_date <= ?), 'received')"
)
TABLES = "payment p join customer c on c.id = p.customer_id"

# The first parameter of each of these is the date as of which the state is told.
_DETAIL = (
    f"select {COLUMNS}, p.uid, p.tendered, p.note, p.operator, p.recorded_at, e.on_date, coalesce(e.reason, ''), "
    f"coalesce(e.document, ''), p.customer_id from {TABLES} left join payment_event e on e.payment_id = p.id "
    "and e.on_date <= ? where "
)
_BY_RECEIPT = Statement(_DETAIL + "p.receipt = ?")
_BY_ID = Statement(_DETAIL + "p.id = ?")
_ALLOCATED = Select(
    "select i.number, a.amount from allocation a join invoice i on i.id = a.invoice_id "
    "where a.payment_id = ? and a.amount > 0 and a.on_date <= ? order by a.id",
    Settled,
)
# What it settles now: an undone run gave credit back that it had used.
_STANDING = Select(
    "select i.number, cast(sum(a.amount) as bigint), a.invoice_id from allocation a join invoice i on i.id = a.invoice_id "
    "where a.payment_id = ? group by i.number, a.invoice_id having sum(a.amount) > 0 order by min(a.id)",
    Allocated,
)
_TAKEN_BACK = Select(
    "select i.number, cast(-sum(a.amount) as bigint) from allocation a join invoice i on i.id = a.invoice_id "
    "join payment_event e on e.payment_id = a.payment_id and e.audit_seq = a.audit_seq where a.payment_id = ? and a.amount < 0 "
    "group by i.number order by min(a.id)",
    Settled,
)
_WHEN_POSTED = Select(
    "select p.customer_id, p.audit_seq, cast((select coalesce(sum(e.amount), 0) from entry e where e.customer_id = p.customer_id "
    "and e.id <= (select min(n.id) from entry n where n.customer_id = p.customer_id and n.payment_id = p.id)) as bigint) "
    "from payment p where p.id = ?",
    WhenPosted,
)
_ALLOCATED_BY = Select(
    "select i.number, a.amount from allocation a join invoice i on i.id = a.invoice_id where a.payment_id = ? "
    "and a.audit_seq = ? and a.amount > 0 order by a.id",
    Settled,
)
_ALLOCATED_NOW = Select(
    "select cast(coalesce(sum(amount), 0) as bigint) from allocation where payment_id = ? and on_date <= ?", int
)
_BALANCE = Select("select balance from customer_total where customer_id = (select customer_id from payment where id = ?)", int)
_WRITTEN_OFF = Select("select count(*) from write_off where customer_id = ?", bool)
_LAST_SETTLED = Select("select coalesce(max(on_date), '') from allocation where payment_id = ?", str)
_SAME_AMOUNT = Select(
    "select p.receipt, p.received_on, p.method, p.id from payment p where p.customer_id = ? and p.received_on >= ? "
    "and p.received_on <= ? and p.amount = ? and not exists (select 1 from payment_event e where e.payment_id = p.id) "
    "order by p.received_on desc, p.id desc",
    Earlier,
)
_CHEQUES = Select(
    "select p.receipt, p.received_on, p.method, p.id, p.reference from payment p where p.customer_id = ? and p.received_on >= ? "
    "and p.received_on <= ? and p.method = 'cheque' order by p.id desc",
    Earlier,
)
_EVER = "9999-12-31"
_ADD_TERM = Statement("insert into payment_term (word, payment_id) values (?, ?)")


def row(
    date: str, id_: int, receipt: str, account: str, name: str, method: str, reference: str, amount: int, state: str
) -> PaymentRow:
    """A payment of a list from its COLUMNS."""
    return PaymentRow(id_, receipt, account, name, date, method, reference, amount, state)


_OF_CUSTOMER = Select(
    f"select {COLUMNS} from {TABLES} where p.customer_id = ? and p.received_on <= ? order by p.received_on desc, p.id desc", row
)


def of_customer(db: Database, customer_id: int, as_of: str) -> list[PaymentRow]:
    """Every payment of one account up to a date, newest first."""
    return _OF_CUSTOMER.all(db, (as_of, customer_id, as_of))


def _of_payment(payment_id: int, as_of: str) -> tuple[Read[list[Settled]], Read[int | None], Read[int | None]]:
    """What it settled by a date, how much of it is settled, and the balance of its account."""
    of_day = (payment_id, as_of)
    return _ALLOCATED.read_all(of_day), _ALLOCATED_NOW.read_first(of_day), _BALANCE.read_first((payment_id,))


def _payment(
    columns: Row, allocated: Sequence[Settled], settled: int | None, balance: int | None, *, repeated: bool = False
) -> Payment:
    payment = row(*columns[:9])
    uid, tendered, note, operator, recorded_at, event_date, reason, document, _ = columns[9:]
    unapplied = 0 if payment.state in ("returned", "reversed") else payment.amount - (settled or 0)
    return Payment(
        payment, bytes(uid), tendered, note, operator, recorded_at, tuple(allocated), unapplied, balance or 0,
        event_date, reason, document, repeated,
    )  # fmt: skip


def by_receipt(db: Database, receipt: str, as_of: str = _EVER) -> Payment | None:
    """Everything about the payment with this receipt number, and what had become of it by a date."""
    columns = db.row(_BY_RECEIPT, (as_of, as_of, receipt))
    return _payment(columns, *db.together(*_of_payment(columns[1], as_of))) if columns else None


def by_id(db: Database, payment_id: int, *, repeated: bool = False) -> Payment | None:
    """Everything about the payment with this row id."""
    row_ = Read(_BY_ID, (_EVER, _EVER, payment_id), lambda rows: rows[0] if rows else None)
    columns, allocated, settled, balance = db.together(row_, *_of_payment(payment_id, _EVER))
    return _payment(columns, allocated, settled, balance, repeated=repeated) if columns else None


def by_uids(db: Database, uids: Sequence[bytes]) -> dict[bytes, Known]:
    """The payments with these identities, of those that there are."""
    known: dict[bytes, Known] = {}
    for first in range(0, len(uids), 500):
        part = uids[first : first + 500]
        known |= {bytes(row[0]): Known(*row[1:]) for row in db.rows(_known_by("uid", len(part)), part)}
    return known


def allocations(db: Database, payment_id: int) -> list[Allocated]:
    """What it settles now."""
    return _STANDING.all(db, (payment_id,))


def last_settled(db: Database, payment_id: int) -> list[str]:
    """The last day on which a payment settled something, or nothing where it never did."""
    return [day for day in _LAST_SETTLED.all(db, (payment_id,)) if day]


def when_posted(db: Database, payment_id: int) -> WhenPosted:
    """How things stood when a payment was posted."""
    return _WHEN_POSTED.one(db, (payment_id,))


def allocated_by(db: Database, payment_id: int, audit_seq: int) -> list[Settled]:
    """What a payment settled by an audit event."""
    return _ALLOCATED_BY.all(db, (payment_id, audit_seq))


def taken_back(db: Database, payment_id: int) -> list[Settled]:
    """What a reversal of the payment opened again."""
    return _TAKEN_BACK.all(db, (payment_id,))


def by_numbers(db: Database, receipts: Sequence[str]) -> dict[str, Known]:
    """The payments with these receipt numbers, of those that there are."""
    known: dict[str, Known] = {}
    for first in range(0, len(receipts), 500):
        part = receipts[first : first + 500]
        known |= {str(row[0]): Known(*row[1:]) for row in db.rows(_known_by("receipt", len(part)), part)}
    return known


def reading_same_amount(customer_id: int, first: str, last: str, amount: int) -> Read[list[Earlier]]:
    """The standing payments of the same amount in a span."""
    return _SAME_AMOUNT.read_all((customer_id, first, last, amount))


def reading_cheques(customer_id: int, first: str, last: str) -> Read[list[Earlier]]:
    """The payments by cheque in a span."""
    return _CHEQUES.read_all((customer_id, first, last))


class Recent(NamedTuple):
    """A payment of an account in a span, and whether it stands."""

    earlier: Earlier
    amount: int
    stands: bool


@lru_cache(maxsize=8)
def _recent(count: int) -> Statement:
    return Statement(
        "select p.customer_id, p.receipt, p.received_on, p.method, p.id, p.reference, p.amount, "  # noqa: S608 - only marks
        "not exists (select 1 from payment_event e where e.payment_id = p.id) from payment p "
        # Bound by the accounts, never by the days: a file brings a hundred thousand payments of one day.
        f"where p.customer_id in {in_list(count)} and p.received_on || '' >= ? and p.received_on || '' <= ?"
    )


def _newest_first(row: Row) -> tuple[int, int]:
    return -int(str(row[2]).replace("-", "")), -int(row[4])


def reading_recent(customer_ids: Sequence[int], first: str, last: str) -> Read[dict[int, list[Recent]]]:
    """The payments of at most some hundred accounts in a span, newest first."""

    def decode(rows: list[Row]) -> dict[int, list[Recent]]:
        recent: dict[int, list[Recent]] = {}
        for customer_id, receipt, received_, method, id_, reference, amount, stands in sorted(rows, key=_newest_first):
            payment = Recent(Earlier(receipt, received_, method, id_, reference), amount, bool(stands))
            recent.setdefault(int(customer_id), []).append(payment)
        return recent

    return Read(_recent(len(customer_ids)), (*customer_ids, first, last), decode)


@lru_cache(maxsize=16)
def _known_by(column: str, count: int) -> Statement:
    return Statement(
        f"select p.{column}, p.id, c.account, p.received_on, p.amount, p.method from payment p "  # noqa: S608 - fixed names, marks
        f"join customer c on c.id = p.customer_id where p.{column} in {in_list(count)}"
    )


@lru_cache(maxsize=8)
def _received(count: int) -> Select[tuple[bytes, str]]:
    return Select(
        f"select uid, received_on from payment where uid in {in_list(count)}",  # noqa: S608 - only marks
        lambda uid, on: (bytes(uid), on),
    )


def received(db: Database, uids: Sequence[bytes]) -> dict[bytes, str]:
    """The day on which each payment of these identities was received, of those that there are."""
    return dict(_received(len(uids)).all(db, uids)) if uids else {}


def add_terms(db: Database, terms: Iterable[tuple[str, int]]) -> None:
    """Let payments be found by words of their references: word and payment id."""
    db.run_many(_ADD_TERM, terms)


def reading_written_off(customer_id: int) -> Read[bool]:
    """Whether anything of an account was written off, so that a payment may recover it."""
    return _WRITTEN_OFF.read_one((customer_id,))
