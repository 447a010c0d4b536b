"""Books that are made whole."""
