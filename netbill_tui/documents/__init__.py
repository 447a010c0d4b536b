"""Documents as 80-column text."""
