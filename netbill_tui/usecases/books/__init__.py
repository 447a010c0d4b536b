"""Making, upgrading, backing up and restoring a book."""
