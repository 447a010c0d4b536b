"""What operators gave back, on which day and of what: so that a limit holds for a day and for a document, by every road."""

import importlib

TABLE = (
    "id {int} primary key, operator {text} not null, on_date {text} not null, road {text} not null, object {text} not null, "
    "amount {int} not null, audit_seq {int} not null"
)
INDEXES = {
    "giving_operator": "index {name} on giving (operator, on_date)",
    "giving_object": "index {name} on giving (operator, object)",
}
POSTED = {"giving": ("id",)}


def up(migrator, db):
    """Make the table, and guard it like everything that is posted."""
    sqlite = type(db).__name__ == "SqliteDatabase"
    kinds = {"int": "integer", "text": "text"} if sqlite else {"int": "bigint", "text": 'text collate "C"'}
    db.execute_sql(f"create table giving ({TABLE.format(**kinds)}){' strict' if sqlite else ''}")
    for name, index in INDEXES.items():
        db.execute_sql("create " + index.format(name=name))
    third = importlib.import_module("netbill_tui.db.migrations.0003_billing")
    if sqlite:
        third._guard_sqlite(db, POSTED)
    else:
        third.guard_postgres(db, POSTED)
