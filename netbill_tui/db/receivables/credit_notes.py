"""Invoices and credit notes with all that stands on them, and what was given back."""

from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.db.catalogue.codes import last_by_bill_date
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Row, Statement

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
_CREDITED = Statement(
    "select l.line_id, cast(sum(l.amount) as bigint), cast(sum(l.tax) as bigint) from credit_line l join invoice_line i "
    "on i.id = l.line_id where i.invoice_id = ? group by l.line_id"
)
_CREDITED_TAXES = Statement(
    "select t.name, t.category, t.percent, cast(sum(t.base) as bigint), cast(sum(t.tax) as bigint) from invoice_tax t "
    "join credit_note n on n.id = t.invoice_id where n.invoice_id = ? group by t.name, t.category, t.percent"
)
_GIVEN_BACK = Statement(
    "select cast(coalesce(sum(charged), 0) as bigint), cast(coalesce(sum(tax), 0) as bigint) from billed where service_id = ? "
    "and charge_id = 0 and kind in ('credit', 'uncredit') and terms_id = ? and code = ? and span_first = ?"
)
_CREDIT_OF = Statement(
    "select n.number, n.total, n.tax, cast(coalesce((select sum(a.amount) from allocation a where a.payment_id = n.id and "
    "a.invoice_id = ? and a.audit_seq = n.audit_seq), 0) as bigint) from credit_note n where n.id = ?"
)
_CREDITS_OF = Statement("select number, issued_on, total, reason from credit_note where invoice_id = ? order by id")
_ALLOCATIONS = Statement(
    "select a.payment_id, coalesce(p.receipt, n.number), a.amount, a.on_date, a.audit_seq, p.received_on, n.issued_on "
    "from allocation a left join payment p on p.id = a.payment_id left join credit_note n on n.id = a.payment_id "
    "where a.invoice_id = ? order by a.id"
)
_OF_EVENTS = "select id, number, customer_id from invoice where id >= ? and id <= ? and audit_seq = ? order by id"
_NOTES_OF_EVENTS = "select id, number, customer_id from credit_note where id >= ? and id <= ? and audit_seq = ? order by id"
_EVENT_RUN = Statement("select object, at_us, actor, action from audit_event where seq = ?")
_EVENT_DETAIL = Statement("select detail from audit_event where seq = ?")
_ALL = Statement(
    "select i.id, i.number, c.account, i.bill_date, i.total, i.tax, 'invoice' from invoice i join customer c "
    "on c.id = i.customer_id where i.id > ? order by i.id limit 500"
)
_ALL_CREDITS = Statement(
    "select n.id, n.number, c.account, n.bill_date, n.total, n.tax, 'credit-note' from credit_note n join customer c "
    "on c.id = n.customer_id where n.id > ? order by n.id limit 500"
)
_NOTES_OF = Statement("select number, issued_on, total, reason from credit_note where customer_id = ? order by id desc")


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
    again: int
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
    *told, bill_date, mode, seq = row
    line = DocumentLine(*told)
    day = line.period_first or bill_date
    if line.kind == "credit":
        day = line.span_first.partition("#")[0] or day
    if mode == "arrears" and line.period_end:
        day = (date.fromisoformat(line.period_end) - timedelta(days=1)).isoformat()
    return line._replace(rated_on=bill_date if seq <= old else day)


def taxes(db: Database, document_id: int) -> list[DocumentTax]:
    """The taxes of a document, by order of computation."""
    return [DocumentTax(*row) for row in db.rows(_TAXES, (document_id,))]


def credited(db: Database, invoice_id: int) -> dict[int, tuple[int, int]]:
    """Net and tax that were given back of each line, by its id."""
    return {int(i): (int(net), int(tax)) for i, net, tax in db.rows(_CREDITED, (invoice_id,))}


def credited_taxes(db: Database, invoice_id: int) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Base and tax that credit notes of an invoice gave back, by name, category and percentage of the rate."""
    found = db.rows(_CREDITED_TAXES, (invoice_id,))
    return {(n, c, p): (int(base), int(tax)) for n, c, p, base, tax in found}


def given_back(db: Database, line: "DocumentLine", *, inclusive: bool) -> tuple[int, int]:
    """Net and tax that runs gave back of a line that charged a service, on documents of their own."""
    if line.kind != "recurring" or not line.service_id:
        return 0, 0
    key = f"{line.period_first}#{line.again}"
    row = db.row(_GIVEN_BACK, (line.service_id, line.terms_id, line.code, key))
    charged, tax = (int(row[0]), int(row[1])) if row else (0, 0)
    return (tax - charged if inclusive else -charged), -tax


def credits_of(db: Database, invoice_id: int) -> list[tuple[str, str, int, str]]:
    """Number, date, total and reason of the credit notes that name an invoice."""
    return [(r[0], r[1], int(r[2]), r[3]) for r in db.rows(_CREDITS_OF, (invoice_id,))]


def credit_of(db: Database, credit_id: int, invoice_id: int) -> tuple[str, int, int, int]:
    """Number, total and tax of a credit note, and what of it settled its invoice when it was posted."""
    row = db.row(_CREDIT_OF, (invoice_id, credit_id))
    assert row is not None, "a posted credit note is never deleted"
    return str(row[0]), int(row[1]), int(row[2]), int(row[3])


def notes_of(db: Database, customer_id: int) -> list[tuple[str, str, int, str]]:
    """Number, date, total and reason of the credit notes of an account, newest first."""
    return [(r[0], r[1], int(r[2]), r[3]) for r in db.rows(_NOTES_OF, (customer_id,))]


def allocations(db: Database, invoice_id: int) -> list[Row]:
    """Source id, its number, amount, date, audit event, received date, credit date of what settled an invoice."""
    return db.rows(_ALLOCATIONS, (invoice_id,))


def documents_of(db: Database, event: int) -> tuple[list[tuple[int, str, int]], list[tuple[int, str, int]]]:
    """Id, number and customer of the invoices and of the credit notes of a run's batch."""
    import json

    found = db.row(_EVENT_DETAIL, (event,))
    detail = json.loads(found[0]) if found else {}
    span = (detail.get("first_id", 0), detail.get("last_id", -1), event)
    plus = [(int(r[0]), str(r[1]), int(r[2])) for r in db.rows(Statement(_OF_EVENTS), span)]
    return plus, [(int(r[0]), str(r[1]), int(r[2])) for r in db.rows(Statement(_NOTES_OF_EVENTS), span)]


def made_by(db: Database, audit_seq: int) -> tuple[str, int, str, str]:
    """What the audit event of a document was about, when, by whom, and what it was called."""
    row = db.row(_EVENT_RUN, (audit_seq,))
    return (row[0], int(row[1]), row[2], row[3]) if row else ("", 0, "", "")


def page(db: Database, after: int, *, credit: bool) -> list[Row]:
    """Id, number, account, bill date, total, tax and type of documents behind an id."""
    return db.rows(_ALL_CREDITS if credit else _ALL, (after,))
