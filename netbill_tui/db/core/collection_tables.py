"""Tables of collections: policies, holds, promises, messages, late fees, write-offs. See tables for what posted and kept mean."""

from peewee import SQL, CompositeKey

from netbill_tui.db.core.fields import Int, Table, Text


class CollectionPolicy(Table):
    """Posted. One version of a policy: what was set, for whom, from which day. An empty body sets none."""

    id = Int(primary_key=True)
    kind = Text()
    scope = Text()
    customer_id = Int()
    from_on = Text()
    body = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("kind", "customer_id", "id"), False),)


class CollectionEvent(Table):
    """Posted. An account is held, released, handed over to an agency, or taken back from it."""

    id = Int(primary_key=True)
    customer_id = Int()
    kind = Text()
    until_on = Text(null=True)
    covers = Text()
    reason = Text()
    on_date = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("customer_id", "id"), False),)


class Promise(Table):
    """Posted. A promise or an arrangement; `parts` are its days and amounts, `invoices` those that an arrangement holds."""

    id = Int(primary_key=True)
    customer_id = Int()
    kind = Text()
    on_date = Text()
    by_on = Text()
    amount = Int()
    parts = Text()
    invoices = Text()
    courtesy = Int()
    channel = Text()
    text = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("customer_id", "id"), False),)


class PromiseEvent(Table):
    """Posted. What became of a promise: kept, part, broken, open, cancelled."""

    id = Int(primary_key=True)
    promise_id = Int(index=True)
    customer_id = Int()
    kind = Text()
    came = Int()
    on_date = Text()
    reason = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()


class PromiseState(Table):
    """Kept. How a promise stands, and until when it holds the ladder back."""

    promise_id = Int(primary_key=True)
    customer_id = Int(index=True)
    kind = Text()
    by_on = Text()
    amount = Int()
    state = Text()
    came = Int()
    holds_until = Text(null=True)


PromiseState.add_index(
    PromiseState.index(PromiseState.by_on, PromiseState.promise_id, name="promise_state_open", where=(SQL("state = 'open'")))
)


class Message(Table):
    """Posted. A message as it was queued: for which invoice, which step, by which channel, in which words; never an address."""

    id = Int(primary_key=True)
    customer_id = Int()
    kind = Text()
    driver = Int()
    step = Text()
    fallback = Int()
    turn = Int()
    channel = Text()
    on_date = Text()
    amount = Int()
    invoices = Text()
    language = Text()
    subject = Text()
    body = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("customer_id", "driver", "step", "fallback", "turn"), True),)


class MessageEvent(Table):
    """Posted. What became of a message."""

    id = Int(primary_key=True)
    message_id = Int(index=True)
    kind = Text()
    on_date = Text()
    detail = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()


class Outbox(Table):
    """Kept. How each message stands, when it went, from when it counts as a notice, and when it is tried next."""

    message_id = Int(primary_key=True)
    customer_id = Int()
    driver = Int()
    step = Text()
    fallback = Int()
    channel = Text()
    on_date = Text()
    state = Text()
    sent_on = Text(null=True)
    notice_on = Text(null=True)
    tries = Int()
    next_us = Int()

    class Meta:
        indexes = ((("customer_id", "message_id"), False), (("state", "message_id"), False), (("on_date", "step"), False))


class LateFee(Table):
    """Posted. A late fee of an invoice by its number, or a number that another fee of the day used up; then no charge."""

    id = Int(primary_key=True)
    customer_id = Int()
    invoice_id = Int()
    number = Int()
    charge_id = Int(null=True, index=True)
    base = Int()
    amount = Int()
    policy_id = Int()
    why = Text()
    on_date = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("invoice_id", "number"), True), (("customer_id", "on_date"), False), (("on_date",), False))


class LateFeeWaiver(Table):
    """Posted. A late fee was waived: its charge was withdrawn, or a credit note gave it back."""

    id = Int(primary_key=True)
    fee_id = Int(unique=True)
    customer_id = Int()
    amount = Int()
    document = Text()
    reason = Text()
    on_date = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()


class WriteOff(Table):
    """Posted. What is open of an invoice is given up as a bad debt."""

    id = Int(primary_key=True)
    number = Text(unique=True)
    customer_id = Int()
    invoice_id = Int(index=True)
    amount = Int()
    reason = Text()
    on_date = Text()
    operator = Text()
    recorded_at = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("customer_id", "id"), False), (("on_date",), False))


class Recovery(Table):
    """Posted. A payment or a credit note brought in what was written off; below zero where that payment was taken back."""

    id = Int(primary_key=True)
    write_off_id = Int(index=True)
    source_id = Int(index=True)
    customer_id = Int()
    document = Text(unique=True)
    amount = Int()
    on_date = Text()
    recorded_at = Int()
    audit_seq = Int()


class CollectionMark(Table):
    """Kept. An account that is held or handed over, by its last event."""

    customer_id = Int()
    kind = Text()
    until_on = Text(null=True)
    covers = Text()
    reason = Text()

    class Meta:
        primary_key = CompositeKey("customer_id", "kind")


class CollectionReason(Table):
    """Why an action did not happen to an account, since which day; rewritten when the reason changes."""

    customer_id = Int()
    action = Text()
    reason = Text()
    since_on = Text()

    class Meta:
        primary_key = CompositeKey("customer_id", "action")


COLLECTION_POSTED = (
    CollectionPolicy, CollectionEvent, Promise, PromiseEvent, Message, MessageEvent, LateFee, LateFeeWaiver, WriteOff, Recovery,
)  # fmt: skip
COLLECTION = (PromiseState, Outbox, CollectionMark, CollectionReason)
