"""Invoices and credit notes with all that stands on them, and what was given back."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.db.catalogue.codes import last_by_bill_date
from netbill_tui.db.core import chain
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Row, Select, Statement, in_list


class Amounts(NamedTuple):
    """Net and tax, in minor units; of a rate, its base and tax."""

    net: int = 0
    tax: int = 0


class CreditNoteRow(NamedTuple):
    """A credit note of a list."""

    number: str
    issued: str
    total: int
    reason: str


class Posted(NamedTuple):
    """A credit note with what of it settled its invoice when it was posted."""

    number: str
    total: int
    tax: int
    settled: int


class Settling(NamedTuple):
    """What settled an invoice, or was taken back of that: by a payment, which has a day received, or a credit note."""

    source_id: int
    amount: int
    audit_seq: int
    received: str | None
    credited: str | None


class Issued(NamedTuple):
    """A document of a batch."""

    id: int
    number: str
    customer_id: int


class Batch(NamedTuple):
    """The documents of a run's batch."""

    invoices: list[Issued]
    credit_notes: list[Issued]


class Numbered(NamedTuple):
    """A document by its id and number."""

    id: int
    number: str


class Origin(NamedTuple):
    """What the audit event of a document was about, when it was, by whom, and what it was called."""

    object: str = ""
    at_us: int = 0
    actor: str = ""
    action: str = ""


_DOCUMENT = Statement(
    "select i.id, i.number, i.customer_id, c.account, c.name, i.bill_date, i.issued_on, i.due_on, i.total, i.tax, i.audit_seq, "
    "'', '', i.text "
    "from invoice i join customer c on c.id = i.customer_id where i.number = ?"
)
_CREDIT = Statement(
    "select n.id, n.number, n.customer_id, c.account, c.name, n.bill_date, n.issued_on, n.issued_on, n.total, n.tax, "
    "n.audit_seq, "
    "n.reason, coalesce(i.number, '') from credit_note n join customer c on c.id = n.customer_id "
    "left join invoice i on i.id = n.invoice_id where n.number = ?"
)
_LINES = Statement(
    "select l.id, l.position, l.code, l.kind, l.text, l.period_first, l.period_end, l.quantity, l.unit_price, l.amount, "
    "l.tax_class, "
    "coalesce(b.tax, 0), coalesce(b.why, ''), coalesce(b.service_id, 0), coalesce(b.charge_id, 0), coalesce(b.terms_id, 0), "
    "coalesce(b.again, 0), coalesce(b.span_first, ''), b.id, coalesce(b.charged, 0), i.bill_date, coalesce(s.mode, ''), "
    "l.audit_seq from invoice_line l join invoice i on i.id = l.invoice_id left join billed b on b.id = l.id "
    "left join service s on s.id = b.service_id where l.invoice_id = ? order by l.position"
)
_CREDIT_LINES = Statement(
    "select l.id, l.position, l.code, l.kind, l.text, l.period_first, l.period_end, '1', l.amount, l.amount, "
    "coalesce(o.tax_class, b.tax_class, ''), l.tax, "
    "coalesce(b.why, ''), coalesce(b.service_id, 0), coalesce(b.charge_id, 0), coalesce(b.terms_id, 0), coalesce(b.again, 0), "
    "coalesce(b.span_first, ''), b.id, coalesce(b.charged, 0), coalesce(oi.bill_date, n.bill_date), coalesce(s.mode, ''), "
    "coalesce(o.audit_seq, l.audit_seq) from credit_line l join credit_note n on n.id = l.credit_id "
    "left join billed b on b.id = l.id left join invoice_line o on o.id = l.line_id left join invoice oi on oi.id = o.invoice_id "
    "left join billed ob on ob.id = o.id left join service s on s.id = coalesce(nullif(b.service_id, 0), ob.service_id) "
    "where l.credit_id = ? order by l.position"
)
_TAXES = Statement("select name, category, percent, base, tax, reason from invoice_tax where invoice_id = ? order by position")
_CREDITED = Select(
    "select l.line_id, cast(sum(l.amount) as bigint), cast(sum(l.tax) as bigint) from credit_line l join invoice_line i "
    "on i.id = l.line_id where i.invoice_id = ? group by l.line_id",
    lambda line, net, tax: (int(line), Amounts(int(net), int(tax))),
)
_CREDITED_TAXES = Select(
    "select t.name, t.category, t.percent, cast(sum(t.base) as bigint), cast(sum(t.tax) as bigint) from invoice_tax t "
    "join credit_note n on n.id = t.invoice_id where n.invoice_id = ? group by t.name, t.category, t.percent",
    lambda name, category, percent, base, tax: ((name, category, percent), Amounts(int(base), int(tax))),
)
_GIVEN_BACK = Select(
    "select cast(coalesce(sum(charged), 0) as bigint), cast(coalesce(sum(tax), 0) as bigint) from billed where service_id = ? "
    "and charge_id = 0 and kind in ('credit', 'uncredit') and terms_id = ? and code = ? and span_first = ?",
    Amounts,
)
_CREDIT_OF = Select(
    "select n.number, n.total, n.tax, cast(coalesce((select sum(a.amount) from allocation a where a.payment_id = n.id and "
    "a.invoice_id = ? and a.audit_seq = n.audit_seq), 0) as bigint) from credit_note n where n.id = ?",
    Posted,
)
_CREDITS_OF = Select("select number, issued_on, total, reason from credit_note where invoice_id = ? order by id", CreditNoteRow)
_ALLOCATIONS = Select(
    "select a.payment_id, a.amount, a.audit_seq, p.received_on, n.issued_on "
    "from allocation a left join payment p on p.id = a.payment_id left join credit_note n on n.id = a.payment_id "
    "where a.invoice_id = ? order by a.id",
    Settling,
)
_OF_EVENTS = Select("select id, number, customer_id from invoice where id >= ? and id <= ? and audit_seq = ? order by id", Issued)
_NOTES_OF_EVENTS = Select(
    "select id, number, customer_id from credit_note where id >= ? and id <= ? and audit_seq = ? order by id", Issued
)
_ORIGIN = Select("select object, at_us, actor, action from audit_event where seq = ?", Origin)
_EVENT_DETAIL = Select("select detail from audit_event where seq = ?", str)
_ALL = Select("select id, number from invoice where id > ? order by id limit 500", Numbered)
_ALL_CREDITS = Select("select id, number from credit_note where id > ? order by id limit 500", Numbered)
_NOTES_OF = Select(
    "select number, issued_on, total, reason from credit_note where customer_id = ? order by id desc", CreditNoteRow
)


_UNDONE = Select(
    "select 1 from billed where service_id = ? and charge_id = ? and kind = ? and first_on = ? and terms_id = ? and again = ? "
    "and code = ?",
    bool,
)
_POSTED_BY = Select("select audit_seq from invoice where id = ?", int)
_OLDEST_SETTLED = Select(
    "select coalesce(min(i.due_on), '') from allocation a join invoice i on i.id = a.invoice_id where a.payment_id = ?", str
)
_WITH_TEXT = Select("select 1 from invoice where customer_id = ? and text = ?", bool)


class Document(NamedTuple):
    """The head of an invoice or credit note."""

    id: int
    number: str
    customer_id: int
    account: str
    name: str
    bill_date: str
    issued: str
    due: str
    total: int
    tax: int
    audit_seq: int
    reason: str = ""
    invoice: str = ""
    text: str = ""

    @property
    def net(self) -> int:
        """Without tax."""
        return self.total - self.tax


class DocumentLine(NamedTuple):
    """A row of an invoice or credit note with its arithmetic. `rated_on` is the day whose tax rates it has."""

    id: int
    position: int
    code: str
    kind: str
    text: str
    period_first: str | None
    period_end: str | None
    quantity: str
    unit_price: int
    amount: int
    tax_class: str
    tax: int
    why: str
    service_id: int
    charge_id: int
    terms_id: int
    recharge: int
    span_first: str
    billed_id: int | None
    charged: int
    rated_on: str = ""


class DocumentTax(NamedTuple):
    """The tax of one rate."""

    name: str
    category: str
    percent: str
    base: int
    tax: int
    reason: str


def invoice(db: Database, number: str) -> Document | None:
    """The invoice of this number."""
    row = db.row(_DOCUMENT, (number,))
    return Document(*row) if row else None


def credit_note(db: Database, number: str) -> Document | None:
    """The credit note of this number."""
    row = db.row(_CREDIT, (number,))
    return Document(*row) if row else None


def lines(db: Database, invoice_id: int) -> list[DocumentLine]:
    """The rows of an invoice."""
    old = last_by_bill_date(db)
    return [_line(row, old) for row in db.rows(_LINES, (invoice_id,))]


def credit_lines(db: Database, credit_id: int) -> list[DocumentLine]:
    """The rows of a credit note."""
    old = last_by_bill_date(db)
    return [_line(row, old) for row in db.rows(_CREDIT_LINES, (credit_id,))]


def _line(row: Row, old: int) -> DocumentLine:
    """A line with the day of its rates: its first in advance, its last in arrears, its own where it is charged once."""
    *columns, bill_date, mode, seq = row
    line = DocumentLine(*columns)
    day = line.period_first or bill_date
    if line.kind == "credit":
        day = line.span_first.partition("#")[0] or day
    if mode == "arrears" and line.period_end:
        day = (date.fromisoformat(line.period_end) - timedelta(days=1)).isoformat()
    return line._replace(rated_on=bill_date if seq <= old else day)


def taxes(db: Database, document_id: int) -> list[DocumentTax]:
    """The taxes of a document, by order of computation."""
    return [DocumentTax(*row) for row in db.rows(_TAXES, (document_id,))]


def credited(db: Database, invoice_id: int) -> dict[int, Amounts]:
    """What was given back of each line, by its id."""
    return dict(_CREDITED.all(db, (invoice_id,)))


def credited_taxes(db: Database, invoice_id: int) -> dict[tuple[str, str, str], Amounts]:
    """Base and tax that credit notes of an invoice gave back, by name, category and percentage of the rate."""
    return dict(_CREDITED_TAXES.all(db, (invoice_id,)))


def given_back(db: Database, line: "DocumentLine", *, inclusive: bool) -> Amounts:
    """What runs gave back of a line that charged a service, on documents of their own."""
    if line.kind != "recurring" or not line.service_id:
        return Amounts()
    key = f"{line.period_first}#{line.recharge}"
    charged = _GIVEN_BACK.one(db, (line.service_id, line.terms_id, line.code, key))
    return Amounts(charged.tax - charged.net if inclusive else -charged.net, -charged.tax)


def credits_of(db: Database, invoice_id: int) -> list[CreditNoteRow]:
    """The credit notes that name an invoice."""
    return _CREDITS_OF.all(db, (invoice_id,))


def posted(db: Database, credit_id: int, invoice_id: int) -> Posted:
    """A credit note of an invoice as it was posted."""
    return _CREDIT_OF.one(db, (invoice_id, credit_id))


def of_customer(db: Database, customer_id: int) -> list[CreditNoteRow]:
    """The credit notes of an account, newest first."""
    return _NOTES_OF.all(db, (customer_id,))


def allocations(db: Database, invoice_id: int) -> list[Settling]:
    """What settled an invoice, and what was taken back of that, in the order of posting."""
    return _ALLOCATIONS.all(db, (invoice_id,))


def was_undone(db: Database, line: "DocumentLine", kind: str, first: str) -> bool:
    """Whether a row of this kind takes back what a line billed from a day on."""
    key = (line.service_id, max(line.charge_id, 0), kind, first, line.terms_id, line.recharge, line.code)
    return _UNDONE.first(db, key) is not None


def posted_by(db: Database, invoice_id: int) -> int:
    """The audit event that posted an invoice."""
    return _POSTED_BY.one(db, (invoice_id,))


def oldest_settled(db: Database, credit_id: int) -> str:
    """The due date of the oldest invoice that a credit note settled; empty where it settled none."""
    return _OLDEST_SETTLED.one(db, (credit_id,))


def is_there(db: Database, customer_id: int, text: str) -> bool:
    """Whether a customer has an invoice with this text."""
    return _WITH_TEXT.first(db, (customer_id, text)) is not None


def taken_numbers(db: Database, numbers: Sequence[str]) -> set[str]:
    """Those of some document numbers that an invoice or credit note has already."""
    among = in_list(len(numbers))
    both = f"select number from invoice where number in {among} union select number from credit_note where number in {among}"
    return set(Select(both, str).all(db, [*numbers, *numbers]))


def numbered(db: Database, numbers: Sequence[str]) -> set[str]:
    """Those of some numbers that a credit note has."""
    if not numbers:
        return set()
    return set(Select(f"select number from credit_note where number in {in_list(len(numbers))}", str).all(db, numbers))


def documents_of(db: Database, event: int) -> Batch:
    """The documents of a run's batch.

    Raises:
        Refused: The event cannot be read.
    """
    detail = chain.read(_EVENT_DETAIL.first(db, (event,)) or "", f"event {event}")
    span = (detail.get("first_id", 0), detail.get("last_id", -1), event)
    return Batch(_OF_EVENTS.all(db, span), _NOTES_OF_EVENTS.all(db, span))


def origin(db: Database, audit_seq: int) -> Origin:
    """What the audit event of a document says of its making."""
    return _ORIGIN.first(db, (audit_seq,)) or Origin()


def page(db: Database, after: int, *, credit: bool) -> list[Numbered]:
    """Invoices, or credit notes, behind an id."""
    return (_ALL_CREDITS if credit else _ALL).all(db, (after,))
