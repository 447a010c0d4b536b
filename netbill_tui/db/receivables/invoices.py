"""Invoices, dues and entries: of today from the kept tables, of a past date from the posted ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.receivables.ageing import days_past_due
from netbill_tui.billing.receivables.allocation import OpenInvoice
from netbill_tui.billing.receivables.invoices import Due, Line
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.paging import Page, read_page
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Keyset, Row, Select, Statement, in_list


class DueDay(NamedTuple):
    """What is open of one due date."""

    due: str
    invoices: int
    amount: int


class EntryRow(NamedTuple):
    """An entry of an account as it was posted."""

    id: int
    on: str
    kind: str
    document: str
    text: str
    amount: int


DUE_COLUMNS = "o.due_on, o.invoice_id, o.number, c.account, c.name, o.issued_on, o.total, o.open, o.disputed"
DUE_TABLES = "open_item o join customer c on c.id = o.customer_id"
_DUE = f"select {DUE_COLUMNS} from {DUE_TABLES}"
_DUE_PAGE = f"select o.due_on, o.invoice_id, {DUE_COLUMNS} from {DUE_TABLES}"
_DUES = Keyset(_DUE_PAGE, "o.due_on >= ? and o.due_on <= ?", "o.due_on", "o.invoice_id")
_DUES_OF = Statement(f"{_DUE} where o.customer_id = ? order by o.due_on, o.issued_on, o.number")
_OPEN_COLUMNS = (
    "o.invoice_id, o.number, o.issued_on, o.due_on, o.total, o.open, o.disputed, coalesce((select max(a.on_date) "
    "from allocation a where a.invoice_id = o.invoice_id and a.amount < 0), '') from open_item o"
)
_OPEN = Statement(f"select {_OPEN_COLUMNS} where o.customer_id = ? order by o.due_on, o.issued_on, o.number")
# Open as of a date: issued by then, less what was allocated by then, a taken-back allocation counting against it.
_PAST = (
    "select i.due_on, i.id, i.number, c.account, c.name, i.issued_on, i.total, "
    "cast(i.total - coalesce({paid}, 0) as bigint), "
    "coalesce((select case when d.kind = 'raised' then 1 else 0 end from dispute_event d where d.invoice_id = i.id "
    "and d.on_date <= ? order by d.id desc limit 1), 0) "
    "from invoice i join customer c on c.id = i.customer_id {joined}where i.issued_on <= ? and i.total - coalesce({paid}, 0) > 0"
    "{those} order by i.due_on, i.issued_on, i.number"
)
# Open at a past date was only what is open now or was settled since: the work is what changed since that date, and no more.
_PAST_ALL = Statement(
    "with candidate (id) as (select invoice_id from open_item where issued_on <= ? union select invoice_id from allocation "
    "where on_date > ?) "
    + _PAST.format(
        paid="a.paid",
        joined="left join (select invoice_id, sum(amount) as paid from allocation where on_date <= ? and invoice_id in "
        "(select id from candidate) group by invoice_id) a on a.invoice_id = i.id ",
        those=" and i.id in (select id from candidate)",
    )
)
_PAID = "(select sum(a.amount) from allocation a where a.invoice_id = i.id and a.on_date <= ?)"
_PAST_OF = Statement(_PAST.format(paid=_PAID, joined="", those=" and i.customer_id = ?"))
_CREDITED = "(select cast(coalesce(sum(n.total), 0) as bigint) from credit_note n where n.invoice_id = i.id and n.issued_on <= ?)"
_OF_CUSTOMER = Statement(
    "select i.due_on, i.id, i.number, c.account, c.name, i.issued_on, i.total, "
    "cast(i.total - coalesce((select sum(a.amount) from allocation a where a.invoice_id = i.id and a.on_date <= ?), 0) "
    "as bigint), coalesce((select case when d.kind = 'raised' then 1 else 0 end from dispute_event d "
    "where d.invoice_id = i.id and d.on_date <= ? order by d.id desc limit 1), 0), "
    f"{_CREDITED} from invoice i join customer c on c.id = i.customer_id where i.customer_id = ? and i.issued_on <= ? "
    "order by i.issued_on desc, i.id desc"
)
_BY_NUMBER = Statement(
    "select i.due_on, i.id, i.number, c.account, c.name, i.issued_on, i.total, "
    "cast(i.total - coalesce((select sum(a.amount) from allocation a where a.invoice_id = i.id and a.on_date <= ?), 0) "
    "as bigint), coalesce((select case when d.kind = 'raised' then 1 else 0 end from dispute_event d "
    "where d.invoice_id = i.id and d.on_date <= ? order by d.id desc limit 1), 0), "
    f"{_CREDITED} from invoice i join customer c on c.id = i.customer_id where i.number = ?"
)
_LINES = Statement(
    "select position, code, text, period_first, period_end, quantity, unit_price, amount from invoice_line "
    "where invoice_id = ? order by position"
)
_BY_DUE = Select("select due_on, invoices, amount from due_total order by due_on", DueDay)
_DUE_SUM = Select(
    "select cast(coalesce(sum(invoices), 0) as bigint), cast(coalesce(sum(amount), 0) as bigint) from due_total "
    "where due_on >= ? and due_on <= ?",
    Tally,
)
_ENTRIES = Select(
    "select id, on_date, kind, document, text, amount from entry where customer_id = ? and on_date >= ? and on_date <= ? "
    "order by on_date, id",
    EntryRow,
)
_OPENING = Statement("select cast(coalesce(sum(amount), 0) as bigint) from entry where customer_id = ? and on_date < ?")
_BALANCE = Select("select cast(coalesce(sum(amount), 0) as bigint) from entry where customer_id = ? and on_date <= ?", int)
# Credit as of a date is what stands now, less what payments and credit notes brought since, and with what was allocated since.
_CREDIT_PAST = Select(
    "select cast((select credit from kept_state where id = 1) "
    "- (select coalesce(sum(case when measure = 'received' then amount else -amount end), 0) from day_sum "
    "where measure in ('received', 'taken back') and on_date > ?) "
    "+ (select coalesce(sum(a.amount), 0) from allocation a where a.on_date > ?) "
    "- (select coalesce(sum(n.total), 0) from credit_note n where n.issued_on > ?) as bigint)",
    int,
)
_CREDIT_PAST_OF = Select(
    "select cast((select coalesce(sum(p.amount), 0) from payment p where p.customer_id = ? and p.received_on <= ?) "
    "- (select coalesce(sum(p.amount), 0) from payment_event e join payment p on p.id = e.payment_id "
    "where p.customer_id = ? and e.on_date <= ? and e.kind <> 'cleared') "
    "- (select coalesce(sum(a.amount), 0) from invoice i join allocation a on a.invoice_id = i.id "
    "where i.customer_id = ? and a.on_date <= ?) "
    "+ (select coalesce(sum(n.total), 0) from credit_note n where n.customer_id = ? and n.issued_on <= ?) as bigint)",
    int,
)
_CREDIT = Select("select credit from kept_state where id = 1", int)


def due(
    as_of: str, due_on: str, id_: int, number: str, account: str, name: str, issued: str, total: int, open_: int, disputed: int,
    credited: int = 0,
) -> Due:  # fmt: skip
    """An invoice of a list from its DUE_COLUMNS, and from what was credited where that is read too."""
    return Due(id_, number, account, name, issued, due_on, total, open_, days_past_due(due_on, as_of), bool(disputed), credited)


def dues_of(db: Database, customer_id: int, as_of: str, *, past: bool) -> list[Due]:
    """Open invoices of one account, oldest due first."""
    return db.together(reading_dues(customer_id, as_of, past=past))[0]


def reading_dues(customer_id: int, as_of: str, *, past: bool) -> Read[list[Due]]:
    """The same, together with other reads."""

    def decode(rows: list[Row]) -> list[Due]:
        return [due(as_of, *row) for row in rows]

    if past:
        return Read(_PAST_OF, (as_of, as_of, as_of, as_of, customer_id), decode)
    return Read(_DUES_OF, (customer_id,), decode)


def open_as_of(db: Database, as_of: str) -> list[Due]:
    """Everything open at a past date, from the posted rows."""
    return [due(as_of, *row) for row in db.rows(_PAST_ALL, (as_of, as_of, as_of, as_of, as_of))]


def reading_open(customer_id: int) -> Read[list[OpenInvoice]]:
    """What a payment can settle now."""
    return Read(_OPEN, (customer_id,), lambda rows: [_open(*row) for row in rows])


def _open(id_: int, number: str, issued: str, due_: str, total: int, open_: int, disputed: int, reopened: str) -> OpenInvoice:
    return OpenInvoice(id_, number, issued, due_, total, open_, bool(disputed), reopened)


@lru_cache(maxsize=8)
def _open_of(count: int) -> Statement:
    return Statement(
        f"select o.customer_id, {_OPEN_COLUMNS} where o.customer_id in {in_list(count)} "  # noqa: S608 - only marks
        "order by o.customer_id, o.due_on, o.issued_on, o.number"
    )


def reading_open_of(customer_ids: Sequence[int]) -> Read[dict[int, list[OpenInvoice]]]:
    """The same of at most some hundred accounts."""

    def decode(rows: list[Row]) -> dict[int, list[OpenInvoice]]:
        invoices: dict[int, list[OpenInvoice]] = {}
        for customer_id, *row in rows:
            invoices.setdefault(int(customer_id), []).append(_open(*row))
        return invoices

    return Read(_open_of(len(customer_ids)), customer_ids, decode)


def open_invoices(db: Database, customer_id: int) -> list[OpenInvoice]:
    """The same, at once."""
    return db.together(reading_open(customer_id))[0]


def of_customer(db: Database, customer_id: int, as_of: str) -> list[Due]:
    """Every invoice of one account with what is open as of a date, newest first."""
    return [due(as_of, *row) for row in db.rows(_OF_CUSTOMER, (as_of, as_of, as_of, customer_id, as_of))]


def by_number(db: Database, number: str, as_of: str) -> Due | None:
    """The invoice with this number."""
    row = db.row(_BY_NUMBER, (as_of, as_of, as_of, number))
    return due(as_of, *row) if row else None


def lines(db: Database, invoice_id: int) -> list[Line]:
    """The rows of one invoice."""
    return [Line(*row) for row in db.rows(_LINES, (invoice_id,))]


def reading_by_due_date() -> Read[list[DueDay]]:
    """Everything open today, by due date."""
    return _BY_DUE.read_all()


def falling_due(db: Database, first: str, last: str) -> Tally:
    """What falls due from a date to another, both included."""
    return _DUE_SUM.one(db, (first, last))


def page(db: Database, first: str, last: str, as_of: str, which: Page) -> list[Due]:
    """One page of the open invoices that fall due from a date to another, by due date."""
    return [due(as_of, *row[2:]) for row in read_page(db, _DUES, (first, last), which)]


@dataclass(slots=True)
class KnownInvoice:
    """An invoice that is in the book already, or was just added. `reopened`: the last day a payment of it was taken back."""

    id: int
    customer_id: int
    account: str
    issued: str
    due: str
    total: int
    open: int
    reopened: str
    disputed: int = 0


@lru_cache(maxsize=8)
def _known(count: int) -> Select[tuple[str, KnownInvoice]]:
    return Select(
        "select i.number, i.id, i.customer_id, c.account, i.issued_on, i.due_on, i.total, coalesce(o.open, 0), "
        "coalesce((select max(a.on_date) from allocation a where a.invoice_id = i.id and a.amount < 0), ''), "
        "coalesce((select case when d.kind = 'raised' then 1 else 0 end from dispute_event d where d.invoice_id = i.id "
        "order by d.id desc limit 1), 0) from invoice i join customer c on c.id = i.customer_id "
        f"left join open_item o on o.invoice_id = i.id where i.number in {in_list(count)}",
        lambda number, *more: (number, KnownInvoice(*more)),
    )


def known(db: Database, numbers: Sequence[str]) -> dict[str, KnownInvoice]:
    """The invoices with these numbers."""
    return dict(_known(len(numbers)).all(db, numbers)) if numbers else {}


def entries(db: Database, customer_id: int, first: str, last: str) -> list[EntryRow]:
    """The entries in a span, both ends included."""
    return _ENTRIES.all(db, (customer_id, first, last))


def balance_before(db: Database, customer_id: int, first: str) -> int:
    """The balance at the end of the day before."""
    row = db.row(_OPENING, (customer_id, first))
    return int(row[0]) if row else 0


def reading_balance(customer_id: int, as_of: str) -> Read[int]:
    """The sum of the entries up to a date."""
    return _BALANCE.read_one((customer_id, as_of))


def balance_as_of(db: Database, customer_id: int, as_of: str) -> int:
    """The same, at once."""
    return _BALANCE.one(db, (customer_id, as_of))


def reading_credit_of(customer_id: int, as_of: str) -> Read[int]:
    """Unallocated credit of one account up to a date, never negative."""
    return _CREDIT_PAST_OF.read_one((*(customer_id, as_of) * 4,))


def reading_credit(as_of: str, *, past: bool) -> Read[int]:
    """The same of the book; what is kept of it where the date is not past."""
    return _CREDIT_PAST.read_one((as_of,) * 3) if past else _CREDIT.read_one()


def credit_as_of(db: Database, as_of: str, *, past: bool, customer_id: int | None = None) -> int:
    """Unallocated credit of the book or of one account, at once."""
    return db.together(reading_credit(as_of, past=past) if customer_id is None else reading_credit_of(customer_id, as_of))[0]
