"""The outside world: files of others. What they hold is hostile until it was read here."""
