"""Search, lists, filters, views."""
