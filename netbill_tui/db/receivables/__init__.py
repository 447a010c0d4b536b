"""Invoices, credit notes, payments, disputes, balances."""
