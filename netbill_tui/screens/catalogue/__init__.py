"""Billing codes, tax rates, rules."""
