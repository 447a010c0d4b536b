"""What verify reads of the book."""
