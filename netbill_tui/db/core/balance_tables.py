"""The kept tables: figures that follow from the posted ones, and that `verify` recomputes."""

from peewee import SQL, CompositeKey

from netbill_tui.db.core.fields import Int, Table, Text


class OpenItem(Table):
    """Kept. An invoice with something left to pay; a row only while open > 0."""

    invoice_id = Int(primary_key=True)
    customer_id = Int()
    number = Text()
    issued_on = Text()
    due_on = Text()
    total = Int()
    open = Int()
    disputed = Int()

    class Meta:
        indexes = (
            (("customer_id", "due_on"), False),
            (("due_on", "invoice_id"), False),
            (("open",), False),
            (("disputed", "customer_id"), False),
            (("due_on", "customer_id", "invoice_id", "open", "disputed"), False),
        )


class OpenCredit(Table):
    """Kept. The part of a payment that settles nothing yet."""

    payment_id = Int(primary_key=True)
    customer_id = Int(index=True)
    received_on = Text()
    amount = Int()


class CustomerTotal(Table):
    """Kept. A customer's balance and what of it is overdue as of `kept_state.rolled_to`."""

    customer_id = Int(primary_key=True)
    account = Text()
    balance = Int()
    open = Int()
    credit = Int()
    overdue = Int()
    oldest_due = Text(null=True)
    next_action_on = Text(null=True)
    promise_on = Text(null=True)
    last_contact_on = Text(null=True)
    last_contact = Text()
    disputed = Int()  # of what is overdue

    class Meta:
        indexes = ((("oldest_due", "account"), False), (("overdue", "account"), False), (("balance", "customer_id"), False))


CustomerTotal.add_index(
    CustomerTotal.index(CustomerTotal.overdue.desc(), SQL("(oldest_due || account)"), name="customer_total_work")
)
CustomerTotal.add_index(
    CustomerTotal.index(CustomerTotal.promise_on, name="customer_total_promised", where=(SQL("promise_on is not null")))
)


class DueTotal(Table):
    """Kept. Everything open that falls due on one date."""

    due_on = Text(primary_key=True)
    invoices = Int()
    amount = Int()


class KeptState(Table):
    """Kept, one row: unallocated credit of the whole book, and the business date the overdue sums stand at."""

    id = Int(primary_key=True)
    credit = Int()
    rolled_to = Text()


class DaySum(Table):
    """Kept. Number and sum of a measure on one day under a key: what was received and taken back, by method."""

    measure = Text()
    on_date = Text()
    key = Text()
    number = Int()
    amount = Int()

    class Meta:
        primary_key = CompositeKey("measure", "on_date", "key")


KEPT = (OpenItem, OpenCredit, CustomerTotal, DueTotal, KeptState, DaySum)
