"""A book that nobody's money is in."""
