"""Signed operators and keys, activation codes, counted sign-ins, sessions, approvals, checkpoints, versions of records.

Signatures need the administration key, and versions an audit event: `netbill init --upgrade` makes them behind this migration.
"""

import importlib

TABLES = {
    "sign_in_try": (
        "operator_uid {blob} primary key, failed {int} not null, pending {int} not null, at_us {int} not null, "
        "boot {text} not null, boot_us {int} not null"
    ),
    "work_session": (
        "id {text} primary key, operator_id {int} not null, kind {text} not null, host {text} not null, pid {int} not null, "
        "boot {text} not null, started_us {int} not null, ended_us {int}, why {text} not null"
    ),
    "approval": (
        "id {int} primary key, kind {text} not null, object {text} not null, amount {int} not null, reason {text} not null, "
        "request {text} not null, asked_by {text} not null, asked_us {int} not null, state {text} not null, "
        "answered_by {text} not null, answered_us {int}, result {text} not null"
    ),
    "keeping": "name {text} primary key, value {text} not null",
    "record_version": (
        "id {int} primary key, kind {text} not null, record_id {int} not null, digest {blob} not null, audit_seq {int} not null"
    ),
}
COLUMNS = (
    ("operator", "limit_minor", "{int}"),
    ("operator", "signature", "{blob}"),
    ("operator", "code_until", "{int}"),
    ("compartment_key", "signature", "{blob}"),
)
INDEXES = {
    "work_session_operator": "index {name} on work_session (operator_id)",
    "work_session_ended": "index {name} on work_session (ended_us)",
    "approval_state": "index {name} on approval (state)",
    "record_version_record": "index {name} on record_version (kind, record_id, id)",
}
POSTED = {"record_version": ("id",)}
OWN_INDEX = ("sign_in_try", "work_session", "keeping")


def up(migrator, db):
    """Make the tables and columns."""
    sqlite = type(db).__name__ == "SqliteDatabase"
    kinds = (
        {"int": "integer", "text": "text", "blob": "blob"}
        if sqlite
        else {"int": "bigint", "text": 'text collate "C"', "blob": "bytea"}
    )
    for name, columns in TABLES.items():
        options = (" strict, without rowid" if name in OWN_INDEX else " strict") if sqlite else ""
        db.execute_sql(f"create table {name} ({columns.format(**kinds)}){options}")
    for table, column, kind in COLUMNS:
        db.execute_sql(f"alter table {table} add column {column} {kind.format(**kinds)}")
    for name, index in INDEXES.items():
        db.execute_sql("create " + index.format(name=name))
    db.execute_sql("insert into keeping (name, value) values ('key_epoch', '1')")
    # A book that has operators already is not upgraded before they are signed: until then nothing else opens it.
    db.execute_sql("insert into keeping (name, value) select 'upgrade', 'sign' from book")
    third = importlib.import_module("netbill_tui.db.migrations.0003_billing")
    if sqlite:
        third._guard_sqlite(db, POSTED)
    else:
        third.guard_postgres(db, POSTED)
