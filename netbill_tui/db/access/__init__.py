"""Operators, grants, sittings, sealed cells."""
