"""Commands that look whether all is sound."""
