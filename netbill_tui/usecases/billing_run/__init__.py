"""The run: planned, previewed, issued, undone."""
