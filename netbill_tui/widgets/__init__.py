"""Reusable widgets; they know no service, and show every text as plain text."""
