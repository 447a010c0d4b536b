"""Dues, invoices, payments, receipts."""
