"""What customers take: added, changed, paused, ended; charges and discounts."""
