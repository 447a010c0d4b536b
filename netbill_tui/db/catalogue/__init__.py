"""Codes, prices, rates as they stand in the book."""
