"""Billing: the catalogue, services and their events, what was billed, credit notes, runs.

An allocation may now come from a credit note as well as from a payment, so its column refers to neither table any more.
"""

import importlib

TABLES = {
    "code": (
        "code {text} primary key, name {text} not null, category {text} not null, kind {text} not null, "
        "tax_class {text} not null, proration {text} not null, suspended {text} not null, minimum_months {int} not null, "
        "leave_fee {int} not null, unit {text} not null, active {int} not null, created_at {int} not null"
    ),
    "bundle_part": (
        "bundle {text} not null, part {text} not null, weight {int} not null check (weight >= 0), primary key (bundle, part)"
    ),
    "price": (
        "id {int} primary key, code {text} not null references code(code), from_on {text} not null, end_on {text}, "
        "audience {text} not null, amount {int} not null, promo_amount {int}, promo_periods {int} not null, "
        "included {text} not null, tiers {text} not null, notice {int} not null, used {int} not null, created_at {int} not null"
    ),
    "tax_rate": (
        "id {int} primary key, tax_class {text} not null, from_on {text} not null, end_on {text}, name {text} not null, "
        "category {text} not null, percent {text} not null, ord {int} not null, compound {int} not null, "
        "reason {text} not null, created_at {int} not null"
    ),
    "book_setting": "name {text} primary key, value {text} not null",
    "billing_terms": "customer_id {int} primary key references customer(id), terms_day {int} not null, anchor {int} not null",
    "discount": (
        "id {int} primary key, customer_id {int} not null references customer(id), code {text} not null, kind {text} not null, "
        "value {text} not null, from_on {text} not null, end_on {text}, text {text} not null, created_at {int} not null"
    ),
    "exemption": (
        "id {int} primary key, customer_id {int} not null references customer(id), certificate {text} not null, "
        "from_on {text} not null, end_on {text}, created_at {int} not null"
    ),
    "service": (
        "id {int} primary key, uid {blob} not null, customer_id {int} not null references customer(id), "
        "start_on {text} not null, cycle {text} not null, anchor {int} not null, phase {int} not null, "
        "mode {text} not null, billed_through {text}, "
        "address {blob}, created_at {int} not null"
    ),
    "service_event": (
        "id {int} primary key, service_id {int} not null references service(id), customer_id {int} not null, "
        "on_date {text} not null, kind {text} not null, code {text} not null, quantity {text} not null, parts {text} not null, "
        "own_kind {text} not null, own_value {text} not null, until_on {text}, number {int} not null, policy {text} not null, "
        "reason {text} not null, operator {text} not null, recorded_at {int} not null, audit_seq {int} not null"
    ),
    "service_state": (
        "service_id {int} primary key, customer_id {int} not null, code {text} not null, quantity {text} not null, "
        "parts {text} not null, own_kind {text} not null, own_value {text} not null, own_reason {text} not null, "
        "plain {int} not null, terms_id {int} not null, terms_on {text} not null, status {text} not null, ends_on {text}, "
        "covered {text} not null, "
        "next_on {text}, check_on {text}"
    ),
    "charge": (
        "id {int} primary key, customer_id {int} not null references customer(id), service_id {int}, on_date {text} not null, "
        "kind {text} not null, code {text} not null, quantity {text} not null, amount {int}, text {text} not null, "
        "operator {text} not null, recorded_at {int} not null, audit_seq {int} not null"
    ),
    "pending_charge": "charge_id {int} primary key, customer_id {int} not null, on_date {text} not null",
    "billed": (
        "id {int} primary key, invoice_id {int} not null, customer_id {int} not null, service_id {int} not null, "
        "charge_id {int} not null, kind {text} not null, code {text} not null, first_on {text} not null, end_on {text}, "
        "terms_id {int} not null, again {int} not null, span_first {text} not null, charged {int} not null, tax {int} not null, "
        "tax_class {text} not null, price_id {int} not null, why {text} not null, audit_seq {int} not null"
    ),
    "invoice_tax": (
        "id {int} primary key, invoice_id {int} not null, position {int} not null, name {text} not null, "
        "category {text} not null, percent {text} not null, base {int} not null, tax {int} not null, reason {text} not null, "
        "audit_seq {int} not null"
    ),
    "credit_note": (
        "id {int} primary key, number {text} not null, customer_id {int} not null references customer(id), invoice_id {int}, "
        "bill_date {text} not null, issued_on {text} not null, total {int} not null check (total >= 0), tax {int} not null, "
        "reason {text} not null, operator {text} not null, recorded_at {int} not null, audit_seq {int} not null"
    ),
    "credit_line": (
        "id {int} primary key, credit_id {int} not null references credit_note(id), position {int} not null, line_id {int}, "
        "code {text} not null, kind {text} not null, text {text} not null, period_first {text}, period_end {text}, "
        "amount {int} not null, tax {int} not null, audit_seq {int} not null"
    ),
    "billing_run": (
        "id {int} primary key, number {text} not null, as_of {text} not null, kind {text} not null, state {text} not null, "
        "catch_up {text} not null, undoes {text} not null, started_at {int} not null, finished_at {int}, "
        "customers {int} not null, invoices {int} not null, credits {int} not null, lines {int} not null, "
        "net {int} not null, tax {int} not null, "
        "parked {int} not null, operator {text} not null"
    ),
    "parked": (
        "customer_id {int} primary key, as_of {text} not null, reason {text} not null, run {text} not null, at_us {int} not null"
    ),
    "draft_invoice": (
        "customer_id {int} not null, bill_date {text} not null, run {text} not null, posts_on {text} not null, "
        "net {int} not null, tax {int} not null, state {text} not null, primary key (customer_id, bill_date)"
    ),
}
INDEXES = {
    "price_code": "unique index {name} on price (code, from_on, audience)",
    "tax_rate_class": "unique index {name} on tax_rate (tax_class, from_on, ord)",
    "discount_customer": "index {name} on discount (customer_id)",
    "exemption_customer": "index {name} on exemption (customer_id)",
    "service_uid": "unique index {name} on service (uid)",
    "service_customer": "index {name} on service (customer_id)",
    "service_event_service": "index {name} on service_event (service_id)",
    "service_event_customer": "index {name} on service_event (customer_id)",
    "service_state_next": "index {name} on service_state (next_on, customer_id)",
    "service_state_check": "index {name} on service_state (check_on, customer_id)",
    "service_state_customer": "index {name} on service_state (customer_id)",
    "service_state_code": "index {name} on service_state (code, customer_id)",
    "charge_customer": "index {name} on charge (customer_id)",
    "pending_charge_customer": "index {name} on pending_charge (customer_id)",
    "pending_charge_date": "index {name} on pending_charge (on_date, customer_id)",
    "billed_once": "unique index {name} on billed (service_id, charge_id, kind, first_on, terms_id, again, code, span_first)",
    "invoice_tax_invoice": "index {name} on invoice_tax (invoice_id)",
    "credit_note_number": "unique index {name} on credit_note (number)",
    "credit_note_customer": "index {name} on credit_note (customer_id, issued_on)",
    "credit_note_invoice": "index {name} on credit_note (invoice_id)",
    "credit_line_credit": "index {name} on credit_line (credit_id)",
    "credit_line_line": "index {name} on credit_line (line_id)",
    "billing_run_number": "unique index {name} on billing_run (number)",
    "draft_invoice_posts": "index {name} on draft_invoice (posts_on)",
}
POSTED = {
    "service_event": ("id",), "charge": ("id",), "billed": ("id",), "invoice_tax": ("id",), "credit_note": ("id", "number"),
    "credit_line": ("id",),
}  # fmt: skip
OWN_INDEX = ("bundle_part", "book_setting", "draft_invoice")
_ALLOCATION = (
    "id {int} primary key, payment_id {int} not null, invoice_id {int} not null references invoice(id), "
    "customer_id {int} not null, amount {int} not null, on_date {text} not null, recorded_at {int} not null, "
    "audit_seq {int} not null"
)
_USED = "a price that an invoice used is never changed; add a row with a later date"


def up(migrator, db):
    """Make the tables."""
    sqlite = type(db).__name__ == "SqliteDatabase"
    kinds = (
        {"int": "integer", "text": "text", "blob": "blob"}
        if sqlite
        else {"int": "bigint", "text": 'text collate "C"', "blob": "bytea"}
    )
    for name, columns in TABLES.items():
        options = (" strict, without rowid" if name in OWN_INDEX else " strict") if sqlite else ""
        db.execute_sql(f"create table {name} ({columns.format(**kinds)}){options}")
    for name, index in INDEXES.items():
        db.execute_sql("create " + index.format(name=name))
    for series in ("credit", "run"):
        db.execute_sql(f"insert into number_series (name, next) values ('{series}', 1)")
    if sqlite:
        _free_allocation(db, kinds)
    else:
        db.execute_sql("alter table allocation drop constraint allocation_payment_id_fkey")
    guard(db)


def _free_allocation(db, kinds):
    """SQLite drops no constraint: the rows move to a table without it, as they are."""
    first = importlib.import_module("netbill_tui.db.migrations.0001_book")
    db.execute_sql(f"create table allocation_moved ({_ALLOCATION.format(**kinds)}) strict")
    db.execute_sql("insert into allocation_moved select * from allocation order by id")
    db.execute_sql("drop table allocation")
    db.execute_sql("alter table allocation_moved rename to allocation")
    for name, index in first.INDEXES.items():
        if " on allocation " in index:
            db.execute_sql("create " + index.format(name=name))
    _guard_sqlite(db, {"allocation": ("id",)})


def guard(db):
    """The triggers that keep posted rows and used prices as they are."""
    if type(db).__name__ == "SqliteDatabase":
        _guard_sqlite(db, POSTED)
        for event in ("update", "delete"):
            db.execute_sql(
                f"create trigger price_used_no_{event} before {event} on price when old.used = 1 "
                f"begin select raise(abort, '{_USED}'); end"
            )
        return
    guard_postgres(db, POSTED)
    db.execute_sql(
        "create function netbill_refuse_price() returns trigger language plpgsql set search_path = pg_catalog as "
        f"$$ begin raise exception '{_USED}'; end $$"
    )
    db.execute_sql(
        "create trigger price_used before update or delete on price for each row when (old.used = 1) "
        "execute function netbill_refuse_price()"
    )


def guard_postgres(db, posted):
    """The same on a server."""
    for table in posted:
        for event, each in (("update or delete", "row"), ("truncate", "statement")):
            name = f"{table}_no_{event.split()[0]}"
            db.execute_sql(f"create trigger {name} before {event} on {table} for each {each} execute function netbill_refuse()")


def _guard_sqlite(db, posted):
    for table, keys in posted.items():
        refuse = f"select raise(abort, 'posted rows of {table} are never changed')"
        same = " or ".join(f"{key} = new.{key}" for key in keys)
        db.execute_sql(f"create trigger {table}_no_update before update on {table} begin {refuse}; end")
        db.execute_sql(f"create trigger {table}_no_delete before delete on {table} begin {refuse}; end")
        db.execute_sql(
            f"create trigger {table}_no_replace before insert on {table} "
            f"when exists (select 1 from {table} where {same}) begin {refuse}; end"
        )
