"""Commands of demo books."""
