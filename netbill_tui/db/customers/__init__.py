"""Accounts, contacts, notes, tags."""
