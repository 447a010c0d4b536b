"""From what is missing to an invoice."""
