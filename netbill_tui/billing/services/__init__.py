"""Services in time, and what is missing of them."""
