"""Rows that are posted, by name: the columns of their tables in order, but the audit event that vouches for them.

A new column is a field here; what does not name it does not pass the type check.
"""

from typing import NamedTuple

from netbill_tui.db.core import posted_collections, tables
from netbill_tui.db.core.posted_collections import CollectionEvent as CollectionEvent
from netbill_tui.db.core.posted_collections import CollectionPolicy as CollectionPolicy
from netbill_tui.db.core.posted_collections import LateFee as LateFee
from netbill_tui.db.core.posted_collections import LateFeeWaiver as LateFeeWaiver
from netbill_tui.db.core.posted_collections import Message as Message
from netbill_tui.db.core.posted_collections import MessageEvent as MessageEvent
from netbill_tui.db.core.posted_collections import Promise as Promise
from netbill_tui.db.core.posted_collections import PromiseEvent as PromiseEvent
from netbill_tui.db.core.posted_collections import Recovery as Recovery
from netbill_tui.db.core.posted_collections import WriteOff as WriteOff


class Invoice(NamedTuple):
    """An issued invoice."""

    id: int
    number: str
    series: str
    customer_id: int
    bill_date: str
    issued_on: str
    due_on: str
    total: int
    tax: int
    text: str
    recorded_at: int


class InvoiceLine(NamedTuple):
    """A line of an invoice."""

    id: int
    invoice_id: int
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


class InvoiceTax(NamedTuple):
    """What a rate comes to on an invoice or credit note, which `invoice_id` names."""

    id: int
    invoice_id: int
    position: int
    name: str
    category: str
    percent: str
    base: int
    tax: int
    reason: str


class Entry(NamedTuple):
    """An entry of an account: what is owed is positive."""

    id: int
    customer_id: int
    on_date: str
    kind: str
    amount: int
    document: str
    text: str
    invoice_id: int | None
    payment_id: int | None
    recorded_at: int


class Allocation(NamedTuple):
    """What a payment or credit note settles of an invoice; below zero where it is taken back."""

    id: int
    payment_id: int
    invoice_id: int
    customer_id: int
    amount: int
    on_date: str
    recorded_at: int


class Payment(NamedTuple):
    """A payment that was received."""

    id: int
    uid: bytes
    receipt: str
    customer_id: int
    amount: int
    method: str
    reference: str
    reference_tail: str
    received_on: str
    tendered: int | None
    note: str
    duplicate_reason: str
    operator: str
    recorded_at: int


class PaymentEvent(NamedTuple):
    """What became of a payment."""

    id: int
    payment_id: int
    kind: str
    document: str
    on_date: str
    reason: str
    operator: str
    recorded_at: int


class CreditNote(NamedTuple):
    """A credit note."""

    id: int
    number: str
    customer_id: int
    invoice_id: int | None
    bill_date: str
    issued_on: str
    total: int
    tax: int
    reason: str
    operator: str
    recorded_at: int


class CreditLine(NamedTuple):
    """A line of a credit note; `line_id` is the line of the invoice that it gives back."""

    id: int
    credit_id: int
    position: int
    line_id: int | None
    code: str
    kind: str
    text: str
    period_first: str | None
    period_end: str | None
    amount: int
    tax: int


class Billed(NamedTuple):
    """What a line bills of a service or charge, or takes back of that."""

    id: int
    invoice_id: int
    customer_id: int
    service_id: int
    charge_id: int
    kind: str
    code: str
    first_on: str
    end_on: str | None
    terms_id: int
    recharge: int
    span_first: str
    charged: int
    tax: int
    tax_class: str
    price_id: int
    why: str


class Note(NamedTuple):
    """A note, a call or a promise."""

    id: int
    customer_id: int
    on_date: str
    kind: str
    outcome: str
    text: str
    next_action_on: str | None
    promise_on: str | None
    operator: str
    recorded_at: int


class DisputeEvent(NamedTuple):
    """A dispute that is raised, answered or withdrawn."""

    id: int
    invoice_id: int
    customer_id: int
    kind: str
    on_date: str
    reason: str
    recorded_at: int


class ServiceEvent(NamedTuple):
    """A dated change of a service."""

    id: int
    service_id: int
    customer_id: int
    on_date: str
    kind: str
    code: str
    quantity: str
    parts: str
    own_kind: str
    own_value: str
    until_on: str | None
    number: int
    policy: str
    reason: str
    operator: str
    recorded_at: int


class Charge(NamedTuple):
    """A one-off charge or usage that was entered."""

    id: int
    customer_id: int
    service_id: int | None
    on_date: str
    kind: str
    code: str
    quantity: str
    amount: int | None
    text: str
    operator: str
    recorded_at: int


class DocumentWording(NamedTuple):
    """What an invoice or credit note says beside its lines and taxes; `id` is the document's."""

    id: int
    body: str


class Picture(NamedTuple):
    """A logo as PNG."""

    id: int
    content: bytes


class Giving(NamedTuple):
    """What an operator gave back."""

    id: int
    operator: str
    on_date: str
    road: str
    object: str
    amount: int


class RecordVersion(NamedTuple):
    """The hash of what a record is from now on."""

    id: int
    kind: str
    record_id: int
    digest: bytes


Row = (
    Invoice
    | InvoiceLine
    | InvoiceTax
    | Entry
    | Allocation
    | Payment
    | PaymentEvent
    | CreditNote
    | CreditLine
    | Billed
    | Note
    | DisputeEvent
    | ServiceEvent
    | Charge
    | Giving
    | DocumentWording
    | Picture
    | RecordVersion
    | posted_collections.Row
)


def table_of(kind: type[Row]) -> "type[tables.Table]":
    """The table of a kind of posted row: it has the same name."""
    return getattr(tables, kind.__name__)  # type: ignore[no-any-return]
