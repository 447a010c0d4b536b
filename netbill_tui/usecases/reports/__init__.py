"""Figures over all accounts."""
