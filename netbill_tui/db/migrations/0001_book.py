"""The tables of the first release, and the triggers that keep posted rows as they are."""

TABLES = {
    "book": (
        "id {int} primary key, install_id {blob} not null, company {text} not null, currency {text} not null, "
        "timezone {text} not null, country {text} not null, demo {int} not null, minimum_overdue {int} not null, "
        "admin_public {blob} not null, created_at {int} not null"
    ),
    "operator": (
        "id {int} primary key, uid {blob} not null, name {text} not null, role {text} not null, "
        "status {text} not null, public_key {blob} not null, salt {blob}, m_kib {int}, t {int}, p {int}, bundle {blob}, "
        "created_at {int} not null"
    ),
    "key_grant": (
        "id {int} primary key, operator_uid {blob} not null, compartment {text} not null, key_id {int} not null, "
        "wrapped {blob} not null, signature {blob} not null, created_at {int} not null"
    ),
    "compartment_key": (
        "compartment {text} not null, key_id {int} not null, status {text} not null, created_at {int} not null, "
        "primary key (compartment, key_id)"
    ),
    "number_series": "name {text} primary key, next {int} not null",
    "audit_head": "id {int} primary key, seq {int} not null, hash {blob} not null",
    "audit_event": (
        "seq {int} primary key, at_us {int} not null, actor {text} not null, session {text} not null, "
        "action {text} not null, object {text} not null, detail {text} not null, row_hashes {blob} not null, "
        "prev {blob} not null, hash {blob} not null"
    ),
    "posting_request": (
        "uid {blob} primary key, request_hash {blob} not null, kind {text} not null, object_id {int} not null, "
        "audit_seq {int} not null"
    ),
    "customer": (
        "id {int} primary key, uid {blob} not null, account {text} not null, name {text} not null, "
        "kind {text} not null, status {text} not null, since {text}, terms_days {int} not null, town {text} not null, "
        "postcode {text} not null, plan {text} not null, paperless {int} not null, preferred_method {text} not null, "
        "tax_id {blob}, birth_date {blob}, pin {blob}, bank_account {blob}, credit_score {blob}, street {blob}, "
        "created_at {int} not null"
    ),
    "contact": (
        "id {int} primary key, uid {blob} not null, customer_id {int} not null references customer(id), "
        "kind {text} not null, value {blob} not null, bidx {int} not null, bidx4 {int}"
    ),
    "search_term": "word {text} not null, customer_id {int} not null, primary key (word, customer_id)",
    "invoice": (
        "id {int} primary key, number {text} not null, series {text} not null, "
        "customer_id {int} not null references customer(id), bill_date {text} not null, issued_on {text} not null, "
        "due_on {text} not null, total {int} not null check (total >= 0), tax {int} not null, text {text} not null, "
        "recorded_at {int} not null, audit_seq {int} not null"
    ),
    "invoice_line": (
        "id {int} primary key, invoice_id {int} not null references invoice(id), position {int} not null, "
        "code {text} not null, kind {text} not null, text {text} not null, period_first {text}, period_end {text}, "
        "quantity {text} not null, unit_price {int} not null, amount {int} not null, tax_class {text} not null, "
        "audit_seq {int} not null"
    ),
    "payment": (
        "id {int} primary key, uid {blob} not null, receipt {text} not null, "
        "customer_id {int} not null references customer(id), amount {int} not null check (amount > 0), "
        "method {text} not null, reference {text} not null, reference_tail {text} not null, received_on {text} not null, "
        "tendered {int}, note {text} not null, duplicate_reason {text} not null, operator {text} not null, "
        "recorded_at {int} not null, audit_seq {int} not null"
    ),
    "payment_term": "word {text} not null, payment_id {int} not null, primary key (word, payment_id)",
    "payment_event": (
        "id {int} primary key, payment_id {int} not null references payment(id), kind {text} not null, "
        "document {text} not null, on_date {text} not null, reason {text} not null, operator {text} not null, "
        "recorded_at {int} not null, audit_seq {int} not null"
    ),
    "allocation": (
        "id {int} primary key, payment_id {int} not null references payment(id), "
        "invoice_id {int} not null references invoice(id), customer_id {int} not null, amount {int} not null, "
        "on_date {text} not null, recorded_at {int} not null, audit_seq {int} not null"
    ),
    "entry": (
        "id {int} primary key, customer_id {int} not null references customer(id), on_date {text} not null, "
        "kind {text} not null, amount {int} not null, document {text} not null, text {text} not null, invoice_id {int}, "
        "payment_id {int}, recorded_at {int} not null, audit_seq {int} not null"
    ),
    "dispute_event": (
        "id {int} primary key, invoice_id {int} not null references invoice(id), customer_id {int} not null, "
        "kind {text} not null, on_date {text} not null, reason {text} not null, recorded_at {int} not null, "
        "audit_seq {int} not null"
    ),
    "note": (
        "id {int} primary key, customer_id {int} not null references customer(id), on_date {text} not null, "
        "kind {text} not null, outcome {text} not null, text {text} not null, next_action_on {text}, promise_on {text}, "
        "operator {text} not null, recorded_at {int} not null, audit_seq {int} not null"
    ),
    "import_run": (
        "id {int} primary key, kind {text} not null, file_name {text} not null, profile {text} not null, "
        "started_at {int} not null, finished_at {int}, rows {int} not null, created {int} not null, "
        "updated {int} not null, already {int} not null, rejected {int} not null, operator {text} not null"
    ),
    "open_item": (
        "invoice_id {int} primary key, customer_id {int} not null, number {text} not null, issued_on {text} not null, "
        "due_on {text} not null, total {int} not null, open {int} not null check (open > 0 and open <= total), "
        "disputed {int} not null"
    ),
    "open_credit": (
        "payment_id {int} primary key, customer_id {int} not null, received_on {text} not null, "
        "amount {int} not null check (amount > 0)"
    ),
    "customer_total": (
        "customer_id {int} primary key, account {text} not null, balance {int} not null, open {int} not null, "
        "credit {int} not null, overdue {int} not null, oldest_due {text}, next_action_on {text}, promise_on {text}, "
        "last_contact_on {text}, last_contact {text} not null"
    ),
    "due_total": "due_on {text} primary key, invoices {int} not null, amount {int} not null",
    "kept_state": "id {int} primary key, credit {int} not null, rolled_to {text} not null",
}

INDEXES = {
    "operator_uid": "unique index {name} on operator (uid)",
    "operator_name": "unique index {name} on operator (name)",
    "customer_uid": "unique index {name} on customer (uid)",
    "customer_account": "unique index {name} on customer (account)",
    "contact_uid": "unique index {name} on contact (uid)",
    "invoice_number": "unique index {name} on invoice (number)",
    "payment_uid": "unique index {name} on payment (uid)",
    "payment_receipt": "unique index {name} on payment (receipt)",
    "payment_event_payment_id": "unique index {name} on payment_event (payment_id)",
    "payment_event_document": "unique index {name} on payment_event (document)",
    "key_grant_operator": "unique index {name} on key_grant (operator_uid, compartment, key_id)",
    "audit_event_action": "index {name} on audit_event (action)",
    "audit_event_object": "index {name} on audit_event (object)",
    "contact_customer": "index {name} on contact (customer_id)",
    "contact_bidx": "index {name} on contact (bidx)",
    "contact_bidx4": "index {name} on contact (bidx4)",
    "search_term_customer": "index {name} on search_term (customer_id)",
    "invoice_customer": "index {name} on invoice (customer_id, issued_on)",
    "invoice_line_invoice": "index {name} on invoice_line (invoice_id)",
    "payment_customer": "index {name} on payment (customer_id, received_on)",
    "payment_received": "index {name} on payment (received_on, id)",
    "payment_amount": "index {name} on payment (amount, received_on)",
    "payment_tail": "index {name} on payment (reference_tail, id)",
    "allocation_payment": "index {name} on allocation (payment_id)",
    "allocation_invoice": "index {name} on allocation (invoice_id, on_date)",
    "allocation_date": "index {name} on allocation (on_date)",
    "entry_customer": "index {name} on entry (customer_id, on_date, id)",
    "dispute_event_invoice": "index {name} on dispute_event (invoice_id)",
    "note_customer": "index {name} on note (customer_id, id)",
    "open_item_customer": "index {name} on open_item (customer_id, due_on)",
    "open_item_due": "index {name} on open_item (due_on, invoice_id)",
    "open_item_open": "index {name} on open_item (open)",
    "open_credit_customer": "index {name} on open_credit (customer_id)",
    "customer_total_days": "index {name} on customer_total (oldest_due, account)",
    "customer_total_overdue": "index {name} on customer_total (overdue, account)",
}

# Table: what names one of its rows besides the id.
POSTED = {
    "invoice": ("id", "number"),
    "invoice_line": ("id",),
    "payment": ("id", "uid", "receipt"),
    "payment_event": ("id", "payment_id", "document"),
    "allocation": ("id",),
    "entry": ("id",),
    "dispute_event": ("id",),
    "note": ("id",),
    "posting_request": ("uid",),
    "audit_event": ("seq",),
}

SEED = (
    "insert into number_series (name, next) values ('id', 1), ('receipt', 10001), ('invoice', 1)",
    "insert into kept_state (id, credit, rolled_to) values (1, 0, '0001-01-01')",
)


def up(migrator, db):
    """Make the tables."""
    sqlite = type(db).__name__ == "SqliteDatabase"
    kinds = (
        {"int": "integer", "text": "text", "blob": "blob"}
        if sqlite
        else {"int": "bigint", "text": 'text collate "C"', "blob": "bytea"}
    )
    for name, columns in TABLES.items():
        # WITHOUT ROWID for tables that are their own index.
        own_index = sqlite and name in ("search_term", "payment_term", "due_total", "number_series", "compartment_key")
        options = (" strict, without rowid" if own_index else " strict") if sqlite else ""
        db.execute_sql(f"create table {name} ({columns.format(**kinds)}){options}")
    for name, index in INDEXES.items():
        db.execute_sql("create " + index.format(name=name))
    for statement in SEED:
        db.execute_sql(statement)
    blob = "zeroblob(32)" if sqlite else "decode(repeat('00', 32), 'hex')"
    db.execute_sql(f"insert into audit_head (id, seq, hash) values (1, 0, {blob})")
    if sqlite:
        _guard_sqlite(db)
    else:
        _guard_postgres(db)


def _guard_sqlite(db):
    for table, keys in POSTED.items():
        refuse = f"select raise(abort, 'posted rows of {table} are never changed')"
        same = " or ".join(f"{key} = new.{key}" for key in keys)
        db.execute_sql(f"create trigger {table}_no_update before update on {table} begin {refuse}; end")
        db.execute_sql(f"create trigger {table}_no_delete before delete on {table} begin {refuse}; end")
        # INSERT OR REPLACE deletes without firing a delete trigger unless recursive_triggers is on, and another
        # program need not set that.
        db.execute_sql(
            f"create trigger {table}_no_replace before insert on {table} "
            f"when exists (select 1 from {table} where {same}) begin {refuse}; end"
        )


def _guard_postgres(db):
    db.execute_sql(
        "create function netbill_refuse() returns trigger language plpgsql set search_path = pg_catalog as "
        "$$ begin raise exception 'posted rows of %% are never changed', tg_table_name; end $$"
    )
    for table in POSTED:
        for event, each in (("update or delete", "row"), ("truncate", "statement")):
            name = f"{table}_no_{event.split()[0]}"
            db.execute_sql(f"create trigger {name} before {event} on {table} for each {each} execute function netbill_refuse()")
