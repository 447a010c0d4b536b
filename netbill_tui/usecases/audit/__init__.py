"""The trail of what was done, and what leaves the book."""
