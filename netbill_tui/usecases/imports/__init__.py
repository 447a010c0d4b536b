"""Files of others, read in."""
