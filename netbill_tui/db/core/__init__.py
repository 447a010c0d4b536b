"""Engines, transactions, tables, paging: what every statement stands on."""
