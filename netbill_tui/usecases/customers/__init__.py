"""Accounts, their data and contacts, notes, tags."""
