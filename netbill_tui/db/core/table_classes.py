"""Every table of a book. Migrations make them; a test compares both.

Kinds of tables:
- *posted*: insert-only; the database itself refuses update, delete, replace and truncate. They end in `audit_seq`,
  the audit event of the transaction that wrote them, which carries their hashes.
- *kept*: figures that could be recomputed from the posted ones, and that `verify` does recompute.
- the others describe customers, operators and the book, and may change, each change with its audit event.

Amounts are minor units. Dates are ISO text. Times are UTC microseconds. Ids come from one counter for all tables, so
that id order is the order of insertion.
"""

from peewee import CompositeKey, fn

from netbill_tui.db.core.access_tables import GUARD
from netbill_tui.db.core.access_tables import FormerCustomer as FormerCustomer
from netbill_tui.db.core.access_tables import FormerSetting as FormerSetting
from netbill_tui.db.core.access_tables import Giving as Giving
from netbill_tui.db.core.access_tables import RecordVersion as RecordVersion
from netbill_tui.db.core.arrangement_tables import COMFORT
from netbill_tui.db.core.balance_tables import KEPT
from netbill_tui.db.core.billing_tables import BILLING
from netbill_tui.db.core.billing_tables import BILLING_POSTED as BILLING_POSTED
from netbill_tui.db.core.billing_tables import Billed as Billed
from netbill_tui.db.core.billing_tables import Charge as Charge
from netbill_tui.db.core.billing_tables import CreditLine as CreditLine
from netbill_tui.db.core.billing_tables import CreditNote as CreditNote
from netbill_tui.db.core.billing_tables import CustomerLanguage as CustomerLanguage
from netbill_tui.db.core.billing_tables import DocumentWording as DocumentWording
from netbill_tui.db.core.billing_tables import InvoiceTax as InvoiceTax
from netbill_tui.db.core.billing_tables import Picture as Picture
from netbill_tui.db.core.billing_tables import Service as Service
from netbill_tui.db.core.billing_tables import ServiceEvent as ServiceEvent
from netbill_tui.db.core.collection_tables import COLLECTION
from netbill_tui.db.core.collection_tables import COLLECTION_POSTED as COLLECTION_POSTED
from netbill_tui.db.core.fields import Blob, Int, SealedField, Text
from netbill_tui.db.core.fields import Table as Table


class Book(Table):
    """One row: the company, its currency and calendar, and the public half of its administration key."""

    id = Int(primary_key=True)
    install_id = Blob()
    company = Text()
    currency = Text()
    timezone = Text()
    country = Text()
    demo = Int()
    minimum_overdue = Int()
    admin_public = Blob()
    created_at = Int()


class Operator(Table):
    """Who may sign in, and the recovery principal, which cannot."""

    id = Int(primary_key=True)
    uid = Blob(unique=True)
    name = Text(unique=True)
    role = Text()
    status = Text()
    public_key = Blob()
    salt = Blob(null=True)
    m_kib = Int(null=True)
    t = Int(null=True)
    p = Int(null=True)
    bundle = SealedField(null=True)
    created_at = Int()
    limit_minor = Int(null=True)
    signature = Blob(null=True)
    code_until = Int(null=True)


class KeyGrant(Table):
    """A compartment key wrapped to one operator."""

    id = Int(primary_key=True)
    operator_uid = Blob()
    compartment = Text()
    key_id = Int()
    wrapped = Blob()
    signature = Blob()
    created_at = Int()

    class Meta:
        indexes = ((("operator_uid", "compartment", "key_id"), True),)


class CompartmentKey(Table):
    """Which key of a compartment is primary, decrypt-only or destroyed. The keys stand nowhere."""

    compartment = Text()
    key_id = Int()
    status = Text()
    created_at = Int()
    signature = Blob(null=True)

    class Meta:
        primary_key = CompositeKey("compartment", "key_id")


class NumberSeries(Table):
    """The next number of each series; `id` serves every table."""

    name = Text(primary_key=True)
    next = Int()


class AuditHead(Table):
    """One row: the last link of the audit chain; its lock orders all writers on a server."""

    id = Int(primary_key=True)
    seq = Int()
    hash = Blob()


class AuditEvent(Table):
    """Posted. One event per transaction, chained (docs/security.md, *The audit*)."""

    seq = Int(primary_key=True)
    at_us = Int()
    actor = Text()
    session = Text()
    action = Text(index=True)
    object = Text(index=True)
    detail = Text()
    row_hashes = Blob()
    prev = Blob()
    hash = Blob()


class PostingRequest(Table):
    """Posted. Request ids that were used, and what for, so that nothing is posted twice."""

    uid = Blob(primary_key=True)
    request_hash = Blob()
    kind = Text()
    object_id = Int()
    audit_seq = Int()


class Customer(Table):
    """The account that owes."""

    id = Int(primary_key=True)
    uid = Blob(unique=True)
    account = Text(unique=True)
    name = Text()
    kind = Text()
    status = Text()
    since = Text(null=True)
    terms_days = Int()
    town = Text()
    postcode = Text()
    plan = Text()
    paperless = Int()
    preferred_method = Text()
    tax_id = SealedField(null=True)
    birth_date = SealedField(null=True)
    pin = SealedField(null=True)
    bank_account = SealedField(null=True)
    credit_score = SealedField(null=True)
    street = SealedField(null=True)
    created_at = Int()

    class Meta:
        indexes = ((("status", "account", "id"), False),)


for _column in ("town", "postcode", "plan"):
    Customer.add_index(
        Customer.index(fn.lower(getattr(Customer, _column)), Customer.account, Customer.id, name=f"customer_{_column}")
    )


class Contact(Table):
    """An e-mail address or phone number of a customer, with its blind indexes."""

    id = Int(primary_key=True)
    uid = Blob(unique=True)
    customer_id = Int(index=True)
    kind = Text()
    value = SealedField()
    bidx = Int(index=True)
    bidx4 = Int(null=True, index=True)


class SearchTerm(Table):
    """A folded word of a customer's name or place."""

    word = Text()
    customer_id = Int(index=True)

    class Meta:
        primary_key = CompositeKey("word", "customer_id")


class Invoice(Table):
    """Posted. An issued invoice; its state is derived, never set."""

    id = Int(primary_key=True)
    number = Text(unique=True)
    series = Text()
    customer_id = Int()
    bill_date = Text()
    issued_on = Text()
    due_on = Text()
    total = Int()
    tax = Int()
    text = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("customer_id", "issued_on"), False), (("total",), False), (("issued_on",), False), (("bill_date",), False))


class InvoiceLine(Table):
    """Posted. One row of an invoice."""

    id = Int(primary_key=True)
    invoice_id = Int(index=True)
    position = Int()
    code = Text()
    kind = Text()
    text = Text()
    period_first = Text(null=True)
    period_end = Text(null=True)
    quantity = Text()
    unit_price = Int()
    amount = Int()
    tax_class = Text()
    audit_seq = Int()


class Payment(Table):
    """Posted. Money received; what became of it stands in its events."""

    id = Int(primary_key=True)
    uid = Blob(unique=True)
    receipt = Text(unique=True)
    customer_id = Int()
    amount = Int()
    method = Text()
    reference = Text()
    reference_tail = Text()
    received_on = Text()
    tendered = Int(null=True)
    note = Text()
    duplicate_reason = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = (
            (("customer_id", "received_on"), False),
            (("received_on", "id", "amount"), False),
            (("amount", "received_on"), False),
            (("reference_tail", "id"), False),
            (("method", "received_on", "id", "amount"), False),
        )


Payment.add_index(Payment.index(fn.lower(Payment.operator), Payment.received_on, Payment.id, name="payment_operator"))


class PaymentTerm(Table):
    """A folded word of a payment's reference."""

    word = Text()
    payment_id = Int()

    class Meta:
        primary_key = CompositeKey("word", "payment_id")


class PaymentEvent(Table):
    """Posted. A payment was cleared, returned or reversed; at most one of the last two."""

    id = Int(primary_key=True)
    payment_id = Int(unique=True)
    kind = Text()
    document = Text(unique=True)
    on_date = Text()
    reason = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()


class Allocation(Table):
    """Posted. The part of a payment or credit note that settles one invoice; negative where a reversal takes it back."""

    id = Int(primary_key=True)
    payment_id = Int(index=True)
    invoice_id = Int()
    customer_id = Int()
    amount = Int()
    on_date = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("invoice_id", "on_date"), False), (("on_date", "amount"), False))


class Entry(Table):
    """Posted. One row of a customer's account, signed: what is owed is positive."""

    id = Int(primary_key=True)
    customer_id = Int()
    on_date = Text()
    kind = Text()
    amount = Int()
    document = Text()
    text = Text()
    invoice_id = Int(null=True)
    payment_id = Int(null=True)
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("customer_id", "on_date", "id"), False),)


class DisputeEvent(Table):
    """Posted. A customer disputes an invoice, or does so no longer."""

    id = Int(primary_key=True)
    invoice_id = Int(index=True)
    customer_id = Int()
    kind = Text()
    on_date = Text()
    reason = Text()
    recorded_at = Int()
    audit_seq = Int()


class Note(Table):
    """Posted. A note on an account, or the outcome of a call with the date of the next action."""

    id = Int(primary_key=True)
    customer_id = Int()
    on_date = Text()
    kind = Text()
    outcome = Text()
    text = Text()
    next_action_on = Text(null=True)
    promise_on = Text(null=True)
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("customer_id", "id"), False),)


class ImportRun(Table):
    """One reading of a file. Counts grow with each batch."""

    id = Int(primary_key=True)
    kind = Text()
    file_name = Text()
    profile = Text()
    started_at = Int()
    finished_at = Int(null=True)
    rows = Int()
    created = Int()
    updated = Int()
    already = Int()
    rejected = Int()
    operator = Text()


POSTED = (
    Invoice, InvoiceLine, Payment, PaymentEvent, Allocation, Entry, DisputeEvent, Note, PostingRequest, *BILLING_POSTED,
    RecordVersion, Giving, *COLLECTION_POSTED,
)  # fmt: skip
OTHERS = (
    Book,
    Operator,
    KeyGrant,
    CompartmentKey,
    NumberSeries,
    AuditHead,
    Customer,
    Contact,
    SearchTerm,
    PaymentTerm,
    ImportRun,
    *BILLING,
    *COLLECTION,
)
ALL = (*OTHERS, AuditEvent, *POSTED, *KEPT, *COMFORT, *GUARD)
