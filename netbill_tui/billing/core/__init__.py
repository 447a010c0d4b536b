"""Money, dates, cycles, the clock."""
