"""Invoices, credit notes, payments, credit, disputes, what is due."""
