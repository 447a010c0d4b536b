"""Small modals that return a typed value or None."""
