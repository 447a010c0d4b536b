"""Commands of accounts, notes, tags."""
