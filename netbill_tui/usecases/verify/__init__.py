"""Whether the book is sound, and the installation that keeps it."""
