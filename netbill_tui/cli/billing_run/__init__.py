"""Commands of the run."""
