"""Use cases: one function for each thing that an operator or the clock can do. They own the transaction."""
