"""Commands that make, back up and restore a book."""
