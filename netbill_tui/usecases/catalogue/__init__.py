"""Billing codes, prices, tax rates, the rules of the book."""
