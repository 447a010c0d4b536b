"""What documents of the past say stays as it was, and the tax of a line is that of the day on which it was supplied.

A document that was posted before an audit event has the name, the place and the seller that were in force then. What was taxed
before this migration was taxed by its bill date, and is given back so.
"""

TABLES = {
    "former_customer": (
        "id {int} primary key, customer_id {int} not null references customer(id), uid {blob} not null, "
        "until_seq {int} not null, "
        "name {text} not null, town {text} not null, postcode {text} not null, street {blob}"
    ),
    "former_setting": "id {int} primary key, name {text} not null, until_seq {int} not null, value {text} not null",
}
INDEXES = {
    "former_customer_customer": "index {name} on former_customer (customer_id, until_seq)",
    "former_setting_name": "index {name} on former_setting (name, until_seq)",
}


def up(migrator, db):
    """Make the tables, and keep up to which event lines were taxed by their bill dates."""
    sqlite = type(db).__name__ == "SqliteDatabase"
    kinds = (
        {"int": "integer", "text": "text", "blob": "blob"}
        if sqlite
        else {"int": "bigint", "text": 'text collate "C"', "blob": "bytea"}
    )
    for name, columns in TABLES.items():
        db.execute_sql(f"create table {name} ({columns.format(**kinds)}){' strict' if sqlite else ''}")
    for name, index in INDEXES.items():
        db.execute_sql("create " + index.format(name=name))
    db.execute_sql(
        "insert into keeping (name, value) select 'taxed_by_bill_date', cast(seq as text) from audit_head where seq > 0"
    )
