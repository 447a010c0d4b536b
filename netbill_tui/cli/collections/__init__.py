"""Commands of the day's work on what is overdue."""
