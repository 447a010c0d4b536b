"""Runs, and whom they look at."""
