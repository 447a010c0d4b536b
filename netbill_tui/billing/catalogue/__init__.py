"""Codes, prices, taxes."""
