"""A whole book, copied."""
