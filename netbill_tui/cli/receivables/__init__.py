"""Commands of invoices, credit notes, payments, disputes, dues."""
