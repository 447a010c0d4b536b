"""Find looks for invoices by their bill date, as it is printed on them."""

INDEXES = {"invoice_bill_date": "index {name} on invoice (bill_date)"}


def up(migrator, db):
    """Make the index."""
    for name, index in INDEXES.items():
        db.execute_sql("create " + index.format(name=name))
