"""Tables of billing: the catalogue, services, what was billed, credit notes, runs. See tables for what posted and kept mean."""

from peewee import CompositeKey

from netbill_tui.db.core.fields import Blob, Int, SealedField, Table, Text


class Code(Table):
    """A billing code."""

    code = Text(primary_key=True)
    name = Text()
    category = Text()
    kind = Text()
    tax_class = Text()
    proration = Text()
    suspended = Text()
    minimum_months = Int()
    leave_fee = Int()
    unit = Text()
    active = Int()
    created_at = Int()


class BundlePart(Table):
    """A part of a bundle, with the weight that its price is split by."""

    bundle = Text()
    part = Text()
    weight = Int()

    class Meta:
        primary_key = CompositeKey("bundle", "part")


class Price(Table):
    """A dated price; the database refuses to change one that an invoice used."""

    id = Int(primary_key=True)
    code = Text()
    from_on = Text()
    end_on = Text(null=True)
    audience = Text()
    amount = Int()
    promo_amount = Int(null=True)
    promo_periods = Int()
    included = Text()
    tiers = Text()
    notice = Int()
    used = Int()
    created_at = Int()

    class Meta:
        indexes = ((("code", "from_on", "audience"), True),)


class TaxRate(Table):
    """A rate of a tax class from a day on."""

    id = Int(primary_key=True)
    tax_class = Text()
    from_on = Text()
    end_on = Text(null=True)
    name = Text()
    category = Text()
    percent = Text()
    ord = Int()
    compound = Int()
    reason = Text()
    created_at = Int()

    class Meta:
        indexes = ((("tax_class", "from_on", "ord"), True),)


class BookSetting(Table):
    """How the book bills, where it is not the default."""

    name = Text(primary_key=True)
    value = Text()


class BillingTerms(Table):
    """Terms by a day of the next month, and an anchor of the customer's own; 0 for none."""

    customer_id = Int(primary_key=True)
    terms_day = Int()
    anchor = Int()


class Discount(Table):
    """A discount of a customer on one code or the whole invoice, by bill date."""

    id = Int(primary_key=True)
    customer_id = Int(index=True)
    code = Text()
    kind = Text()
    value = Text()
    from_on = Text()
    end_on = Text(null=True)
    text = Text()
    created_at = Int()


class Exemption(Table):
    """A customer pays no tax from a day until before another."""

    id = Int(primary_key=True)
    customer_id = Int(index=True)
    certificate = Text()
    from_on = Text()
    end_on = Text(null=True)
    created_at = Int()


class Service(Table):
    """A subscription; what changes about it are its events. `billed_through`: what an import says was billed elsewhere."""

    id = Int(primary_key=True)
    uid = Blob(unique=True)
    customer_id = Int(index=True)
    start_on = Text()
    cycle = Text()
    anchor = Int()
    phase = Int()
    mode = Text()
    billed_through = Text(null=True)
    address = SealedField(null=True)
    created_at = Int()


class ServiceEvent(Table):
    """Posted. Something that happens to a service on a day; see billing.services.Event."""

    id = Int(primary_key=True)
    service_id = Int(index=True)
    customer_id = Int(index=True)
    on_date = Text()
    kind = Text()
    code = Text()
    quantity = Text()
    parts = Text()
    own_kind = Text()
    own_value = Text()
    until_on = Text(null=True)
    number = Int()
    policy = Text()
    reason = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()


class ServiceState(Table):
    """Kept. How a service stands: its terms, settled before `covered`, billed next on `next_on`, looked at on `check_on`.

    `plain`: from `covered` on nothing but these terms and an end matters, so its events need not be read.
    """

    service_id = Int(primary_key=True)
    customer_id = Int(index=True)
    code = Text()
    quantity = Text()
    parts = Text()
    own_kind = Text()
    own_value = Text()
    own_reason = Text()
    plain = Int()
    terms_id = Int()
    terms_on = Text()
    status = Text()
    ends_on = Text(null=True)
    covered = Text()
    next_on = Text(null=True)
    check_on = Text(null=True)

    class Meta:
        indexes = (
            (("next_on", "customer_id"), False),
            (("check_on", "customer_id"), False),
            (("code", "customer_id"), False),
        )


class Charge(Table):
    """Posted. A one-off charge or usage that was entered; billed on the next bill date."""

    id = Int(primary_key=True)
    customer_id = Int(index=True)
    service_id = Int(null=True)
    on_date = Text()
    kind = Text()
    code = Text()
    quantity = Text()
    amount = Int(null=True)
    text = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()


class PendingCharge(Table):
    """Kept. A charge that no invoice holds yet."""

    charge_id = Int(primary_key=True)
    customer_id = Int(index=True)
    on_date = Text()

    class Meta:
        indexes = ((("on_date", "customer_id"), False),)


class Billed(Table):
    """Posted. What a line of an invoice or credit note charged or gave back, and its arithmetic; its id is the line's."""

    id = Int(primary_key=True)
    invoice_id = Int()
    customer_id = Int()
    service_id = Int()
    charge_id = Int()
    kind = Text()
    code = Text()
    first_on = Text()
    end_on = Text(null=True)
    terms_id = Int()
    again = Int()
    span_first = Text()
    charged = Int()
    tax = Int()
    tax_class = Text()
    price_id = Int()
    why = Text()
    audit_seq = Int()

    class Meta:
        indexes = ((("service_id", "charge_id", "kind", "first_on", "terms_id", "again", "code", "span_first"), True),)


class InvoiceTax(Table):
    """Posted. The tax of one rate on an invoice or credit note."""

    id = Int(primary_key=True)
    invoice_id = Int(index=True)
    position = Int()
    name = Text()
    category = Text()
    percent = Text()
    base = Int()
    tax = Int()
    reason = Text()
    audit_seq = Int()


class CreditNote(Table):
    """Posted. Takes back all or part of an invoice, or what a change gave back where no invoice came for it."""

    id = Int(primary_key=True)
    number = Text(unique=True)
    customer_id = Int()
    invoice_id = Int(null=True, index=True)
    bill_date = Text()
    issued_on = Text()
    total = Int()
    tax = Int()
    reason = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("customer_id", "issued_on"), False), (("total",), False), (("issued_on",), False))


class DocumentWording(Table):
    """Posted. What an invoice or credit note says beside its lines and taxes, as JSON; `id` is the document's."""

    id = Int(primary_key=True)
    body = Text()
    audit_seq = Int()


class Picture(Table):
    """Posted. A logo as PNG, for the documents that were posted while it was the book's."""

    id = Int(primary_key=True)
    content = Blob()
    audit_seq = Int()


class CustomerLanguage(Table):
    """The language of a customer's documents, where it is not the book's."""

    customer_id = Int(primary_key=True)
    language = Text()


class CreditLine(Table):
    """Posted. One row of a credit note, with the invoice line that it takes back."""

    id = Int(primary_key=True)
    credit_id = Int(index=True)
    position = Int()
    line_id = Int(null=True, index=True)
    code = Text()
    kind = Text()
    text = Text()
    period_first = Text(null=True)
    period_end = Text(null=True)
    amount = Int()
    tax = Int()
    audit_seq = Int()


class BillingRun(Table):
    """One run, or the undoing of one. Its sums grow with each batch."""

    id = Int(primary_key=True)
    number = Text(unique=True)
    as_of = Text()
    kind = Text()
    state = Text()
    catch_up = Text()
    undoes = Text()
    started_at = Int()
    finished_at = Int(null=True)
    customers = Int()
    invoices = Int()
    credits = Int()
    lines = Int()
    net = Int()
    tax = Int()
    parked = Int()
    operator = Text()


class Parked(Table):
    """A customer that the last run could not bill, with the reason."""

    customer_id = Int(primary_key=True)
    as_of = Text()
    reason = Text()
    run = Text()
    at_us = Int()


class DraftInvoice(Table):
    """An invoice that waits: it is issued from `posts_on` on, unless it was thrown away."""

    customer_id = Int()
    bill_date = Text()
    run = Text()
    posts_on = Text(index=True)
    net = Int()
    tax = Int()
    state = Text()

    class Meta:
        primary_key = CompositeKey("customer_id", "bill_date")


BILLING_POSTED = (ServiceEvent, Charge, Billed, InvoiceTax, CreditNote, CreditLine, DocumentWording, Picture)
BILLING = (
    Code, BundlePart, Price, TaxRate, BookSetting, BillingTerms, Discount, Exemption, Service, ServiceState, PendingCharge,
    BillingRun, Parked, DraftInvoice, CustomerLanguage,
)  # fmt: skip
