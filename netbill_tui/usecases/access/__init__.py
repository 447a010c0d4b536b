"""Operators, signing in, sittings, keys, limits and approvals."""
