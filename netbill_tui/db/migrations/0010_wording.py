"""What a document says beside its lines and taxes is stored with it when it is posted; a customer has a language for them."""

import importlib

TABLES = {
    "document_wording": "id {int} primary key, body {text} not null, audit_seq {int} not null",
    "picture": "id {int} primary key, content {blob} not null, audit_seq {int} not null",
    "customer_language": "customer_id {int} primary key references customer(id), language {text} not null",
}
POSTED = {"document_wording": ("id",), "picture": ("id",)}


def up(migrator, db):
    """Make the tables, and guard what is posted. Documents of before have no wording: they are gathered as they always were."""
    sqlite = type(db).__name__ == "SqliteDatabase"
    kinds = {"int": "integer", "text": "text", "blob": "blob"}
    if not sqlite:
        kinds = {"int": "bigint", "text": 'text collate "C"', "blob": "bytea"}
    for name, columns in TABLES.items():
        db.execute_sql(f"create table {name} ({columns.format(**kinds)}){' strict' if sqlite else ''}")
    third = importlib.import_module("netbill_tui.db.migrations.0003_billing")
    if sqlite:
        third._guard_sqlite(db, POSTED)
    else:
        third.guard_postgres(db, POSTED)
