"""Accounts and their data."""
