"""Collections: policies, holds, promises, messages, late fees, write-offs. A promise of before stays the note that it was."""

import importlib

_POLICY = (
    "id {int} primary key, kind {text} not null, scope {text} not null, customer_id {int} not null, from_on {text} not null, "
    "body {text} not null, operator {text} not null, recorded_at {int} not null, audit_seq {int} not null"
)
_EVENT = (
    "id {int} primary key, customer_id {int} not null references customer(id), kind {text} not null, until_on {text}, "
    "covers {text} not null, reason {text} not null, on_date {text} not null, operator {text} not null, "
    "recorded_at {int} not null, audit_seq {int} not null"
)
_PROMISE = (
    "id {int} primary key, customer_id {int} not null references customer(id), kind {text} not null, on_date {text} not null, "
    "by_on {text} not null, amount {int} not null, parts {text} not null, invoices {text} not null, courtesy {int} not null, "
    "channel {text} not null, text {text} not null, operator {text} not null, recorded_at {int} not null, "
    "audit_seq {int} not null"
)
_PROMISE_EVENT = (
    "id {int} primary key, promise_id {int} not null references promise(id), customer_id {int} not null, kind {text} not null, "
    "came {int} not null, on_date {text} not null, reason {text} not null, operator {text} not null, "
    "recorded_at {int} not null, audit_seq {int} not null"
)
_PROMISE_STATE = (
    "promise_id {int} primary key references promise(id), customer_id {int} not null, kind {text} not null, "
    "by_on {text} not null, amount {int} not null, state {text} not null, came {int} not null, holds_until {text}"
)
_MESSAGE = (
    "id {int} primary key, customer_id {int} not null references customer(id), kind {text} not null, driver {int} not null, "
    "step {text} not null, fallback {int} not null, turn {int} not null, channel {text} not null, on_date {text} not null, "
    "amount {int} not null, invoices {text} not null, language {text} not null, subject {text} not null, body {text} not null, "
    "operator {text} not null, recorded_at {int} not null, audit_seq {int} not null"
)
_MESSAGE_EVENT = (
    "id {int} primary key, message_id {int} not null references message(id), kind {text} not null, on_date {text} not null, "
    "detail {text} not null, operator {text} not null, recorded_at {int} not null, audit_seq {int} not null"
)
_OUTBOX = (
    "message_id {int} primary key references message(id), customer_id {int} not null, driver {int} not null, "
    "step {text} not null, fallback {int} not null, channel {text} not null, on_date {text} not null, state {text} not null, "
    "sent_on {text}, notice_on {text}, tries {int} not null, next_us {int} not null"
)
_FEE = (
    "id {int} primary key, customer_id {int} not null references customer(id), invoice_id {int} not null references invoice(id), "
    "number {int} not null, charge_id {int} references charge(id), base {int} not null, amount {int} not null, "
    "policy_id {int} not null, why {text} not null, on_date {text} not null, operator {text} not null, "
    "recorded_at {int} not null, audit_seq {int} not null"
)
_WAIVER = (
    "id {int} primary key, fee_id {int} not null references late_fee(id), customer_id {int} not null, amount {int} not null, "
    "document {text} not null, reason {text} not null, on_date {text} not null, operator {text} not null, "
    "recorded_at {int} not null, audit_seq {int} not null"
)
_WRITE_OFF = (
    "id {int} primary key, number {text} not null, customer_id {int} not null references customer(id), "
    "invoice_id {int} not null references invoice(id), amount {int} not null, reason {text} not null, on_date {text} not null, "
    "operator {text} not null, recorded_at {int} not null, audit_seq {int} not null"
)
_RECOVERY = (
    "id {int} primary key, write_off_id {int} not null references write_off(id), "
    "source_id {int} not null, customer_id {int} not null, document {text} not null, "
    "amount {int} not null, on_date {text} not null, recorded_at {int} not null, audit_seq {int} not null"
)
_MARK = (
    "customer_id {int} not null references customer(id), kind {text} not null, until_on {text}, covers {text} not null, "
    "reason {text} not null, primary key (customer_id, kind)"
)
_REASON = (
    "customer_id {int} not null references customer(id), action {text} not null, reason {text} not null, "
    "since_on {text} not null, primary key (customer_id, action)"
)
TABLES = {
    "collection_policy": _POLICY, "collection_event": _EVENT, "promise": _PROMISE, "promise_event": _PROMISE_EVENT,
    "promise_state": _PROMISE_STATE, "message": _MESSAGE, "message_event": _MESSAGE_EVENT, "outbox": _OUTBOX, "late_fee": _FEE,
    "late_fee_waiver": _WAIVER, "write_off": _WRITE_OFF, "recovery": _RECOVERY, "collection_mark": _MARK,
    "collection_reason": _REASON,
}  # fmt: skip
KEYED = ("collection_mark", "collection_reason")
INDEXES = {
    "collection_policy_kind": "index {name} on collection_policy (kind, customer_id, id)",
    "collection_event_customer": "index {name} on collection_event (customer_id, id)",
    "promise_customer": "index {name} on promise (customer_id, id)",
    "promise_event_promise": "index {name} on promise_event (promise_id)",
    "promise_state_customer": "index {name} on promise_state (customer_id)",
    "promise_state_open": "index {name} on promise_state (by_on, promise_id) where state = 'open'",
    "message_once": "unique index {name} on message (customer_id, driver, step, fallback, turn)",
    "message_event_message": "index {name} on message_event (message_id)",
    "outbox_customer": "index {name} on outbox (customer_id, message_id)",
    "outbox_state": "index {name} on outbox (state, message_id)",
    "outbox_day": "index {name} on outbox (on_date, step)",
    "late_fee_once": "unique index {name} on late_fee (invoice_id, number)",
    "late_fee_customer": "index {name} on late_fee (customer_id, on_date)",
    "late_fee_day": "index {name} on late_fee (on_date)",
    "late_fee_charge": "index {name} on late_fee (charge_id)",
    "late_fee_waiver_once": "unique index {name} on late_fee_waiver (fee_id)",
    "write_off_number": "unique index {name} on write_off (number)",
    "write_off_invoice": "index {name} on write_off (invoice_id)",
    "write_off_customer": "index {name} on write_off (customer_id, id)",
    "write_off_day": "index {name} on write_off (on_date)",
    "recovery_write_off": "index {name} on recovery (write_off_id)",
    "recovery_source": "index {name} on recovery (source_id)",
    "recovery_document": "unique index {name} on recovery (document)",
    "customer_total_promised": "index {name} on customer_total (promise_on) where promise_on is not null",
    # What the ladder reads: all that is due by a day, with nothing but the index.
    "open_item_ladder": "index {name} on open_item (due_on, customer_id, invoice_id, open, disputed)",
}
POSTED = {
    "collection_policy": ("id",), "collection_event": ("id",), "promise": ("id",), "promise_event": ("id",), "message": ("id",),
    "message_event": ("id",), "late_fee": ("id",), "late_fee_waiver": ("id",), "write_off": ("id", "number"),
    "recovery": ("id", "document"),
}  # fmt: skip


def up(migrator, db):
    """Make the tables with their indexes, guard what is posted, and begin the series of write-offs."""
    sqlite = type(db).__name__ == "SqliteDatabase"
    kinds = {"int": "integer", "text": "text"} if sqlite else {"int": "bigint", "text": 'text collate "C"'}
    for name, columns in TABLES.items():
        options = "" if not sqlite else " strict, without rowid" if name in KEYED else " strict"
        db.execute_sql(f"create table {name} ({columns.format(**kinds)}){options}")
    for name, index in INDEXES.items():
        db.execute_sql("create " + index.format(name=name))
    third = importlib.import_module("netbill_tui.db.migrations.0003_billing")
    if sqlite:
        third._guard_sqlite(db, POSTED)
    else:
        third.guard_postgres(db, POSTED)
    db.execute_sql("insert into number_series (name, next) values ('write-off', 1)")
