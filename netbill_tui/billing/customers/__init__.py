"""Records of customers and their contact data."""
