"""Tags, saved views, an operator's preferences, half-filled forms, pinned notes, and numbers for new accounts.

None of these is a posting: they change in place, and only what an operator would be asked about has an audit event.
"""

TABLES = {
    "customer_tag": "tag {text} not null, customer_id {int} not null references customer(id), primary key (tag, customer_id)",
    "saved_view": (
        "id {int} primary key, list {text} not null, name {text} not null, owner {text} not null, digit {int}, "
        "words {text} not null, columns {text} not null"
    ),
    "preference": "operator {text} not null, name {text} not null, value {text} not null, primary key (operator, name)",
    "draft": (
        "uid {blob} primary key, operator {text} not null, kind {text} not null, title {text} not null, "
        "changed_at {int} not null, body {blob} not null, secret {blob}"
    ),
    "note_pin": "note_id {int} primary key, customer_id {int} not null references customer(id)",
}
INDEXES = {
    "customer_tag_customer": "index {name} on customer_tag (customer_id)",
    "saved_view_name": "unique index {name} on saved_view (list, name, owner)",
    "draft_operator": "index {name} on draft (operator)",
    "note_pin_customer": "index {name} on note_pin (customer_id)",
    "payment_received": "index {name} on payment (received_on, id, amount)",
    "payment_method": "index {name} on payment (method, received_on, id, amount)",
    "customer_total_overdue": "index {name} on customer_total (overdue desc, account)",
    "open_item_disputed": "index {name} on open_item (disputed, customer_id)",
}
OWN_INDEX = ("customer_tag", "preference", "draft")


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
    # The sum of a span is read from the index alone.
    db.execute_sql("drop index payment_received")
    # Most owed first, then by account number: with the directions of the index none is sorted.
    db.execute_sql("drop index customer_total_overdue")
    for name, index in INDEXES.items():
        db.execute_sql("create " + index.format(name=name))
    db.execute_sql("insert into number_series (name, next) values ('account', 10001)")
