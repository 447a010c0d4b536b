"""Imports as they were run."""
