"""How filters and searches are read."""
