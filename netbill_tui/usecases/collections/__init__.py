"""The day's work on what is overdue."""
