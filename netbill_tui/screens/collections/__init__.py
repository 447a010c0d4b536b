"""The work on what is overdue."""
