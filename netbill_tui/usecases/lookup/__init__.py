"""Search, lists, filters, saved views."""
