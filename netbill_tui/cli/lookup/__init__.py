"""Commands that search, and saved views."""
