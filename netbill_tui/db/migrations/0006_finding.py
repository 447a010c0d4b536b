"""Find looks for invoices and credit notes by what they come to and by the day on which they were issued."""

INDEXES = {
    "invoice_total": "index {name} on invoice (total)",
    "invoice_issued": "index {name} on invoice (issued_on)",
    "credit_note_total": "index {name} on credit_note (total)",
    "credit_note_issued": "index {name} on credit_note (issued_on)",
}


def up(migrator, db):
    """Make the indexes."""
    for name, index in INDEXES.items():
        db.execute_sql("create " + index.format(name=name))
