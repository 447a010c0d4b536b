"""Services, their events, what is agreed with customers."""
