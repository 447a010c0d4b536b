"""What is done to services, and what else is billed."""
